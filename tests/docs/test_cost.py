"""The tables of docs/cost.md are what the model says."""

from __future__ import annotations

import re

import yaml

from tools import paths
from tools.sizing import amounts, model, prices, sizing, text, usage
from tools.sizing.settings import TableSettings
from tools.sizing.usage import Lake, Usage, Workload

PAGE = (paths.REPOSITORY / "docs" / "cost.md").read_text(encoding="utf-8")
PRICES = prices.of_region("us-east-1")
LAKE = Lake(kept_months=12, copies=0, athena_gb=10, glue_dpu_hours=0, export_gb=0, replicated=False)


def rows(heading):
    section = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    found = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)[1:]
    return [tuple(cell.strip("* ") for cell in row.split(" | ")) for row in found if not row.startswith("---")]


def size(tables):
    return sizing.size(Usage(tables, LAKE), PRICES, {})


def test_twenty_small_tables_cost_what_the_page_says():
    small = Workload(writes_per_second=10 / 60, item_bytes=1000, update_share=0.5, peak_over_mean=10, table_gb=1)
    found = size({f"t{number}": small for number in range(20)})
    parts = [
        (row.name, *(amounts.usd(amounts.product(usd, 20)) for usd in (row.given, row.advised)))
        for row in found.tables[0].rows
        if not row.is_yours
    ]
    shared = amounts.usd(found.shared_usd)

    assert found.unknown == []
    assert rows("Twenty small tables") == [
        *parts,
        ("shared by all tables", shared, shared),
        ("together", amounts.usd(found.given_usd), amounts.usd(found.advised_usd)),
    ]


def test_other_ways_cost_what_the_page_says():
    for row in rows("When another way is cheaper"):
        rate = float(row[0].replace(",", ""))
        workload = Workload(writes_per_second=rate, item_bytes=1000, update_share=0.5, peak_over_mean=5, table_gb=1)
        (table,) = size({"t": workload}).tables
        hourly, _, function, zero_etl = table.ways
        assert row[1:] == (
            amounts.usd(table.advised_usd),
            amounts.usd(hourly.usd),
            amounts.usd(function.usd),
            f"{table.advice.break_even_shards} shards",
        )
        assert not table.advice.settings.on_demand
        assert zero_etl.usd is None


def test_the_page_names_every_part_and_the_example_is_what_the_command_says():
    named = {row[0] for row in rows("How it is counted")} | {row[0] for row in rows("Twenty small tables")}
    parts = model.table_parts(Workload(), TableSettings(), PRICES)
    assert {part.name for part in parts} <= named

    told = Workload(writes_per_second=12, item_bytes=900, update_share=0.7, peak_over_mean=5)
    printed = list(text.lines(size({"table": told})))
    example = re.search(r"```text\n(.+?)```", PAGE, re.DOTALL)[1].splitlines()
    assert [line for line in example if line not in printed] == []


def test_the_usage_file_of_the_page_is_one_and_has_every_member(tmp_path):
    block = re.search(r"```yaml\n(.+?)```", PAGE, re.DOTALL)[1]
    (tmp_path / "usage.yaml").write_text(block)
    raw = yaml.safe_load(block)

    assert usage.read(tmp_path / "usage.yaml").tables["orders"].peak_over_mean == 5
    assert raw["tables"]["orders"].keys() == set(Workload.__struct_fields__)
    assert raw["lake"].keys() == set(Lake.__struct_fields__)


def test_fewer_shards_save_what_the_page_says():
    ten, one = (model.stream_hours(TableSettings(shards=number), PRICES) for number in (10, 1))

    saved = amounts.usd(ten - one)
    assert f"saves {saved} USD a month for each table" in " ".join(PAGE.split())
    assert f"one shard, {saved} USD a month less" in (paths.REPOSITORY / "Makefile").read_text()

"""A whole sizing, and how it is laid out."""

from __future__ import annotations

import html
import json
import re
from decimal import Decimal

import pytest
from click.testing import CliRunner

from tools import size
from tools.cli import command
from tools.sizing import page, prices, sizing, text
from tools.sizing.settings import TableSettings
from tools.sizing.usage import Lake, Usage, Workload
from tools.terraform import hcl

PRICES = prices.of_region("us-east-1")
QUIET = Workload(writes_per_second=0.2, item_bytes=1000, update_share=0.5, peak_over_mean=10, table_gb=1)
HOSTILE = "<script>alert(1)</script>"


def of(tables, lake=Lake(kept_months=1, copies=0, replicated=False), given=None):  # noqa: B008  # it is frozen
    return sizing.size(Usage(tables, lake), PRICES, given or {})


def test_sums_leave_out_what_is_yours_and_name_what_is_not_known():
    found = of({"a": QUIET, "b": Workload(table_gb=3)}, given={"b": TableSettings(shards=1, existing=True)})
    first, second = found.tables

    assert first.unknown == []
    assert "point-in-time recovery" not in second.unknown
    assert {"delivery", "function", "objects written"} <= set(second.unknown)
    assert second.given_usd == Decimal("10.95") + Decimal("2.40")
    assert found.given_usd == first.given_usd + second.given_usd + found.shared_usd
    assert found.advised_usd < found.given_usd


def test_the_text_has_a_line_for_each_part_and_says_unknown():
    printed = "\n".join(text.lines(of({"orders": QUIET, "b": Workload()})))

    assert "advised: 1 shard, 24 h, objects of 1 MiB or 120 s" in printed
    assert re.search(r"stream, by the hour +109\.50 +10\.95", printed)
    assert re.search(r"delivery +unknown +unknown", printed)
    assert "on demand is cheaper from 3 shards on" in printed
    # 5 ms, and 40 ms of a processor for 1 MB, of which 1,024 MB have 1,024 / 1,769.
    assert "with 1,024 MB of memory, takes about 0.07 s; it is called 5 times at once at most" in printed


def test_the_page_has_bars_and_curves_needs_nothing_from_elsewhere_and_runs_nothing():
    found = of({HOSTILE: QUIET})
    written = page.page(HOSTILE, found, PRICES)

    assert "<script" not in written
    assert html.escape(HOSTILE) in written
    assert not re.search(r"(?:src|href)\s*=|url\(|@import", written)
    assert written.count("<svg") == 1 + len(page.bars(found.tables[0]))
    for curve in page.curves(found.tables[0], PRICES):
        heights = [int(point.split(",")[1]) for point in re.findall(r"\d+,\d+", curve.path)]
        assert heights == sorted(heights, reverse=True), curve.name
        assert len(heights) == len(page.RATES)


def test_without_a_peak_there_is_no_curve_of_shards():
    found = of({"a": Workload(writes_per_second=1, item_bytes=10, update_share=0)})

    assert [curve.name for curve in page.curves(found.tables[0], PRICES)] == [
        "on demand",
        "incremental export each hour",
    ]


# The command.


def printed(*arguments):
    result = CliRunner().invoke(size.main, [str(each) for each in arguments], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.output


TOLD = ("--writes", "0.2", "--item-bytes", "1000", "--update-share", "0.5", "--peak", "10")


def test_json_has_amounts_as_text_and_null_for_what_is_not_known():
    found = json.loads(printed(*TOLD, "--table", "orders", "--json"))
    parts = {part["part"]: part["given"] for part in found["tables"]["orders"]["parts"]}

    assert Decimal(parts["stream, by the hour"]) == Decimal("109.50")
    assert parts["objects stored"] is None
    assert found["tables"]["orders"]["settings"]["stream"] == {"shards": 1, "retention_hours": 24}


@pytest.mark.parametrize("name", ["size.tfvars", "size.tfvars.json"])
def test_advised_settings_go_into_those_that_are_there(tmp_path, name):
    base = tmp_path / "base.tfvars"
    base.write_text(
        'tables = {\n orders = { key = { hash_key = "c" }, rules = { card = { as = "drop" } }, '
        'stream = { mode = "ON_DEMAND", name = "s" } }\n other = { before = true }\n}\n'
    )
    printed(*TOLD, "--table", "orders", "--var-file", base, "--write", tmp_path / name)
    written = (tmp_path / name).read_text()
    tables = json.loads(written)["tables"] if name.endswith("json") else hcl.parse(written).values["tables"]

    assert tables == {
        "orders": {
            "key": {"hash_key": "c"},
            "rules": {"card": {"as": "drop"}},
            "stream": {"name": "s", "shards": 1, "retention_hours": 24},
            "delivery": {"buffering_mib": 1},
        },
        "other": {"before": True},
    }


def test_usage_that_is_written_is_usage_that_is_read(tmp_path):
    file = tmp_path / "usage.yaml"
    printed(*TOLD, "--table", "orders", "--write-usage", file)

    assert "109.50" in printed("--usage", file)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "tell how a table is used"),
        (("--from-table",), "ENV and --from-table go together"),
        (("single-account", *TOLD), "ENV and --from-table go together"),
        ((*TOLD, "--usage", "u.yaml"), "--usage describes the tables"),
        (("--writes", "-1"), "writes_per_second"),
        ((*TOLD, "--html", "no/page.html"), "there is no folder"),
        ((*TOLD, "--write", "size.txt"), r"must end in \.tfvars"),
        ((*TOLD, "--var-file", "none.tfvars"), "does not exist"),
    ],
)
def test_what_cannot_be_is_a_usage_error(arguments, says, capsys):
    assert command.outcome(lambda: printed(*arguments), "size") == 2
    assert re.search(says, capsys.readouterr().err)

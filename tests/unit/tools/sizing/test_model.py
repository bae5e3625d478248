"""Costs by part, against figures worked out by hand from AWS's pricing pages, and what holds for any usage."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.sizing import model, prices
from tools.sizing.settings import FunctionSettings, TableSettings
from tools.sizing.usage import Lake, Workload

PRICES = prices.of_region("us-east-1")
NO_PRICES = prices.of_region("eu-moon-1")
WITHIN = Decimal("0.005")

# Worked out on paper, in US dollars a month of 2,628,000 s, with the prices of us-east-1. A record has 400 bytes and
# 1.5 times the item for each image, a line 250 bytes and 1.5 times the item, 17 % of which is stored. GB are of 2^30
# bytes.
#
# quiet: 10 writes a minute = 438,000 a month, 1,000 bytes, half of them updates: records of 1,900 and 3,400 bytes,
#   2,650 on average, 1.0810 GB. Firehose: 438,000 x 5,120 bytes = 2.0885 GB. A line has 1,750 bytes.
# steady: 100 a second = 262,800,000, 500 bytes, all inserts: records of 1,150 bytes, 281.46 GB. Firehose: 1,253.13 GB.
# large: 20 a second = 52,560,000, 20,000 bytes, all updates: records of 60,400 bytes, 2,956.6 GB; 12 steps of 5 KB are
#   61,440 bytes, 3,007.5 GB; 3 steps of 25 KB.
# demand: 1 a second = 2,628,000, 2,000 bytes, no updates: records of 3,400 bytes; 4 steps of 1 KB, 10.0250 GB.
# kept: as quiet, kept 168 hours. long: 1 a second, 2,000 bytes, 3,400 byte records, 8.3215 GB a month, kept 720 hours.
HAND = {
    "quiet": (
        Workload(writes_per_second=10 / 60, item_bytes=1000, update_share=0.5, table_gb=2),
        TableSettings(),
        {
            "table writes": "0.27",  # 438,000 x 0.625 / 1,000,000
            "changes captured": "0.0438",  # 438,000 x 0.10 / 1,000,000
            "stream, by the hour": "109.50",  # 10 x 730 x 0.015
            "stream, by its data": "0.0061",  # 438,000 x 0.014 / 1,000,000
            "delivery": "0.0606",  # 2.0885 x 0.029
            "objects written": "0.1095",  # one in 120 s, 21,900 x 0.005 / 1,000
            "objects stored": "0.0335",  # 438,000 x 1,750 x 0.17 = 0.12136 GB a month, x 12 x 0.023
            "logs and metrics": "2.45",  # 8 x 0.30; 43,800 calls x 1,500 bytes = 0.0612 GB x (0.50 + 12 x 0.03)
            "alarms": "2.40",  # 19 x 0.10 + 0.50
            "point-in-time recovery": "0.40",
            "replica": "0",
        },
    ),
    "steady": (
        Workload(writes_per_second=100, item_bytes=500, update_share=0),
        TableSettings(shards=1),
        {
            "table writes": "164.25",
            "changes captured": "26.28",
            "stream, by the hour": "10.95",
            "stream, by its data": "3.6792",  # 262.8 M x 0.014
            "delivery": "36.3407",  # 1,253.13 x 0.029
            # 281.46 GB = 288,217 MB x 0.04 s x 1,769 / 1,024 = 19,916 GB-s; calls as many as MB, 288,217 x 0.005 s
            # x 1 GB = 1,441 GB-s; (19,916 + 1,441) x 0.0000133334 + 0.288217 x 0.20
            "function": "0.3424",
            "objects written": "1.2532",  # 262.8 M x 1,000 bytes / 1 MiB = 250,626 x 0.005 / 1,000
            "point-in-time recovery": None,
        },
    ),
    "large": (
        Workload(writes_per_second=20, item_bytes=20_000, update_share=1),
        TableSettings(shards=2),
        {
            "table writes": "657.00",  # 20 units each: 1,051.2 M x 0.625
            "changes captured": "105.12",
            "stream, by the hour": "21.90",
            "stream, by its data": "2.2075",  # 157.68 M x 0.014
            "delivery": "87.2178",  # 3,007.51 x 0.029
        },
    ),
    "demand": (
        Workload(writes_per_second=1, item_bytes=2000, update_share=0),
        TableSettings(on_demand=True),
        {
            "stream, by the hour": "29.20",  # 730 x 0.04
            "stream, by its data": "1.2030",  # 10.025 x (0.08 + 0.04)
            "changes captured": "0.5256",  # 2 units each
        },
    ),
    "kept": (
        Workload(writes_per_second=10 / 60, item_bytes=1000, update_share=0.5),
        TableSettings(shards=1, retention_hours=168),
        {
            "stream, by the hour": "25.55",  # 730 x (0.015 + 0.02)
            "stream, by its data": "0.0061",
        },
    ),
    "long": (
        Workload(writes_per_second=1, item_bytes=2000, update_share=0),
        TableSettings(on_demand=True, retention_hours=720),
        {
            # 1.2030; 8.3215 / 730 GB an hour x 144 h x 0.10 = 0.1641; x 552 h x 0.023 = 0.1447
            "stream, by its data": "1.5119",
        },
    ),
}
LAKE = Lake(kept_months=12, copies=0, replicated=False)


def parts(workload, settings, priced=PRICES, lake=LAKE):
    return {part.name: part.usd for part in model.table_parts(workload, settings, priced, lake=lake)}


@pytest.mark.parametrize("name", HAND)
def test_each_part_costs_what_the_pricing_pages_say(name):
    workload, settings, by_hand = HAND[name]
    found = parts(workload, settings)

    for part, usd in by_hand.items():
        if usd is None:
            assert found[part] is None, part
        else:
            assert abs(found[part] - Decimal(usd)) < WITHIN, (part, found[part])


def test_what_tables_share_costs_what_the_pricing_pages_say():
    lake = Lake(athena_gb=100, glue_dpu_hours=2, export_gb=3)
    found = {part.name: part.usd for part in model.shared_parts(lake, PRICES)}

    assert found == {
        "key": Decimal("1.00"),
        "dashboard and shared alarms": Decimal("3.30"),
        "table exports": Decimal("0.30"),
        "queries in Athena": Decimal("0.48828125"),  # 100 / 1,024 x 5
        "crawlers and jobs of Glue": Decimal("0.88"),
    }


@pytest.mark.parametrize(("record_bytes", "billed"), [(1, 5120), (5120, 5120), (5121, 10_240), (1_048_576, 1_049_600)])
def test_firehose_counts_each_record_in_steps_of_5_kb(record_bytes, billed):
    found = parts(Workload(writes_per_second=1, record_bytes=record_bytes), TableSettings())

    assert found["delivery"] == Decimal(2_628_000) * billed / 2**30 * Decimal("0.029")


def test_a_function_with_less_memory_takes_longer_and_costs_no_less_for_its_data():
    workload = Workload(writes_per_second=1000, record_bytes=5000)

    def cost(memory_mb):
        function = FunctionSettings(memory_mb, "x86_64")
        return {
            part.name: part.usd for part in model.table_parts(workload, TableSettings(), PRICES, function=function)
        }["function"]

    assert cost(512) < cost(1024) < cost(1769) < cost(3538)
    assert cost(1769) < cost(512) * 2


amounts = st.none() | st.floats(0, 1000)
workloads = st.builds(
    Workload,
    writes_per_second=amounts,
    item_bytes=st.none() | st.floats(1, 400_000),
    update_share=st.none() | st.floats(0, 1),
    record_bytes=st.none() | st.floats(1, 1_000_000),
    table_gb=amounts,
)
settings = st.builds(
    TableSettings, on_demand=st.booleans(), shards=st.integers(1, 50), retention_hours=st.integers(24, 8760)
)


@given(workloads, settings, st.floats(1, 10))
def test_more_writes_never_cost_less(workload, table, more):
    if workload.writes_per_second is None:
        return
    values = {name: getattr(workload, name) for name in workload.__struct_fields__}
    busier = Workload(**values | {"writes_per_second": workload.writes_per_second * more})
    before, after = parts(workload, table), parts(busier, table)

    assert all(before[name] is None or before[name] <= after[name] for name in before)
    assert {name for name in before if before[name] is None} == {name for name in after if after[name] is None}


@given(workloads, settings)
def test_what_is_not_known_of_the_usage_is_unknown_in_the_cost_and_never_zero(workload, table):
    found = parts(workload, table, lake=Lake())
    fixed = {"stream, by the hour", "alarms"}

    if workload.writes_per_second is None:
        assert all(usd is None for name, usd in found.items() if name not in (*fixed, "point-in-time recovery"))
    if workload.record_bytes is None and None in (workload.item_bytes, workload.update_share):
        assert found["delivery"] is found["function"] is found["stream, by its data"] is None
    assert (found["point-in-time recovery"] is None) == (workload.table_gb is None)
    assert found["replica"] is found["objects stored"] is None
    assert all(found[name] is not None for name in fixed)


@given(workloads, settings)
def test_a_region_without_prices_makes_every_cost_unknown(workload, table):
    found = parts(workload, table, NO_PRICES)

    assert {name for name, usd in found.items() if usd is not None} == {"replica"}

"""The advised settings take the peak, for the least; figures are worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.sizing import advice, prices, volumes
from tools.sizing.settings import TableSettings
from tools.sizing.usage import Workload

PRICES = prices.of_region("us-east-1")
TEN = TableSettings()


def advise(given=TEN, priced=PRICES, **workload):
    return advice.advise(Workload(**workload), given, priced)


@pytest.mark.parametrize(
    ("writes", "record_bytes", "peak", "shards"),
    [
        (0.2, 1000, 10, 1),
        (100, 100, 8, 1),  # 800 records a second, with a quarter more 1,000
        (100, 100, 8.1, 2),
        (10, 83_886, 1, 1),  # 838,860 bytes a second, with a quarter more just below 1 MiB
        (10, 83_887, 1, 2),
        (1000, 4096, 3, 15),  # 3 x 1.25 x 4,096,000 / 1,048,576 = 14.6
    ],
)
def test_shards_take_the_peak_with_a_quarter_to_spare(writes, record_bytes, peak, shards):
    found = advise(writes_per_second=writes, record_bytes=record_bytes, peak_over_mean=peak)

    assert found.shards == shards


def test_ten_idle_shards_become_one():
    found = advise(writes_per_second=10 / 60, item_bytes=1000, update_share=0.5, peak_over_mean=10)

    assert (found.settings.on_demand, found.settings.shards) == (False, 1)
    # 29.20 on demand is more than two shards (21.90), and less than three (32.85).
    assert found.break_even_shards == 3


def test_a_quiet_table_with_a_high_peak_is_on_demand():
    found = advise(writes_per_second=1, record_bytes=1000, peak_over_mean=5000)

    assert found.shards == 7
    assert found.settings.on_demand
    # The third shard is needed from 2,000 records a second on, of which a quarter is kept free.
    assert found.break_even_peak == pytest.approx(1600)


def test_without_a_peak_nobody_says_how_many_shards_are_enough():
    found = advise(writes_per_second=1, item_bytes=1000, update_share=0.5)

    assert (found.shards, found.settings.on_demand) == (None, True)
    assert "nobody can say" in found.reasons[0]
    assert found.settings.object_mib == TEN.object_mib


def test_without_prices_shards_are_counted_and_modes_not_compared():
    found = advise(priced=prices.of_region("eu-moon-1"), writes_per_second=1, record_bytes=9, peak_over_mean=9)

    assert (found.settings.on_demand, found.settings.shards, found.break_even_shards) == (False, 1, None)
    assert "not known without prices" in found.reasons[0]


@pytest.mark.parametrize(("outage", "hours"), [(None, 48), (10, 24), (72, 72), (72.5, 73)])
def test_retention_lasts_as_long_as_an_outage_may(outage, hours):
    found = advise(TableSettings(retention_hours=48), writes_per_second=1, outage_hours=outage)

    assert found.settings.retention_hours == hours


@pytest.mark.parametrize(("item_bytes", "mib"), [(100, 1), (10_000, 9), (400_000, 128)])
def test_the_buffer_holds_what_the_peak_brings_while_it_waits(item_bytes, mib):
    found = advise(writes_per_second=1, peak_over_mean=5, item_bytes=item_bytes, update_share=0)

    # 5 lines a second for 120 s, of 250 bytes and 1.5 times the item: 10,000 bytes come to 8.7 MiB.
    assert found.settings.object_mib == mib


@given(st.floats(0.01, 10_000), st.floats(100, 100_000), st.floats(1, 100))
def test_the_advice_costs_no_more_than_the_other_mode_or_another_shard(writes, record_bytes, peak):
    workload = Workload(writes_per_second=writes, record_bytes=record_bytes, peak_over_mean=peak)
    found = advice.advise(workload, TEN, PRICES)
    volume = volumes.of_workload(workload)

    def cost(settings):
        return advice.stream_cost(volume, settings, PRICES)

    advised = cost(found.settings)
    assert advised <= cost(TableSettings(on_demand=True))
    assert advised <= cost(TableSettings(shards=found.shards))
    if found.settings.on_demand:
        assert found.shards >= found.break_even_shards
    else:
        assert found.settings.shards == found.shards <= found.break_even_shards


def test_more_writes_never_need_fewer_shards():
    needed = [
        advise(writes_per_second=rate, record_bytes=3000, peak_over_mean=4).shards for rate in (0, 1, 10, 100, 1000)
    ]

    assert needed == sorted(needed)
    assert needed[0] == 1


def test_an_object_is_as_large_as_what_comes_in_while_it_waits():
    found = advise(writes_per_second=1, item_bytes=500, update_share=0, peak_over_mean=1)

    assert found.object_kib == pytest.approx(Decimal(120 * 1000 * 0.17 / 1024))

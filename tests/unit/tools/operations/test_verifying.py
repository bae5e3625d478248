from __future__ import annotations

from tools.operations import verifying


def test_verify_looks_at_the_last_day_of_a_lake_and_not_at_all_its_years():
    first = verifying.first_key("data/t/", 1_769_854_830_000_000)

    assert first == "data/t/dt=2026-01-30/"
    assert "data/t/dt=2026-01-29/hour=23/x.gz" < first < "data/t/dt=2026-01-30/hour=00/x.gz"

from __future__ import annotations

import pytest

from tools.localaws.emulator.export_times import SHORTEST_WINDOW_VARIABLE, RefusedError, text, times

SINCE, NOW = 1_000_000_000_000_000, 1_000_100_000_000_000
"""A hundred thousand seconds apart."""


def asked(**request):
    return times(request, SINCE, NOW)


def window(start, end=None):
    specification = {"ExportFromTime": start, **({} if end is None else {"ExportToTime": end})}
    return {"ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": specification}


def test_an_export_is_of_now_or_of_a_time_within_the_recovery_period():
    assert asked() == {"ExportTime": NOW / 1e6}
    assert asked(ExportTime=1_000_050_000.5) == {"ExportTime": 1_000_050_000.5}
    # Told in whole seconds, it may be a fraction before the start.
    assert times({"ExportTime": 1_000_000_000}, SINCE + 400_000, NOW) == {"ExportTime": 1_000_000_000.4}


@pytest.mark.parametrize("at", [999_999_998, 1_000_100_001])
def test_a_time_that_cannot_be_known_is_refused_and_the_period_told(at):
    with pytest.raises(RefusedError) as refused:
        asked(ExportTime=at)
    assert refused.value.args[0] == "InvalidExportTimeException"
    assert text(SINCE) in refused.value.args[1]


def test_a_window_is_a_quarter_of_an_hour_to_a_day_long():
    for end in (1_000_000_900, 1_000_086_400):
        found = asked(**window(1_000_000_000, end))["IncrementalExportSpecification"]
        assert (found["ExportToTime"], found["ExportViewType"]) == (end, "NEW_AND_OLD_IMAGES")
    for end in (1_000_000_899, 1_000_086_401):
        with pytest.raises(RefusedError, match="900 seconds to 24 hours"):
            asked(**window(1_000_000_000, end))


@pytest.mark.parametrize(("start", "end"), [(999_990_000, 1_000_000_000), (1_000_099_000, 1_000_100_900), (5, 1)])
def test_a_window_outside_the_recovery_period_is_refused(start, end):
    with pytest.raises(RefusedError, match="The window is not within"):
        asked(**window(start, end))


def test_a_window_ends_now_unless_it_says_when():
    found = asked(**window(1_000_050_000))["IncrementalExportSpecification"]
    assert found["ExportToTime"] == NOW / 1e6


def test_the_shortest_window_can_be_set(monkeypatch):
    monkeypatch.setenv(SHORTEST_WINDOW_VARIABLE, "2")

    assert asked(**window(1_000_000_000, 1_000_000_002))
    with pytest.raises(RefusedError):
        asked(**window(1_000_000_000, 1_000_000_001))

"""Of the history of alarms, those that were raised since a moment are told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.system.hour import watching

SINCE = datetime(2026, 1, 31, 10, tzinfo=UTC)


def update(name, state, seconds):
    new = {"stateValue": state, "stateReason": f"{name} is so"}
    data = json.dumps({"oldState": {"stateValue": "ALARM"}, "newState": new})
    return {"AlarmName": name, "Timestamp": SINCE + timedelta(seconds=seconds), "HistoryData": data}


def test_every_time_since_then_that_an_alarm_was_raised_is_told():
    changes = [update("a", "ALARM", -1), update("b", "ALARM", 0), update("b", "OK", 60), update("b", "ALARM", 90)]

    assert watching.raised(changes, SINCE) == {"b": ["10:00:00 b is so", "10:01:30 b is so"]}

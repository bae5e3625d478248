from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from tools.errors import UsageError
from tools.lake import instants


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("1970-01-01", 0),
        ("1970-01-02", 86_400_000_000),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1970-01-01 01:00:00+01:00", 0),
        ("2023-11-14 22:13:20.123456", 1_700_000_000_123_456),
    ],
)
def test_a_time_is_read_to_the_microsecond_in_its_zone_or_in_utc(text, microseconds):
    assert instants.microseconds(instants.parse(text, "--as-of")) == microseconds


def test_a_time_without_a_zone_is_in_utc_wherever_the_machine_is(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert instants.parse("2026-01-31", "--as-of") == datetime(2026, 1, 31, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "0001-01-01T00:00+14:00"])
def test_what_is_no_time_is_refused_with_the_option_and_examples(text):
    with pytest.raises(UsageError, match=r"--since .* is no time; write it like 2026-01-31"):
        instants.parse(text, "--since")

"""When a change was made: read in whatever unit it comes, written as Athena reads it."""

from __future__ import annotations

import pytest

from lake_transform import instants
from lake_transform.errors import RecordError


@pytest.mark.parametrize(
    ("creation_time", "precision", "expected"),
    [
        (1_700_000_000_123, "MILLISECOND", 1_700_000_000_123_000),
        (1_700_000_000_123_456, "MICROSECOND", 1_700_000_000_123_456),
        (1_700_000_000, None, 1_700_000_000_000_000),
        (1_700_000_000.5, None, 1_700_000_000_500_000),
        (1_700_000_000.123456, None, 1_700_000_000_123_456),
        (1_700_000_000_123.0, None, 1_700_000_000_123_000),
        (1_700_000_000_123, None, 1_700_000_000_123_000),
        (1_700_000_000_123_456, None, 1_700_000_000_123_456),
        (99_999_999_999, None, 99_999_999_999_000_000),
        (100_000_000_000, None, 100_000_000_000_000),
        (99_999_999_999_999, None, 99_999_999_999_999_000),
        (100_000_000_000_000, None, 100_000_000_000_000),
        (5, "MILLISECOND", 5_000),
        (5, "MICROSECOND", 5),
        (0, None, 0),
        (253_402_300_799_999_999, None, 253_402_300_799_999_999),
    ],
)
def test_the_precision_else_the_magnitude_says_the_unit(creation_time, precision, expected):
    assert instants.microseconds(creation_time, precision) == expected


@pytest.mark.parametrize(
    ("creation_time", "precision"),
    [
        (-1, None),
        (-0.5, "MILLISECOND"),
        (253_402_300_800_000_000, None),
        (253_402_300_800_000, "MILLISECOND"),
        (10**40, None),
        (float("nan"), None),
        (float("inf"), None),
        (float("nan"), "MICROSECOND"),
        (1_700_000_000, "SECOND"),
        (1_700_000_000, ""),
    ],
)
def test_an_absurd_time_or_an_unknown_precision_is_refused(creation_time, precision):
    with pytest.raises(RecordError):
        instants.microseconds(creation_time, precision)


@pytest.mark.parametrize("time", [True, "1700000000", None, [1_700_000_000], -1, 1e300, 10**30])
def test_a_record_with_an_absurd_time_is_refused(transform, record, time):
    with pytest.raises(RecordError):
        transform.change(record(time=time))


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01 00:00:00.000000"),
        (1, "1970-01-01 00:00:00.000001"),
        (1_709_208_000_000_000, "2024-02-29 12:00:00.000000"),
        (1_700_000_000_999_999, "2023-11-14 22:13:20.999999"),
        (253_402_300_799_999_999, "9999-12-31 23:59:59.999999"),
    ],
)
def test_the_text_is_a_timestamp_of_fixed_width_in_utc(instant, text):
    assert instants.text(instant) == text

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tools.lake import data_objects
from tools.lake.data_objects import Period

PREFIX = "data/t/"


class Bucket:
    """Lists keys in pages of two, as S3 does in pages of a thousand, and remembers how many pages were asked for."""

    def __init__(self, *keys, size=1):
        self.keys, self.size, self.pages = sorted(keys), size, 0

    def get_paginator(self, _operation):
        return self

    def paginate(self, *, Bucket, Prefix, StartAfter):  # noqa: N803  # boto3's names
        found = [key for key in self.keys if key.startswith(Prefix) and key > StartAfter]
        for start in range(0, len(found), 2):
            self.pages += 1
            yield {
                "Contents": [
                    {"Key": key, "Size": self.size, "LastModified": None, "ETag": f'"{key}"'}
                    for key in found[start : start + 2]
                ]
            }


def key(day, hour, name="a.gz"):
    return f"{PREFIX}cdc_date=2026-01-{day:02d}/cdc_hour={hour:02d}/{name}"


def hour(day, number):
    return datetime(2026, 1, day, number, tzinfo=UTC)


def listed(bucket, period):
    return [found.key for found in data_objects.list_data(bucket, "lake", PREFIX, period)]


ALL = [key(day, number) for day in (1, 2, 3, 10) for number in (0, 5, 23)]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period(), ALL),
        (Period(first=hour(2, 5)), [each for each in ALL if each >= key(2, 5)]),
        (Period(last=hour(2, 5)), [each for each in ALL if each <= key(2, 5)]),
        (Period(hour(1, 23), hour(3, 0)), [key(1, 23), key(2, 0), key(2, 5), key(2, 23), key(3, 0)]),
        (Period(hour(2, 5).replace(minute=59), hour(2, 5).replace(minute=1)), [key(2, 5)]),
        (Period(hour(4, 0), hour(9, 0)), []),
    ],
)
def test_the_objects_of_a_period_are_those_whose_hours_are_in_it(period, expected):
    assert listed(Bucket(*ALL), period) == expected


def test_days_after_the_period_are_not_listed():
    bucket = Bucket(*(key(2, 0, f"{number}.gz") for number in range(40)), key(1, 0))

    assert listed(bucket, Period(last=hour(1, 23))) == [key(1, 0)]
    assert bucket.pages == 1


@pytest.mark.parametrize(
    "foreign",
    [
        f"{PREFIX}a.gz",
        f"{PREFIX}cdc_date=2026-01-01/a.gz",
        f"{PREFIX}cdc_date=2026-13-01/cdc_hour=00/a.gz",
        f"{PREFIX}cdc_date=2026-01-01/cdc_hour=24/a.gz",
        f"{PREFIX}cdc_date=2026-01-01/cdc_hour=5/a.gz",
        key(1, 0, "_SUCCESS"),
        key(1, 0, ".hidden"),
        key(1, 0, "below/_hidden"),
        f"{PREFIX}x/cdc_date=2026-01-01/cdc_hour=05/a.gz",
    ],
)
def test_what_readers_of_the_lake_do_not_see_is_no_data(foreign):
    assert listed(Bucket(foreign, key(1, 5)), Period()) == [key(1, 5)]


def test_an_empty_object_is_no_data():
    assert listed(Bucket(key(1, 5), size=0), Period()) == []


def test_the_version_of_an_object_is_told_by_its_etag():
    (found,) = data_objects.list_data(Bucket(key(1, 5)), "lake", PREFIX)

    assert found.etag == key(1, 5)

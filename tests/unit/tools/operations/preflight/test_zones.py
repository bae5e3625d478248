from __future__ import annotations

import pytest

from tests.unit.tools.operations.preflight.recorded import lines, wanted
from tools.operations.preflight import zones


def zone(letter, number, state="available"):
    return {
        "State": state,
        "OptInStatus": "opt-in-not-required",
        "RegionName": "us-east-1",
        "ZoneName": f"us-east-1{letter}",
        "ZoneId": f"use1-az{number}",
        "ZoneType": "availability-zone",
    }


ANSWER = {
    "ec2.describe_availability_zones": {
        "AvailabilityZones": [zone("a", 6), zone("b", 1), zone("c", 3), zone("d", 2, "impaired"), zone("f", 5)]
    }
}
USABLE = "set availability_zone_suffixes to some of: a, b, f"


@pytest.mark.parametrize(
    ("letter", "found"),
    [
        ("e", "this account has no such zone"),
        ("c", "it is use1-az3 in this account, where Lambda takes no subnet"),
        ("d", "AWS says that it is impaired"),
    ],
)
def test_a_zone_that_cannot_be_used_stops_the_apply(letter, found):
    want = wanted(zones=("us-east-1a", f"us-east-1{letter}"))

    assert lines(zones.CHECK, ANSWER, want) == [f"stops Availability Zone us-east-1{letter}: {found}; {USABLE}"]


def test_zones_that_lambda_takes_are_fine_and_one_alone_is_said():
    assert lines(zones.CHECK, ANSWER, wanted(zones=("us-east-1a", "us-east-1b"))) == []
    (line,) = lines(zones.CHECK, ANSWER, wanted(zones=("us-east-1a",)))
    assert line.startswith("hurts Availability Zone us-east-1a: the function runs in this one alone")


def test_nothing_is_asked_where_no_network_is_made():
    assert lines(zones.CHECK, {}, wanted()) == []

"""The Availability Zones that the function's subnets lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tools.operations.preflight.check import Check
from tools.operations.preflight.findings import hurts, stops

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.findings import Finding
    from tools.operations.preflight.wanted import Wanted

WITHOUT_LAMBDA: Final = frozenset({"use1-az3"})
"""Ids of zones whose subnets Lambda takes for no function. AWS publishes no list: users met the error there."""

_AVAILABLE: Final = "available"


def _ask(account: Account, _wanted: Wanted) -> list[Mapping[str, Any]]:
    # Amazon EC2 API Reference, "DescribeAvailabilityZones": without AllAvailabilityZones, those open to the account.
    answer = account.call(
        "ec2", "describe_availability_zones", Filters=[{"Name": "zone-type", "Values": ["availability-zone"]}]
    )
    return list(answer["AvailabilityZones"])


def _judge(wanted: Wanted, answers: list[Mapping[str, Any]]) -> Iterator[Finding]:
    known = {zone["ZoneName"]: zone for zone in answers}
    usable = sorted(
        name.removeprefix(wanted.place.region)
        for name, zone in known.items()
        if zone["State"] == _AVAILABLE and zone["ZoneId"] not in WITHOUT_LAMBDA
    )
    remedy = f"set availability_zone_suffixes to some of: {', '.join(usable)}" if usable else "choose another Region"
    for name in wanted.zones:
        zone = known.get(name)
        where = f"Availability Zone {name}"
        if zone is None:
            yield stops(where, "this account has no such zone", remedy)
        elif zone["ZoneId"] in WITHOUT_LAMBDA:
            yield stops(where, f"it is {zone['ZoneId']} in this account, where Lambda takes no subnet", remedy)
        elif zone["State"] != _AVAILABLE:
            yield stops(where, f"AWS says that it is {zone['State']}", remedy)
    if len(wanted.zones) == 1:
        yield hurts(
            f"Availability Zone {wanted.zones[0]}",
            "the function runs in this one alone, and delivery stops with it",
            remedy,
        )


CHECK: Final = Check("zones of the Region", lambda wanted: bool(wanted.zones), _ask, _judge)

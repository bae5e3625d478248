"""Names that somebody else has already, of what is about to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.operations.preflight.check import Check
from tools.operations.preflight.findings import Finding
from tools.operations.preflight.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.kinds import Kind
    from tools.operations.preflight.wanted import Wanted


def check_of(kind: Kind) -> Check[list[tuple[str, str]]]:
    """Returns the check of the names of one kind, which answers with those that are taken, each with its Region."""

    def names(wanted: Wanted) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in wanted.to_make():
            if each.kind is kind:
                found.setdefault(each.region, []).append(each.name)
        return found

    def ask(account: Account, wanted: Wanted) -> list[tuple[str, str]]:
        return [
            (name, region)
            for region, some in names(wanted).items()
            for name in kind.taken(account.in_region(region) if region else account, wanted.place_of(region), some)
        ]

    def judge(_wanted: Wanted, taken: list[tuple[str, str]]) -> Iterator[Finding]:
        for name, region in taken:
            what = f"there is one of this name already, which this deployment did not make ({kind.resource_type})"
            where = f"{kind.noun} {name}{region and f' in {region}'}"
            yield Finding(kind.weight, where, what, kind.remedy_of_replica if region else kind.remedy)

    return Check(f"names: {kind.noun}", lambda wanted: bool(names(wanted)), ask, judge)


CHECKS: Final = tuple(check_of(kind) for kind in KINDS)

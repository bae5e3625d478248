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


def check_of(kind: Kind) -> Check[list[str]]:
    """Returns the check of the names of one kind."""

    def names(wanted: Wanted) -> list[str]:
        return [each.name for each in wanted.to_make() if each.kind is kind]

    def ask(account: Account, wanted: Wanted) -> list[str]:
        return kind.taken(account, wanted.place, names(wanted))

    def judge(_wanted: Wanted, taken: list[str]) -> Iterator[Finding]:
        for name in taken:
            what = f"there is one of this name already, which this deployment did not make ({kind.resource_type})"
            yield Finding(kind.weight, f"{kind.noun} {name}", what, kind.remedy)

    return Check(f"names: {kind.noun}", lambda wanted: bool(names(wanted)), ask, judge)


CHECKS: Final = tuple(check_of(kind) for kind in KINDS)

"""What is to be said of a key, from what the table claims of it and what the lake has of it. Pure.

The lake has a state of the key before the window in which the item was read, and perhaps changes within it. Where it
has none within, the item is held to the state before. Where it has some, any of them may be what the item was when it
was read: then the key is looked at again, and is never called different.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from tools.lake.reconcile import claims
from tools.lake.reconcile.rows import LakeRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.lake.function_versions import Versions

Verdict = Literal[
    "equal", "dropped", "missing", "extra", "different", "changing", "unsettled", "other version", "undetermined"
]
"""What is said of a key.

- equal: the lake's latest row is what the deployed function makes of the item; or neither has it.
- dropped: the deployed hook drops the item, so that the lake need not have it.
- missing: the table has the item, and the lake does not.
- extra: the lake has an item that the table does not have.
- different: both have it, and a column differs.
- changing: it changed around the time at which it was read, and equals one of these changes.
- unsettled: it changed around that time, and equals none of them.
- other version: its row is what an older version of the function makes of the item; or it is from before all
  versions that are left.
- undetermined: in the end it was still changing, or it cannot be known whether the table has it.
"""

FAULTS: Final = ("missing", "extra", "different")
IN_FLUX: Final = ("changing", "unsettled")


class State(msgspec.Struct, frozen=True):
    """What one version of the function claims of a key, and what the lake has.

    Attributes:
        version: 0 for the deployed version.
        outcome: of the claim: written, dropped, failed or absent.
        digest: of the line that is claimed; None where there is none.
        is_same_key: whether the claim has the `cdc_key` that is looked at.
        before: the lake's latest row from before the window; None where there is none.
        moving: rows within the window.
        is_met: whether one of these is what is claimed.
    """

    version: int
    outcome: str
    digest: bytes | None
    is_same_key: bool
    before: LakeRow | None
    moving: int
    is_met: bool


def of_state(state: State) -> Verdict:
    """Returns what a claim by itself says of its key."""
    if state.outcome == claims.DROPPED:
        return "dropped"
    before = None if state.before is None or state.before.is_removal else state.before
    if state.outcome == claims.ABSENT:
        agrees, disagreeing = before is None, "extra"
    elif before is None:
        agrees, disagreeing = False, "missing"
    else:
        agrees, disagreeing = state.digest is not None and before.digest == state.digest, "different"
    if state.moving:
        return "changing" if agrees or state.is_met else "unsettled"
    return "equal" if agrees else disagreeing  # type: ignore[return-value]  # each is one


def settle(states: Sequence[State]) -> Verdict:
    """Returns what is to be said of a key from the claims of all versions, the deployed one first."""
    live, *older = states
    if live.outcome != claims.ABSENT and not live.is_same_key:
        # A row under a key that the deployed version spells in another way.
        return "other version" if any(state.is_same_key for state in older) else "extra"
    verdict = of_state(live)
    if verdict not in FAULTS:
        return verdict
    others = [of_state(state) for state in older]
    if "equal" in others or (verdict == "missing" and "dropped" in others):
        return "other version"
    return "changing" if "changing" in others else verdict


def at_last(
    verdict: Verdict, row: LakeRow | None, versions: Versions, *, is_readable: bool, hidden_drops: int
) -> Verdict:
    """Returns what is said in the end of a key that is open, from what was said of it the last time.

    Args:
        verdict: what was said.
        row: the lake's latest row.
        versions: the versions of the function that were asked.
        is_readable: whether the table could be asked for the key.
        hidden_drops: items that the hook drops and whose keys rules hide: each key of the lake can be one of theirs.
    """
    if verdict == "different" and row and row.us < versions.since_us:
        return "other version"
    if verdict == "extra" and not is_readable and row and row.us < versions.live_since_us:
        return "other version"
    if verdict in IN_FLUX or (verdict == "extra" and hidden_drops):
        return "undetermined"
    return verdict

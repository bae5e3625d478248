"""The steps in which a data stream gets another number of shards.

Kinesis API Reference: "UpdateShardCount": not more than double, not less than half, at most ten times in 24 hours.
Terraform's provider makes one call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.iam.documents import UNKNOWN
from tools.plan_review.losses.readings import Reading, value_at

if TYPE_CHECKING:
    from tools.plan_review.plan import Plan, ResourceChange


def provisioned(_plan: Plan, resource: ResourceChange) -> Reading:
    """Reads the number of shards; None in on-demand mode, in which AWS chooses it."""
    change = resource.change
    marks = change.after_unknown
    is_unknown = isinstance(marks, dict) and bool(marks.get("shard_count"))
    before, after = (_count(values) for values in (change.before, change.after))
    return before, UNKNOWN if is_unknown else after


def is_too_far(before: int | None, after: int | str | None) -> bool:
    """Returns whether AWS refuses to change a number of shards at once; what is not yet known may be too far."""
    if before is None or after is None:
        return False
    return isinstance(after, str) or len(steps(before, after)) > 1


def is_fewer(before: int | None, after: int | str | None) -> bool:
    """Returns whether a stream can take less afterwards."""
    return before is not None and isinstance(after, int) and after < before


def steps(before: int, after: int) -> list[int]:
    """Returns the numbers of shards on the way, the last one included.

    >>> steps(10, 2), steps(3, 12), steps(10, 5)
    ([5, 3, 2], [6, 12], [5])
    """
    found = []
    while before != after:
        before = min(before * 2, after) if after > before else max(-(-before // 2), after)
        found.append(before)
    return found


def in_words(before: int, after: int | str) -> str:
    """Returns the change and its steps in one line."""
    if isinstance(after, str):
        return f"{before} -> {after}"
    first, *others = steps(before, after)
    return f"{before} -> {after}: first {first}{''.join(f', then {each}' for each in others)}"


def _count(values: dict[str, object] | None) -> int | None:
    mode = value_at(values, ["stream_mode_details", "stream_mode"])
    count = (values or {}).get("shard_count")
    return count if mode != "ON_DEMAND" and isinstance(count, int) and count > 0 else None

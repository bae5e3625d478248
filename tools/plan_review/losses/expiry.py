"""What the lifecycle rules of a bucket remove or archive, and which of it comes sooner than before.

S3 User Guide: "Lifecycle configuration elements" and "How Amazon S3 handles conflicts in lifecycle configurations": of
several rules for an object the one with the shortest time holds. A rule therefore makes nothing worse where another
one, for at least the same objects, did as much before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.iam.documents import UNKNOWN
from tools.plan_review import attributes
from tools.plan_review.losses.readings import Reader, Reading, first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.plan_review.plan import Plan, ResourceChange

SHORT_LIVED: Final = ("results/",)
"""Prefixes of objects that nobody keeps: what queries found."""
_ARCHIVES: Final = ("DEEP_ARCHIVE", "GLACIER")
"""Storage classes whose objects must be restored before they can be read: S3 User Guide, "Storage classes"."""


@dataclass(frozen=True)
class Expiry:
    """When the objects, or their old versions, below a prefix go: after so many days, or on a date.

    `only` is what else an object must be, as JSON; `kept` is how many newer old versions a version must have.
    """

    prefix: str
    only: str
    days: int | None
    date: str | None = None
    kept: int = 0

    def __str__(self) -> str:
        where = f"under {self.prefix}" if self.prefix else "in the whole bucket"
        when = f"on {self.date}" if self.date else f"after {self.days} {'day' if self.days == 1 else 'days'}"
        return f"{where} {when}{f' but the newest {self.kept}' if self.kept else ''}"

    def does_as_much_as(self, other: Expiry) -> bool:
        """Returns whether this one takes all that `other` takes, and not later."""
        covers = other.prefix.startswith(self.prefix) and self.only in ("", other.only) and self.kept <= other.kept
        if self.days is None or other.days is None:
            return covers and self.days == other.days and (self.date or "") <= (other.date or "")
        return covers and self.days <= other.days


Expiries = frozenset[Expiry]


def current_objects(rule: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    """Yields what a lifecycle rule says of objects that are there, with no versions that are kept."""
    block = first(rule.get("expiration"))
    if block and (block.get("days") or block.get("date")):
        yield block, 0


def old_versions(rule: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    """Yields what a lifecycle rule says of versions that were overwritten or deleted, and how many it keeps."""
    block = first(rule.get("noncurrent_version_expiration"))
    if block and block.get("noncurrent_days"):
        yield {"days": block["noncurrent_days"]}, int(block.get("newer_noncurrent_versions") or 0)


def archived_objects(rule: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    """Yields what a lifecycle rule says of objects that go where they cannot be read at once."""
    for block in rule.get("transition") or []:
        if block.get("storage_class") in _ARCHIVES:
            yield block, 0


def reader(taken: Callable[[dict[str, Any]], Iterator[tuple[dict[str, Any], int]]]) -> Reader:
    """Returns a reader of what the rules that are enabled do to one kind of objects, as `taken` finds it in a rule."""

    def read(plan: Plan, resource: ResourceChange) -> Reading:
        marks = resource.change.after_unknown
        is_unknown = attributes.holds_mark(marks.get("rule") if isinstance(marks, dict) else marks)
        before, after = (
            frozenset(_expiries(plan, values, taken)) for values in (resource.change.before, resource.change.after)
        )
        return before, UNKNOWN if is_unknown else after

    return read


def sooner(before: Expiries, after: Expiries | str) -> list[Expiry]:
    """Returns what no rule took before, or not as soon."""
    if isinstance(after, str):
        return []
    found = [each for each in after if not any(one.does_as_much_as(each) for one in before)]
    return sorted(found, key=lambda each: (each.prefix, str(each)))


def some_sooner(before: Expiries, after: Expiries | str) -> bool:
    """Returns whether something is taken that was not, or sooner; also where that is not yet known."""
    return isinstance(after, str) or bool(sooner(before, after))


def in_words(before: Expiries, after: Expiries | str) -> str:
    """Returns what is taken sooner, in one line."""
    return after if isinstance(after, str) else ", ".join(map(str, sooner(before, after)))


def _expiries(
    plan: Plan,
    values: dict[str, Any] | None,
    taken: Callable[[dict[str, Any]], Iterator[tuple[dict[str, Any], int]]],
) -> Iterator[Expiry]:
    for rule in (values or {}).get("rule") or []:
        if rule.get("status") != "Enabled":
            continue
        prefix, only = _filter(rule)
        if prefix.startswith(SHORT_LIVED) or _is_of_added_table(plan, prefix):
            continue
        for block, kept in taken(rule):
            yield Expiry(prefix, only, block.get("days") or None, block.get("date") or None, kept)


def _filter(rule: dict[str, Any]) -> tuple[str, str]:
    """Returns the prefix of a rule, and its other conditions as JSON; "" where it has none."""
    outer = first(rule.get("filter")) or {}
    inner = first(outer.get("and")) or {}
    prefix = outer.get("prefix") or inner.get("prefix") or rule.get("prefix") or ""
    others = {
        name: value
        for block in (outer, inner)
        for name, value in block.items()
        if name not in ("prefix", "and") and value
    }
    return prefix, json.dumps(others, sort_keys=True) if others else ""


def _is_of_added_table(plan: Plan, prefix: str) -> bool:
    """Returns whether a prefix belongs to a table that this plan adds: nothing of it lies there yet."""
    _, _, table = prefix.rstrip("/").partition("/")
    given, deployed = plan.variable("tables"), plan.output_before("tables")
    return isinstance(given, dict) and isinstance(deployed, dict) and table in given and table not in deployed

"""Reads one setting of a resource before and after its change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from tools.iam.documents import UNKNOWN
from tools.plan_review import attributes
from tools.plan_review.plan import Plan, ResourceChange

if TYPE_CHECKING:
    from collections.abc import Sequence

Reading: TypeAlias = tuple[Any, Any]
"""A setting before and after; UNKNOWN after where Terraform knows it only after the apply."""
Reader: TypeAlias = Callable[[Plan, ResourceChange], Reading]


def setting(
    path: str,
    *,
    default: object = None,
    unset: tuple[object, ...] = (None, ""),
    read: Callable[[Any], Any] = lambda value: value,
) -> Reader:
    """Returns a reader of the setting at `path`, whose names lead through blocks: of a list of blocks, the first.

    `default` is what AWS does where the setting is one of `unset`, or the resource is not there; `read` turns what the
    plan has into what is compared.
    """
    names = path.split(".")

    def known(values: dict[str, Any] | None) -> Any:  # noqa: ANN401  # a setting of any type
        value = value_at(values, names)
        found = None if any(value is each or (value == each and value is not False) for each in unset) else read(value)
        return default if found is None else found

    def reader(_plan: Plan, resource: ResourceChange) -> Reading:
        change = resource.change
        is_unknown = attributes.holds_mark(_marks_at(change.after_unknown, names))
        return known(change.before), UNKNOWN if is_unknown else known(change.after)

    return reader


def value_at(values: Any, names: Sequence[str]) -> Any:  # noqa: ANN401  # JSON
    """Returns what stands at the end of a path of names; None where the path ends earlier."""
    for name in names:
        block = first(values)
        values = block.get(name) if isinstance(block, dict) else None
    return values


def first(blocks: Any) -> Any:  # noqa: ANN401  # JSON
    """Returns the first of a list of blocks, None of an empty one; what is no list is returned as it is."""
    return next(iter(blocks), None) if isinstance(blocks, list) else blocks


def _marks_at(marks: Any, names: Sequence[str]) -> Any:  # noqa: ANN401  # see plan.Marks
    for name in names:
        if marks is True:
            return True
        block = first(marks)
        marks = block.get(name, False) if isinstance(block, dict) else block is True
    return marks

"""The attributes of a resource that change, with their values before and after; secrets are never shown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.iam.documents import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.plan_review.plan import ResourceChange

SENSITIVE: Final = "(sensitive)"
NONE: Final = "(none)"
_MAX_TEXT_LENGTH: Final = 120

_SECRET: Final = re.compile(
    r"(?:^|[._\-\[\"])(?:password|passwd|secret|secret_key|secret_string|token|private_key|api_?key|mask_key|credentials?)$",
    re.IGNORECASE,
)
"""Ends of attribute paths that are treated as sensitive, also where nobody marked them."""


@dataclass(frozen=True)
class Difference:
    """One attribute that changes: its path, and its value before and after as text."""

    path: str
    before: str
    after: str

    def text(self) -> str:
        """Returns the difference in one line."""
        return f"{self.path}: {self.before} -> {self.after}"


def differences(resource: ResourceChange) -> list[Difference]:
    """Returns the attributes that differ, by path; those not yet known count as different."""
    change = resource.change
    found = _compare(
        "",
        change.before or {},
        change.after or {},
        change.after_unknown,
        (change.before_sensitive, change.after_sensitive),
    )
    return sorted(found, key=lambda difference: difference.path)


def _compare(path: str, before: Any, after: Any, unknown: Any, hidden: tuple[Any, Any]) -> Iterator[Difference]:  # noqa: ANN401  # JSON
    if True in hidden or _SECRET.search(path):
        if before != after or unknown is True:
            yield Difference(path, SENSITIVE, SENSITIVE)
    elif unknown is True:
        yield Difference(path, _text(before), UNKNOWN)
    elif isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys() | _names(unknown)):
            deeper = tuple(_part(each, name) for each in hidden)
            yield from _compare(
                f"{path}.{name}".lstrip("."),
                before.get(name),
                after.get(name),
                _part(unknown, name),
                (deeper[0], deeper[1]),
            )
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            deeper = tuple(_part(each, index) for each in hidden)
            yield from _compare(f"{path}[{index}]", one, other, _part(unknown, index), (deeper[0], deeper[1]))
    elif before != after:
        # A value that is added or removed as a whole may contain a secret at any depth.
        secret = any(holds_mark(each) for each in hidden) or any(_names_secret(each) for each in (before, after))
        yield Difference(path, *((SENSITIVE, SENSITIVE) if secret else (_text(before), _text(after))))


def _names(marks: Any) -> set[str]:  # noqa: ANN401  # as above
    return {name for name, value in marks.items() if value} if isinstance(marks, dict) else set()


def _part(marks: Any, key: str | int) -> Any:  # noqa: ANN401  # as above
    if isinstance(marks, dict) and isinstance(key, str):
        return marks.get(key, False)
    if isinstance(marks, list) and isinstance(key, int):
        return marks[key] if key < len(marks) else False
    return marks is True


def holds_mark(marks: Any) -> bool:  # noqa: ANN401  # as above
    """Returns whether Terraform marks anything of a value, at any depth: blocks have places for marks without any.

    >>> holds_mark([{}]), holds_mark([{"policy": True}])
    (False, True)
    """
    if isinstance(marks, dict):
        return any(holds_mark(each) for each in marks.values())
    if isinstance(marks, list):
        return any(holds_mark(each) for each in marks)
    return marks is True


def _names_secret(value: Any) -> bool:  # noqa: ANN401  # as above
    if isinstance(value, dict):
        return any(_SECRET.search(name) or _names_secret(inner) for name, inner in value.items())
    return isinstance(value, list) and any(_names_secret(inner) for inner in value)


def _text(value: Any) -> str:  # noqa: ANN401  # as above
    if value is None:
        return NONE
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_TEXT_LENGTH else f"{text[: _MAX_TEXT_LENGTH - 1]}…"

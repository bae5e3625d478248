"""Fills the variables of policies, such as `${aws:PrincipalTag/team}`. Only the standard library is needed.

AWS documentation: "IAM policy elements: Variables and tags",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_VARIABLE: Final = re.compile(r"\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
_WILDCARDS: Final = frozenset("*?")


def filled(texts: Sequence[str], look_up: Callable[[str], str | None]) -> tuple[str, ...] | None:
    """Returns the texts with their variables replaced, None where one has no value: the statement is then invalid.

    `look_up` returns the one value that a condition key has in a request, None where it has none. A variable can have a
    default of its own. A value with a wildcard in it counts as none, because it would stand for others.

    >>> filled(["a/${aws:PrincipalTag/Team}/*", "b"], {"aws:PrincipalTag/Team": "red"}.get)
    ('a/red/*', 'b')
    >>> filled(["${aws:username, 'nobody'}"], {}.get), filled(["${aws:username}"], {}.get)
    (('nobody',), None)
    """
    found = [_filled(text, look_up) for text in texts]
    known = tuple(text for text in found if text is not None)
    return known if len(known) == len(found) else None


def _filled(text: str, look_up: Callable[[str], str | None]) -> str | None:
    if "${" not in text:
        return text
    parts = _VARIABLE.split(text)
    values = [look_up(key) or default for key, default in zip(parts[1::3], parts[2::3], strict=True)]
    if any(value is None or _WILDCARDS & set(value) for value in values):
        return None
    return "".join(part for pair in zip(parts[::3], [*values, ""], strict=True) for part in pair if part)

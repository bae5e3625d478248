"""Reads a block as checkov parsed it: each attribute is a list, and what cannot be resolved stays an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def value(block: Mapping[str, Any], *path: str) -> Any:  # noqa: ANN401  # whatever HCL holds
    """Returns the attribute at the end of a path of blocks; None where it is missing.

    >>> value({"rule": [{"status": ["Enabled"]}]}, "rule", "status")
    'Enabled'
    """
    current: Any = block
    for name in path:
        if isinstance(current, list):
            current = current[0] if current else None
        if not isinstance(current, dict):
            return None
        current = current.get(name)
    while isinstance(current, list) and len(current) == 1 and not isinstance(current[0], dict):
        current = current[0]
    return current


def blocks(block: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yields the nested blocks of a name, those in `dynamic` blocks included."""
    for found in _as_list(block.get(name)):
        if isinstance(found, dict):
            yield found
    for dynamic in _as_list(block.get("dynamic")):
        body = dynamic.get(name) if isinstance(dynamic, dict) else None
        for content in _as_list(body.get("content")) if isinstance(body, dict) else ():
            if isinstance(content, dict):
                yield content


def texts(attribute: Any) -> list[str]:  # noqa: ANN401  # as above
    """Returns the strings in an attribute, however deep it is nested in lists.

    >>> texts([["s3:*"], None, [[True]]])
    ['s3:*', 'true']
    """
    if isinstance(attribute, list):
        return [text for each in attribute for text in texts(each)]
    if isinstance(attribute, bool):
        return [str(attribute).lower()]
    return [] if attribute is None else [str(attribute)]


def is_given(attribute: Any) -> bool:  # noqa: ANN401  # as above
    """Returns whether an attribute says anything: a reference counts, "", null and empty lists do not.

    >>> is_given(["${var.key}"]), is_given([""]), is_given(["null"]), is_given([[]])
    (True, False, False, False)
    """
    return [text for text in texts(attribute) if text.strip() and text != "null"] != []


def _as_list(attribute: Any) -> list[Any]:  # noqa: ANN401  # as above
    if attribute is None:
        return []
    return attribute if isinstance(attribute, list) else [attribute]

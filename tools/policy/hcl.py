"""Reads a block as checkov parsed it: each attribute is a list, and what cannot be resolved stays an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def value(block: Mapping[str, Any], *path: str) -> Any:  # noqa: ANN401  # whatever HCL holds
    """Returns the attribute at the end of a path of blocks; None where it is missing."""
    found: Any = block
    for name in path:
        if isinstance(found, list):
            found = found[0] if found else None
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    while isinstance(found, list) and len(found) == 1 and not isinstance(found[0], dict):
        found = found[0]
    return found


def blocks(block: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yields the nested blocks of a name, those in `dynamic` blocks included."""
    for found in _listed(block.get(name)):
        if isinstance(found, dict):
            yield found
    for dynamic in _listed(block.get("dynamic")):
        body = dynamic.get(name) if isinstance(dynamic, dict) else None
        for content in _listed(body.get("content")) if isinstance(body, dict) else ():
            if isinstance(content, dict):
                yield content


def texts(found: Any) -> list[str]:  # noqa: ANN401  # as above
    """Returns the strings in an attribute, however deep it is wrapped in lists."""
    if isinstance(found, list):
        return [text for each in found for text in texts(each)]
    if isinstance(found, bool):
        return [str(found).lower()]
    return [] if found is None else [str(found)]


def is_given(found: Any) -> bool:  # noqa: ANN401  # as above
    """Returns whether an attribute says anything: a reference counts, "", null and empty lists do not."""
    return [text for text in texts(found) if text.strip() and text != "null"] != []


def _listed(found: Any) -> list[Any]:  # noqa: ANN401  # as above
    if found is None:
        return []
    return found if isinstance(found, list) else [found]

"""Finds the name that was probably meant by one that does not exist."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from tools.terraform.type_constraints import Collection, ObjectType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.terraform.type_constraints import Type

_SIMILAR: Final = 0.6
"""Likeness, from 0 to 1, from which on a name may have been meant: difflib's own default."""
_MISSPELT: Final = 0.85
"""Likeness from which on a name is taken for a slip of the finger."""


def nearest(name: str, known: Iterable[str], at_least: float = _SIMILAR) -> str | None:
    """Returns the known name that is most like `name`; None when none is like it.

    >>> nearest("shard", ["name", "shards"])
    'shards'
    """
    ranked = max(((_likeness(name, each), each) for each in sorted(known)), key=lambda pair: pair[0], default=None)
    return ranked[1] if ranked and ranked[0] >= at_least else None


def is_misspelt(name: str, known: str) -> bool:
    """Tells whether `name` is `known` with a slip of the finger."""
    return _likeness(name, known) >= _MISSPELT


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).ratio()


def suggest(
    name: str, here: ObjectType, inside: tuple[str, ...], outermost: ObjectType, moved: Mapping[str, str]
) -> str:
    """Returns what to add to a message about the unknown member `name` of the object type `here`.

    `inside` leads from `outermost`, the object that a reader sees as one thing, to `here`. Names are given as they are
    reached from `outermost`: `; did you mean stream.shards?`. Looked at in this order: a slip in a name of `here`, the
    new place of an old name, a like name of `here`, the same or a like name in another block.
    """
    paths = list(member_paths(outermost))
    own = nearest(name, here.members)
    if own and is_misspelt(name, own):
        return _did_you_mean([(*inside, own)])
    new_place = tuple(moved[name].split(".")) if name in moved else ()
    if new_place in paths:
        *blocks, setting = new_place
        example = f"{setting} = ..."
        for block in reversed(blocks):
            example = f"{block} = {{ {example} }}"
        return f": its place is {'.'.join(new_place)}, written {example}"
    same = [path for path in paths if path[-1] == name]
    if same:
        return _did_you_mean(same)
    if own:
        return _did_you_mean([(*inside, own)])
    like = nearest(name, {path[-1] for path in paths})
    if like:
        return _did_you_mean([path for path in paths if path[-1] == like])
    return f"; there are: {', '.join(here.members)}" if here.members else ""


def _did_you_mean(paths: list[tuple[str, ...]]) -> str:
    return f"; did you mean {' or '.join('.'.join(path) for path in paths)}?"


def member_paths(wanted: Type, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yields the path of every member of an object type, at every depth; elements of maps and lists are no members."""
    if isinstance(wanted, ObjectType):
        for name, member in wanted.members.items():
            yield (*path, name)
            yield from member_paths(member.type, (*path, name))


def find_member(name: str, wanted: Type) -> tuple[str, ...] | None:
    """Returns the path to the first member called `name` in a type, with NAME for the key of a map's element."""
    if isinstance(wanted, Collection):
        found = find_member(name, wanted.element)
        return found and ("NAME", *found) if wanted.kind == "map" else None
    return next((path for path in member_paths(wanted) if path[-1] == name), None)

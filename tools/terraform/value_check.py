"""Checks a value against the type of its variable, as strictly as Terraform does, and unknown members besides.

Terraform drops members of an object that its type does not name, without a word. Here each is a problem. Terraform
converts text, numbers and bools to each other where that loses nothing; so does this check:
https://developer.hashicorp.com/terraform/language/expressions/type-constraints#conversion-of-primitive-types
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.terraform.hcl import Expression
from tools.terraform.nearest import suggest
from tools.terraform.type_constraints import Collection, ObjectType, Primitive, TupleType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.terraform.hcl import Path
    from tools.terraform.type_constraints import Type, Variable

NO_MOVES: Final[Mapping[str, str]] = {}

_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eEpP][+-]?[0-9]+)?")
_BOOLS: Final = ("true", "false", "1", "0")
_LONGEST: Final = 40
"""Characters of a value that a message repeats."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one value, and where it lies: first the variable's name, then what leads to it."""

    path: Path
    message: str


@dataclass(frozen=True)
class _Place:
    """Where the check is: the path, and the outermost object that the path is in since the last map or list."""

    path: Path
    outermost: ObjectType | None = None
    inside: tuple[str, ...] = ()
    """Names that lead from `outermost` to here."""

    def element(self, key: str | int) -> _Place:
        return _Place((*self.path, key))

    def member(self, of: ObjectType, name: str) -> _Place:
        return _Place((*self.path, name), self.outermost or of, (*self.inside, name))


class _Check:
    """One check of one variable's value."""

    def __init__(self, moved: Mapping[str, str], *, shows_values: bool) -> None:
        self._moved = moved
        self._shows_values = shows_values

    def value(self, value: Any, wanted: Type, place: _Place) -> Iterator[Problem]:  # noqa: ANN401  # a value of any type
        # Null stands for the default, or for nothing, wherever it is; an expression is Terraform's to judge.
        if value is None or isinstance(value, Expression):
            return
        match wanted:
            case Primitive(name):
                if not _is_convertible(value, name):
                    yield self._misfit(value, _PRIMITIVE_NAMES[name], place)
            case Collection() | TupleType():
                yield from self._elements(value, wanted, place)
            case ObjectType():
                yield from self._object(value, wanted, place)

    def _elements(self, value: Any, wanted: Collection | TupleType, place: _Place) -> Iterator[Problem]:  # noqa: ANN401
        fits, text = _container(value, wanted)
        if not fits:
            yield self._misfit(value, text, place)
            return
        keyed = value.items() if isinstance(value, dict) else enumerate(value)
        for position, (key, each) in enumerate(keyed):
            element = wanted.elements[position] if isinstance(wanted, TupleType) else wanted.element
            yield from self.value(each, element, place.element(key))

    def _object(self, value: Any, wanted: ObjectType, place: _Place) -> Iterator[Problem]:  # noqa: ANN401  # as above
        if not isinstance(value, dict):
            yield self._misfit(value, "an object ({ NAME = VALUE })", place)
            return
        for name, member in wanted.members.items():
            if name not in value and not member.is_optional:
                yield Problem((*place.path, name), "this setting is missing, and it has no default")
        for name, each in value.items():
            inner = place.member(wanted, name)
            if name in wanted.members:
                yield from self.value(each, wanted.members[name].type, inner)
            else:
                hint = suggest(name, wanted, place.inside, place.outermost or wanted, self._moved)
                yield Problem(inner.path, f"there is no such setting{hint}")

    def _misfit(self, value: Any, wanted: str, place: _Place) -> Problem:  # noqa: ANN401  # as above
        return Problem(place.path, f"needs {wanted}, not {self._describe(value)}")

    def _describe(self, value: Any) -> str:  # noqa: ANN401  # as above
        if isinstance(value, dict):
            return "an object"
        if isinstance(value, list):
            return f"a list of {len(value)} values"
        kind = _KINDS[type(value)]
        if not self._shows_values:
            return f"a {kind}"
        shown = json.dumps(value, ensure_ascii=False)
        return f"the {kind} {shown if len(shown) <= _LONGEST else shown[:_LONGEST] + '...'}"


_KINDS: Final = {str: "text", bool: "bool", int: "number", float: "number"}
_PRIMITIVE_NAMES: Final = {"string": "text", "number": "a number", "bool": "true or false"}


def problems(variable: Variable, value: Any, moved: Mapping[str, str] = NO_MOVES) -> list[Problem]:  # noqa: ANN401
    """Returns everything that is wrong with a value given for `variable`, in the order of the value.

    `moved` tells for old names of settings where they are today: `{"shards": "stream.shards"}`. Values of a sensitive
    variable are not repeated.
    """
    if value is None and not variable.is_nullable and not variable.has_default:
        return [Problem((variable.name,), "needs a value, not null")]
    check = _Check(moved, shows_values=not variable.is_sensitive)
    return list(check.value(value, variable.type, _Place((variable.name,))))


def _container(value: Any, wanted: Collection | TupleType) -> tuple[bool, str]:  # noqa: ANN401  # as above
    """Tells whether a value has the form of a map, list, set or tuple, and what that form is."""
    if isinstance(wanted, TupleType):
        size = len(wanted.elements)
        return isinstance(value, list) and len(value) == size, f"a list of exactly {size} values"
    if wanted.kind == "map":
        return isinstance(value, dict), "a map ({ NAME = VALUE })"
    return isinstance(value, list), f"a {wanted.kind} ([ VALUE, VALUE ])"


def _is_convertible(value: Any, primitive: str) -> bool:  # noqa: ANN401  # as above
    if isinstance(value, dict | list):
        return False
    if primitive == "string":
        return True
    if primitive == "bool":
        return isinstance(value, bool) or value in _BOOLS
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return not isinstance(value, bool)


def path_text(path: Path) -> str:
    """Returns a path as Terraform spells it.

    >>> path_text(("tables", "my.table", "stream", "shards"))
    'tables["my.table"].stream.shards'
    """
    words = [str(path[0])]
    for step in path[1:]:
        if isinstance(step, int):
            words.append(f"[{step}]")
        elif re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", step):
            words.append(f".{step}")
        else:
            words.append(f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(words)

"""What AWS's API takes as values, as its own models in botocore say, beside the arguments of planned resources.

`aws_operations.yaml` says which operations make a resource. An argument is looked up among their parameters by its
name, without underscores and capitals; the file says where names differ, and which arguments AWS never sees.
botocore itself checks none of this but the least length and number.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import botocore.session
import msgspec
from botocore.model import ListShape, MapShape, Shape, StructureShape

from tests.plan.reading import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FILE: Final = Path(__file__).parent / "aws_operations.yaml"
_SETTLED: Final = (None, "", [], {})
"""What a plan has for an argument that is left out."""


class Resource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a type of resource is made.

    Attributes:
        operations: `service.Operation`s, of which the first that has a parameter of a name takes the argument; with
            the names of members behind it where all arguments are within one parameter.
        names: path of an argument -> path of the parameter, from the operation down or from the block around it; both
            without indexes.
        terraform: paths of arguments that are the provider's own, or that AWS calls otherwise than by one parameter.
    """

    operations: tuple[str, ...]
    names: dict[str, str] = {}
    terraform: tuple[str, ...] = ()


@functools.cache
def table() -> dict[str, Resource]:
    """Returns type of resource -> how it is made."""
    return msgspec.yaml.decode(FILE.read_bytes(), type=dict[str, Resource])


class Compared(msgspec.Struct):
    """What a comparison has seen.

    Attributes:
        wrong: what AWS would refuse, a line each.
        unknown: paths of arguments for which no parameter was found.
        seen: paths that were compared, or that the table says are the provider's own.
    """

    wrong: list[str] = []
    unknown: set[str] = set()
    seen: set[str] = set()


def compare(kind: str, values: Mapping[str, Any]) -> Compared:
    """Compares the planned values of a resource with what AWS takes."""
    found = Compared()
    resource = table()[kind]
    shapes = [_input(operation) for operation in resource.operations]
    _structure(resource, shapes, values, "", found)
    return found


@functools.cache
def _service(name: str) -> Any:
    return botocore.session.get_session().get_service_model(name)


def _input(operation: str) -> Shape:
    service, name, *members = operation.split(".")
    shape: Shape = _service(service).operation_model(name).input_shape
    for member in members:
        shape = shape.members[member]
    return shape


def _structure(
    resource: Resource, shapes: Sequence[Shape], values: Mapping[str, Any], path: str, found: Compared
) -> None:
    for name, value in values.items():
        here = f"{path}.{name}".removeprefix(".")
        if value in _SETTLED or value == UNKNOWN:
            continue
        if here in (*resource.terraform, "tags", "tags_all", "timeouts"):
            found.seen.add(here)
        elif shape := _parameter(shapes, resource.names.get(here, name)):
            found.seen.add(here)
            _value(resource, shape, value, here, found)
        else:
            found.unknown.add(here)


def _parameter(shapes: Sequence[Shape], name: str) -> Shape | None:
    """Returns the parameter of a name or dotted path, of the first shape that has it."""
    first, _, rest = name.partition(".")
    for shape in shapes:
        members = shape.members if isinstance(shape, StructureShape) else {}
        for member, inner in members.items():
            if member.lower() == first.replace("_", "").lower():
                return _parameter([inner.member if isinstance(inner, ListShape) else inner], rest) if rest else inner
    return None


def _value(resource: Resource, shape: Shape, value: Any, path: str, found: Compared) -> None:
    if value in _SETTLED or value == UNKNOWN:
        return
    if isinstance(shape, StructureShape):
        # A block that may stand once is a list of one in a plan.
        for block in value if isinstance(value, list) else [value]:
            if isinstance(block, dict):
                _structure(resource, [shape], block, path, found)
            else:
                found.unknown.add(path)
    elif isinstance(shape, ListShape):
        listed = value if isinstance(value, list) else [value]
        found.wrong += [f"{path}: {problem}" for problem in _out_of_range(shape, len(listed), "values")]
        for each in listed:
            _value(resource, shape.member, each, path, found)
    elif isinstance(shape, MapShape):
        found.wrong += [f"{path}: {problem}" for problem in _out_of_range(shape, len(value), "entries")]
        for key, each in value.items():
            _value(resource, shape.key, key, path, found)
            _value(resource, shape.value, each, path, found)
    else:
        found.wrong += [f"{path} = {value!r}: {problem}" for problem in _scalar(shape, value)]


def _scalar(shape: Shape, value: Any) -> Iterator[str]:
    if shape.type_name in ("integer", "long", "float", "double"):
        yield from _out_of_range(shape, float(value), "")
    elif shape.type_name == "string":
        text = str(value)
        if shape.enum and text not in shape.enum:
            yield f"is none of {', '.join(shape.enum)}"
        yield from _out_of_range(shape, len(text), "characters")
        pattern = _pattern(shape.metadata.get("pattern", ""))
        if pattern and not pattern.fullmatch(text):
            yield f"does not match {pattern.pattern}"


def _out_of_range(shape: Shape, size: float, unit: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        yield f"{size:g} {unit} is not from {least} to {most}".replace("  ", " ")


@functools.cache
def _pattern(text: str) -> re.Pattern[str] | None:
    """Returns a pattern; None where there is none, or one that only Java can read."""
    try:
        return re.compile(text, re.DOTALL) if text else None
    except re.error:
        return None

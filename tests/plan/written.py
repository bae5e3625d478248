"""What modules and environments write of the AWS provider: arguments and blocks, and attributes that they read."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import hcl2

from tools import paths

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFERENCE: Final = re.compile(r"\b((?:data\.)?aws_\w+)\.\w+(?:\[[^\]]*\])?\.(\w+)")
_OF_TERRAFORM: Final = (
    "alias",
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "provisioner",
)


@dataclass(frozen=True, order=True)
class Argument:
    """An argument, a block or an attribute.

    Attributes:
        file: where it stands.
        kind: the type that it is of, with "data." before a data source; "provider" for the provider itself.
        path: names of the blocks around it, and its own.
        is_read: whether it is an attribute that an expression reads.
    """

    file: str
    kind: str
    path: tuple[str, ...]
    is_read: bool = False

    def __str__(self) -> str:
        return f"{self.file}: {'.'.join(self.path)} of {self.kind}"


@functools.cache
def arguments() -> frozenset[Argument]:
    """Returns every argument and block of resources, data sources and providers of AWS."""
    return frozenset(argument for file, text in _files() for argument in _of_file(file, hcl2.loads(text)))


@functools.cache
def attributes() -> frozenset[Argument]:
    """Returns every attribute of a resource or data source that an expression reads."""
    return frozenset(
        Argument(file, kind, (name,), is_read=True)
        for file, text in _files()
        for kind, name in _REFERENCE.findall(_code(text))
    )


def types() -> set[str]:
    """Returns the types that are used, and "provider"."""
    return {each.kind for each in arguments()} | {each.kind for each in attributes()}


def _files() -> Iterator[tuple[str, str]]:
    for folder in (paths.MODULES, paths.ENVIRONMENTS):
        for file in sorted(folder.glob("*/*.tf")):
            yield file.relative_to(paths.REPOSITORY).as_posix(), file.read_text()


def _code(text: str) -> str:
    return re.sub(r"(?m)^\s*#.*$", "", text)


def _of_file(file: str, content: dict[str, Any]) -> Iterator[Argument]:
    for prefix, kind in (("", "resource"), ("data.", "data")):
        for block in content.get(kind, []):
            for name, named in block.items():
                if name.startswith("aws_"):
                    for body in named.values():
                        yield from _of_body(file, f"{prefix}{name}", (), body)
    for block in content.get("provider", []):
        yield from _of_body(file, "provider", (), block["aws"])


def _of_body(file: str, kind: str, path: tuple[str, ...], body: dict[str, Any]) -> Iterator[Argument]:
    for name, value in body.items():
        if name.startswith("__") or (not path and name in _OF_TERRAFORM):
            continue
        if name == "dynamic":
            for dynamic in value:
                for label, each in dynamic.items():
                    yield from _block(file, kind, (*path, label), each["content"])
        elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            yield from _block(file, kind, (*path, name), value)
        else:
            yield Argument(file, kind, (*path, name))


def _block(file: str, kind: str, path: tuple[str, ...], bodies: list[dict[str, Any]]) -> Iterator[Argument]:
    yield Argument(file, kind, path)
    for body in bodies:
        yield from _of_body(file, kind, path, body)

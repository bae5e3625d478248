"""What a state holds: its outputs, and the resources that Terraform made and has not removed.

It is read as `terraform state pull` prints it: one command gives both. Source: Terraform documentation, "Command: state
pull".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.terraform.runner import Terraform

_FORMAT: Final = 4
"""Version of the format of a state, since Terraform 0.12."""


@dataclass(frozen=True)
class Resource:
    """One resource that Terraform made: its address, its type, and its attributes by name."""

    address: str
    type: str
    attributes: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class State:
    """A state: outputs, name -> {"value": ..., "type": ..., "sensitive": ...}, and resources.

    One that was emptied, as by a complete destroy, is there and has none of both.
    """

    outputs: Mapping[str, Any] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()


class _Instance(msgspec.Struct, frozen=True):
    index_key: str | int | None = None
    attributes: dict[str, Any] | None = None


class _Resource(msgspec.Struct, frozen=True):
    mode: str
    type: str
    name: str
    module: str = ""
    instances: tuple[_Instance, ...] = ()


class _Document(msgspec.Struct, frozen=True):
    version: int
    outputs: dict[str, Any] = {}
    resources: tuple[_Resource, ...] = ()


def read(terraform: Terraform) -> State | None:
    """Returns the state; None where there is none at all.

    Raises:
        LakeError: the state cannot be read, or is of another format.
    """
    return parse(terraform.pull_state())


def parse(text: str) -> State | None:
    """Returns the state that `terraform state pull` printed; None where it printed nothing.

    Raises:
        LakeError: it is of another format.
    """
    if not text.strip():
        return None
    try:
        found = msgspec.json.decode(text, type=_Document)
    except msgspec.MsgspecError as error:
        raise LakeError(f"the state cannot be read ({error})") from None
    if found.version != _FORMAT:
        raise LakeError(f"the state is of format {found.version}; this project reads format {_FORMAT}")
    return State(found.outputs, tuple(_made(found.resources)))


def _made(resources: tuple[_Resource, ...]) -> Iterator[Resource]:
    for each in resources:
        if each.mode != "managed":
            continue
        name = ".".join(filter(None, (each.module, each.type, each.name)))
        for instance in each.instances:
            index = "" if instance.index_key is None else f"[{json.dumps(instance.index_key)}]"
            yield Resource(f"{name}{index}", each.type, instance.attributes or {})

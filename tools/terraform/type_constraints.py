"""The input variables that a configuration declares, with their types.

Terraform's own terms: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from lark import Tree

from tools.terraform import hcl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Primitive:
    """`string`, `number` or `bool`."""

    name: str


@dataclass(frozen=True)
class AnyType:
    """`any`: every value is accepted."""


@dataclass(frozen=True)
class Collection:
    """`list(T)`, `set(T)` or `map(T)`."""

    kind: str
    element: Type


@dataclass(frozen=True)
class TupleType:
    """`tuple([T, ...])`."""

    elements: tuple[Type, ...]


@dataclass(frozen=True)
class Member:
    """One member of an object; `default` is what an optional one has where it is left out."""

    type: Type
    is_optional: bool
    default: Any = None


@dataclass(frozen=True)
class ObjectType:
    """`object({ NAME = T, ... })`."""

    members: Mapping[str, Member]


Type = Primitive | AnyType | Collection | TupleType | ObjectType


@dataclass(frozen=True)
class Variable:
    """One input variable."""

    name: str
    type: Type
    is_nullable: bool = True
    has_default: bool = False
    is_sensitive: bool = False
    default: Any = None


_PRIMITIVES: Final = ("string", "number", "bool")
_COLLECTIONS: Final = ("list", "set", "map")


def read_variables(folder: Path) -> dict[str, Variable]:
    """Returns the variables that the files `variables*.tf` of `folder` declare, by name.

    Raises:
        HclError: a type is none that Terraform knows, or a file is no HCL.
        OSError: a file cannot be read.
    """
    found = (
        _variable(block)
        for file in sorted(folder.glob("variables*.tf"))
        for block in hcl.blocks(file.read_text(encoding="utf-8"), "variable")
    )
    return {variable.name: variable for variable in found}


def _variable(block: hcl.Block) -> Variable:
    given = block.attributes
    return Variable(
        block.label,
        parse_type(given["type"]) if "type" in given else AnyType(),
        is_nullable="nullable" not in given or hcl.literal(given["nullable"]) is not False,
        has_default="default" in given,
        is_sensitive="sensitive" in given and hcl.literal(given["sensitive"]) is not False,
        default=hcl.literal(given["default"]) if "default" in given else None,
    )


def parse_type(node: hcl.Node) -> Type:
    """Reads the parse tree of a type constraint.

    Raises:
        HclError: it is none that Terraform knows.
    """
    match node:
        case Tree(data="expr_term", children=[Tree() as inner]):
            return parse_type(inner)
        case Tree(data="identifier", children=[name]):
            return _named(str(name), node)
        case Tree(data="function_call", children=[Tree(children=[name]), Tree(children=[argument])]):
            return _applied(str(name), argument)
    raise _unknown(node)


def _named(name: str, node: hcl.Node) -> Type:
    if name in _PRIMITIVES:
        return Primitive(name)
    if name == "any":
        return AnyType()
    if name in _COLLECTIONS:  # `list` alone is short for list(any)
        return Collection(name, AnyType())
    raise _unknown(node)


def _applied(name: str, argument: hcl.Node) -> Type:
    if name in _COLLECTIONS:
        return Collection(name, parse_type(argument))
    match name, argument:
        case "tuple", Tree(children=[Tree(data="tuple", children=elements)]):
            return TupleType(tuple(parse_type(each) for each in elements))
        case "object", Tree(children=[Tree(data="object", children=elements)]):
            return ObjectType({_member_name(each): _member(each.children[1]) for each in elements})
    raise _unknown(argument)


def _member_name(element: hcl.Node) -> str:
    key = element.children[0]
    while isinstance(key, Tree):
        key = key.children[0]
    return str(key).strip('"')


def _member(node: hcl.Node) -> Member:
    match node:
        case Tree(
            children=[Tree(data="function_call", children=[Tree(children=["optional"]), Tree(children=arguments)])]
        ):
            default = hcl.literal(arguments[1]) if len(arguments) > 1 else None
            return Member(parse_type(arguments[0]), is_optional=True, default=default)
    return Member(parse_type(node), is_optional=False)


def _unknown(node: hcl.Node) -> hcl.HclError:
    return hcl.HclError("this is no type constraint", node.meta.line)


def union(one: Type, other: Type) -> Type:
    """Returns `one` with the members that only `other` has, at every depth; they are optional.

    Where the two differ in anything else, `one` counts.
    """
    match one, other:
        case Collection(kind, element), Collection(same, elements) if kind == same:
            return Collection(kind, union(element, elements))
        case ObjectType(members), ObjectType(others):
            both = {name: replace(member, type=_union_of(name, member, others)) for name, member in members.items()}
            more = {name: Member(member.type, is_optional=True) for name, member in others.items() if name not in both}
            return ObjectType({**both, **more})
    return one


def _union_of(name: str, member: Member, others: Mapping[str, Member]) -> Type:
    return union(member.type, others[name].type) if name in others else member.type

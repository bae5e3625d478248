"""Reads literal values and `variable` blocks from text in HCL, the language of Terraform's files.

`bc-python-hcl2` parses. Its own conversion to Python is not used: it cannot tell the text "3" from the number 3, nor a
text from an expression, and it drops line numbers.

It also reads text that Terraform refuses, and may hang on a string without its closing quote mark: let
`tools.terraform.hcl_syntax` look at a user's text first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Final

from hcl2.parser import Hcl2
from lark import LarkError, Token, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Where a value lies: the names and positions that lead to it, `("tables", "orders", "shards")`."""

Node = Tree[Any]
"""A parse tree; what its children are depends on its rule."""

_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_SPECIAL: Final = re.compile(r"\$\$\{|%%\{|\$\{|%\{|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\.")
_HEREDOC: Final = re.compile(r"<<(-?)[^\n]*\n(.*)\n[^\n]*\Z", re.DOTALL)


class HclError(Exception):
    """Text that cannot be read: `line` is where, counted from 1, and str() says why."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Expression:
    """A value that only Terraform can evaluate, as it is written."""

    text: str


@dataclass(frozen=True)
class Document:
    """What a text sets: each name's value, and the line of each value and of all that it contains.

    Values are those of JSON, or `Expression`.
    """

    values: dict[str, Any]
    lines: dict[Path, int]


@dataclass(frozen=True)
class Block:
    """One block: its label, and its attributes that are not blocks themselves, not evaluated."""

    label: str
    attributes: dict[str, Node]


def parse(text: str) -> Document:
    """Reads `NAME = VALUE` lines, as variable files hold them.

    >>> parse('tables = { orders = { stream = { shards = 2 } } }').values
    {'tables': {'orders': {'stream': {'shards': 2}}}}

    Raises:
        HclError: it is no HCL, it holds a block, or its notation is one that the parser does not know.
    """
    reader = _Reader(text)
    values = {}
    for item in _body(text):
        if item.data != "attribute":
            raise HclError("a block has no place here; write NAME = VALUE", item.meta.line)
        name = _name(item.children[0])
        reader.lines[(name,)] = item.meta.line
        values[name] = reader.value(item.children[1], (name,))
    return Document(values, reader.lines)


def blocks(text: str, kind: str) -> Iterator[Block]:
    """Yields the blocks of one kind, such as `variable`, that have a single label.

    Raises:
        HclError: it is no HCL.
    """
    for item in _body(text):
        if item.data == "block" and _name(item.children[0]) == kind:
            body = item.children[-1]
            attributes = {
                _name(each.children[0]): each.children[1] for each in body.children if each.data == "attribute"
            }
            yield Block(str(item.children[1])[1:-1], attributes)


def literal(tree: Node) -> Any:  # noqa: ANN401  # a value of any type
    """Returns the value of an attribute: one of JSON's, or an `Expression` without its text."""
    return _Reader("").value(tree, ())


def _body(text: str) -> list[Node]:
    try:
        # The grammar wants a line's end after everything.
        document: Node = Hcl2.lark_parser.parse(f"{text}\n")
    except LarkError as error:
        raise HclError(
            "the tools cannot read this notation, though Terraform may; write it in another way",
            getattr(error, "line", None),
        ) from None
    items: list[Node] = document.children[0].children
    return items


def _name(identifier: Node) -> str:
    return str(identifier.children[0])


class _Reader:
    """Turns parse trees into values and notes their lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.lines: dict[Path, int] = {}

    def value(self, node: Node | Token, path: Path) -> Any:  # noqa: ANN401  # as `literal`
        if isinstance(node, Token):
            return _string(str(node)[1:-1])
        if node.data == "expr_term":
            return self.value(node.children[0], path)
        if node.data == "tuple":
            return [self._placed(each, (*path, position)) for position, each in enumerate(node.children)]
        if node.data == "object":
            return self._object(node, path)
        if node.data in ("heredoc_template", "heredoc_template_trim"):
            return _heredoc(str(node.children[0]))
        return self._scalar(node)

    def _scalar(self, node: Node) -> float | bool | Expression | None:
        words = [str(each) for each in node.children]
        match node.data:
            case "identifier" if words[0] in _CONSTANTS:
                return _CONSTANTS[words[0]]
            case "int_lit":
                return int("".join(words))
            case "float_lit":
                return float("".join(words))
            case "unary_op" if words[0] == "-":
                number = self.value(node.children[1], ())
                if isinstance(number, int | float) and not isinstance(number, bool):
                    return -number
        return self._expression(node)

    def _object(self, node: Node, path: Path) -> Any:  # noqa: ANN401  # as above
        found: dict[str, Any] = {}
        for element in node.children:
            key = self._key(element.children[0])
            if key is None:
                return self._expression(node)
            found[key] = self._placed(element.children[1], (*path, key))
        return found

    def _placed(self, node: Node, path: Path) -> Any:  # noqa: ANN401  # as above
        self.lines[path] = node.meta.line
        return self.value(node, path)

    def _key(self, node: Node) -> str | None:
        """Returns the name that a key spells; None when it must be evaluated."""
        if node.data == "identifier":
            return _name(node)
        inner = node.children[0]
        if isinstance(inner, Tree) and inner.data == "identifier":
            return _name(inner)
        key = self.value(node, ())
        return str(key) if isinstance(key, str | int) and not isinstance(key, bool) else None

    def _expression(self, node: Node) -> Expression:
        return Expression(self._text[node.meta.start_pos : node.meta.end_pos])


def _string(text: str) -> str | Expression:
    """Returns what stands between two quote marks, with its escapes read; a template must be evaluated."""
    if any(match in ("${", "%{") for match in _SPECIAL.findall(text)):
        return Expression(f'"{text}"')
    return _SPECIAL.sub(_unescape, text)


def _unescape(match: re.Match[str]) -> str:
    found = match.group()
    if found in ("$${", "%%{"):
        return found[1:]
    if found[1] in "uU" and len(found) > 2:
        return chr(int.from_bytes(bytes.fromhex(found[2:])))
    return _ESCAPES.get(found[1], found)


def _heredoc(text: str) -> str | Expression:
    """Returns the lines of a heredoc, in which a backslash is no escape."""
    match = _HEREDOC.match(text)
    if match is None:
        return Expression(text)
    trim, lines = match.groups()
    special = _SPECIAL.findall(lines)
    if "${" in special or "%{" in special:
        return Expression(text)
    lines = lines.replace("$${", "${").replace("%%{", "%{")
    return f"{dedent(lines) if trim else lines}\n"

"""Rules of a table: values that are masked, left out, or kept in one column.

They are applied to the typed images before anything is made of them, so they hold in everything that is: columns, the
key's text, the overflow, the old image, and what a hook sees.
"""

from __future__ import annotations

import hmac
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import orjson
from msgspec import UNSET

from lake_transform.errors import RecordError
from lake_transform.keys import one_spelling
from lake_transform.literals import canonical
from lake_transform.table_settings import has_other_spellings
from lake_transform.values import AttributeValue, json_text, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lake_transform.table_settings import AttributePath, RuleKind
    from lake_transform.values import Image


class _Node:
    """One step of the paths that have rules.

    Attributes:
        kind: the rule of the path that ends here, if there is one.
        members: the next steps, by name.
        has_spellings: whether one of these names can be spelled in another way.
    """

    __slots__ = ("has_spellings", "kind", "members")

    def __init__(self) -> None:
        self.kind: RuleKind | None = None
        self.members: dict[str, _Node] = {}
        self.has_spellings = False


class Rules:
    """The rules of one table, ready to be applied."""

    def __init__(self, rules: Mapping[AttributePath, RuleKind], mask_key: bytes) -> None:
        """Prepares rules.

        Args:
            rules: path of an attribute -> how its value is written.
            mask_key: the key of hashes.
        """
        self._root: Final = _Node()
        self._mask_key: Final = mask_key
        for path, kind in rules.items():
            node = self._root
            for name in path:
                node.has_spellings = node.has_spellings or has_other_spellings(name)
                node = node.members.setdefault(name, _Node())
            node.kind = kind

    def apply(self, image: Image, literals: list[str]) -> Image:
        """Returns an image as the lake may show it. The one given stays as it is.

        Args:
            image: the image, whose values have one type each.
            literals: the literal of every number that became text is added to it; the caller checks them.

        Raises:
            RecordError: a value has no type, or a number in it is none.
        """
        return self._members(image, self._root, literals)

    def apply_to_key(self, keys: Image) -> Image:
        """Returns a primary key as the lake may show it: equal keys stay equal, different ones different.

        Raises:
            RecordError: a rule drops an attribute of it, or an attribute of it is none that a key can have.
        """
        result = dict(keys)
        for name, node in self._matches(keys, self._root):
            if node.kind is None:
                continue
            if node.kind == "drop":
                raise RecordError("a rule drops an attribute of the primary key")
            result[name] = self._written(one_spelling(keys[name]), node, [])
        return result

    def _members(self, members: Image, node: _Node, literals: list[str]) -> Image:
        result = dict(members)
        for name, rule in self._matches(members, node):
            if rule.kind == "drop":
                del result[name]
            else:
                result[name] = self._written(members[name], rule, literals)
        return result

    @staticmethod
    def _matches(members: Image, node: _Node) -> Iterator[tuple[str, _Node]]:
        """Yields the members that a step leads to, in whatever spelling their names have."""
        for name, child in node.members.items():
            if name in members:
                yield name, child
        if not node.has_spellings:
            return
        for name in members:
            if not name.isascii() and name not in node.members:
                found = node.members.get(unicodedata.normalize("NFC", name))
                if found is not None:
                    yield name, found

    def _written(self, value: AttributeValue, node: _Node, literals: list[str]) -> AttributeValue:
        """Returns a value with the rules inside of it applied first, then its own."""
        if node.members:
            value = self._inside(value, node, literals)
        if node.kind is None or value.NULL is not UNSET:
            return value
        if node.kind == "hash":
            digest = hmac.digest(self._mask_key, _equal_text(value).encode(), "sha256")
            return AttributeValue(S=digest.hex())
        if node.kind == "json":
            return AttributeValue(S=json_text(plain_value(value, literals)))
        return AttributeValue(S=_text(value, literals))

    def _inside(self, value: AttributeValue, node: _Node, literals: list[str]) -> AttributeValue:
        """Returns a value whose members have their rules applied; of a list, the members of each map in it."""
        if value.M is not UNSET:
            return AttributeValue(M=self._members(value.M, node, literals))
        if value.L is not UNSET:
            return AttributeValue(L=[self._inside(element, node, literals) for element in value.L])
        return value


def _text(value: AttributeValue, literals: list[str]) -> str:
    """Returns the text of a value: text and binary values are themselves, all others their JSON text."""
    plain = plain_value(value, literals)
    return plain if isinstance(plain, str) else json_text(plain)


def _equal_text(value: AttributeValue) -> str:
    """Returns the text of a value in one spelling for all values that are equal.

    Raises:
        RecordError: a number is not in JSON's grammar, or outside DynamoDB's range.
    """
    plain = _sorted_plain(value)
    return plain if isinstance(plain, str) else json_text(plain)


def _sorted_plain(value: AttributeValue) -> Any:  # noqa: ANN401 - any JSON value
    """Returns a plain value, numbers in their canonical spelling, members of maps and sets sorted."""
    if value.N is not UNSET:
        return orjson.Fragment(canonical(value.N))
    if value.M is not UNSET:
        return {name: _sorted_plain(value.M[name]) for name in sorted(value.M)}
    if value.L is not UNSET:
        return [_sorted_plain(element) for element in value.L]
    if value.NS is not UNSET:
        return [orjson.Fragment(literal) for literal in sorted(map(canonical, value.NS))]
    for texts in (value.SS, value.BS):
        if texts is not UNSET:
            return sorted(texts)
    return plain_value(value, [])

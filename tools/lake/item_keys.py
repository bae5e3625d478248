"""The text of an item's key, as the lake's column `cdc_key` has it, from what a person writes.

What a table's key is called, and which of its values are numbers, is taken from a `cdc_key` that is in the lake:
whoever may read the lake need not be let into the table, which may be in another account.
"""

from __future__ import annotations

import hmac
import json
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from tools.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_EXACT: Final = Context(prec=1000, traps=[Inexact, InvalidOperation])


class _Number(str):
    """The digits of a number, as they are written."""

    __slots__ = ()


def spell(given: str, example: str) -> str:
    """Returns the `cdc_key` of the item that is meant.

    Args:
        given: the value of the key where it has one attribute, or a JSON object of the key's attributes.
        example: a `cdc_key` of the same table.

    Raises:
        UsageError: it is no key of that table.

    >>> spell("17", '{"id":"99"}'), spell('{"n": 1.50, "id": "a"}', '{"id":"x","n":7}')
    ('{"id":"17"}', '{"id":"a","n":1.5}')
    """
    shown: dict[str, Any] = _read(example)
    wanted = _object(given, sorted(shown))
    if wanted is None:
        if len(shown) != 1:
            names = ", ".join(f'"{name}": …' for name in sorted(shown))
            raise UsageError(f"the key of this table has {len(shown)} attributes; give it as JSON: '{{{names}}}'")
        wanted = {next(iter(shown)): given}
    parts = [f"{_text(name)}:{_value(name, wanted[name], shown[name])}" for name in sorted(shown)]
    return "{" + ",".join(parts) + "}"


def of_typed(key: Mapping[str, Mapping[str, str]]) -> str:
    """Returns the `cdc_key` of a key as change records and exports have it; binary values are Base64 text.

    Raises:
        UsageError: a value is no number where its type says so.

    >>> of_typed({"n": {"N": "1.50"}, "id": {"S": "a"}})
    '{"id":"a","n":1.5}'
    """
    parts = {name: next(iter(key[name].items())) for name in sorted(key)}
    texts = (
        f"{_text(name)}:{_number(name, value) if kind == 'N' else _text(value)}"
        for name, (kind, value) in parts.items()
    )
    return "{" + ",".join(texts) + "}"


def spellings(key: str, mask_keys: Collection[bytes], rules: Mapping[str, str]) -> frozenset[str]:
    """Returns every `cdc_key` under which the function may have written the item with the plain one `key`.

    Rules can come and go while rows stay: each attribute may be plain, text, or a hash under any of the keys.

    Args:
        key: the `cdc_key` of a table without rules.
        mask_keys: the keys of the rules that hash.
        rules: the rules of the key's attributes, by name.

    >>> sorted(spellings('{"n":7}', (), {}))
    ['{"n":"7"}', '{"n":7}']
    """
    attributes = [(name, _forms(value, mask_keys, rules.get(name))) for name, value in _read(key).items()]
    found = [""]
    for name, forms in attributes:
        found = [f"{start}{',' if start else ''}{_text(name)}:{form}" for start in found for form in forms]
    return frozenset(f"{{{text}}}" for text in found)


def values(key: str) -> list[str]:
    """Returns the values in a `cdc_key`, as text.

    >>> values('{"id":"a","n":1.5}')
    ['a', '1.5']
    """
    return [str(value) for value in _read(key).values()]


def _forms(value: str, mask_keys: Collection[bytes], rule: str | None) -> list[str]:
    plain = str(value) if isinstance(value, _Number) else _text(value)
    forms = {plain, _text(value)} | {_text(hmac.digest(key, value.encode(), "sha256").hex()) for key in mask_keys}
    # Of text, JSON text could be the plain key of another item: it counts only where the rule is there.
    return sorted(forms | {_text(plain)} if rule == "json" else forms)


def _object(given: str, names: list[str]) -> dict[str, Any] | None:
    """Returns what is given as a JSON object with exactly these names; None where it is no object."""
    try:
        read = _read(given)
    except ValueError:
        return None
    if not isinstance(read, dict):
        return None
    if sorted(read) != names:
        raise UsageError(f"the key of this table is {', '.join(names)}, not {', '.join(sorted(read)) or 'nothing'}")
    return read


def _read(text: str) -> Any:  # noqa: ANN401  # any JSON
    return json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_Number)


def _value(name: str, given: object, shown: object) -> str:
    if not isinstance(given, str):
        raise UsageError(f"the key attribute {name} is {'a number' if isinstance(shown, _Number) else 'text'}")
    return _number(name, given) if isinstance(shown, _Number) else _text(given)


def _number(name: str, literal: str) -> str:
    """Returns the one spelling that the lake has for all literals of a number: positional, without extra zeros."""
    try:
        number = _EXACT.create_decimal(literal.strip())
    except DecimalException:
        number = Decimal("nan")
    if not number.is_finite():
        raise UsageError(f"the key attribute {name} is a number, and {literal!r} is none")
    text = format(number, "f") if number else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False)

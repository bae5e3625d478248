"""The hook: a function of the user that is called with each row before it is written."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any, Final

import msgspec
import orjson

from lake_transform import metadata
from lake_transform.change import HookChange
from lake_transform.columns import is_column
from lake_transform.errors import RecordError, SettingsError
from lake_transform.literals import Number, check

# Called with a row and its change, or None for a row of a backfill. Returns the row to write, or None to drop it.
Hook = Callable[[dict[str, Any], HookChange | None], dict[str, Any] | None]

_ROW_DECODER: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Number)
_LINE_OPTIONS: Final = orjson.OPT_APPEND_NEWLINE

# Types of values that the encoder takes as they are, or with one call.
_FAST_TYPES: Final = frozenset({str, bool, type(None), int, Number, Decimal})

# Names that were found legal. When there are so many, all are forgotten.
_known_columns: Final[set[Any]] = set()
_MAX_KNOWN_COLUMNS: Final = 32_768


def load(reference: str) -> Hook:
    """Imports the hook that `package.module:function` names.

    Raises:
        SettingsError: there is no such module or function, or the module fails to import.
    """
    module_name, _, function_name = reference.partition(":")
    try:
        hook = getattr(importlib.import_module(module_name), function_name)
    except Exception as error:
        raise SettingsError(
            f"TRANSFORM_HOOK is {reference!r}: importing it raised {type(error).__name__}: {error}"
        ) from error
    if not callable(hook):
        raise SettingsError(f"TRANSFORM_HOOK is {reference!r}: {function_name} is no function")
    return hook  # type: ignore[no-any-return]


def row_of(line: bytes) -> dict[str, Any]:
    """Returns the row of a line: each number that was one in DynamoDB is a `Number` with its own literal.

    Raises:
        msgspec.ValidationError: a number has more digits than Python reads.
    """
    row = _ROW_DECODER.decode(line)
    instant = row[metadata.CHANGED_AT_US]
    for column, value in row.items():
        # The decoder calls `Number` for numbers with a fraction or an exponent only.
        if type(value) is int:
            row[column] = Number(str(value))
        elif type(value) is list:
            row[column] = _with_numbers(value)
    row[metadata.CHANGED_AT_US] = instant
    return row


def _with_numbers(elements: list[Any]) -> list[Any]:
    return [
        Number(str(each)) if type(each) is int else _with_numbers(each) if type(each) is list else each
        for each in elements
    ]


def apply(hook: Hook, row: dict[str, Any], change: HookChange | None) -> dict[str, Any] | None:
    """Calls the hook and returns its row, or None if the row is to be dropped.

    Raises:
        RecordError: the hook raised, or did not return a dict whose names are legal columns.
    """
    try:
        changed = hook(row, change)
    except Exception as error:
        raise RecordError(f"the hook raised {type(error).__name__}") from error
    if changed is None:
        return None
    if not isinstance(changed, dict) or not _are_columns(changed):
        raise RecordError("the hook returned no row: names must be columns")
    return changed


def _are_columns(names: Collection[Any]) -> bool:
    if _known_columns.issuperset(names):
        return True
    if not all(isinstance(name, str) and is_column(name) for name in names):
        return False
    if len(_known_columns) >= _MAX_KNOWN_COLUMNS:
        _known_columns.clear()
    _known_columns.update(names)
    return True


def encode(row: dict[str, Any]) -> bytes:
    """Returns the line of a row that a hook returned, numbers with all their digits.

    Raises:
        RecordError: a value is not text, a number, a boolean, None or a list of those.
        orjson.JSONEncodeError: text is not Unicode.
    """
    if _FAST_TYPES.issuperset(map(type, row.values())):
        try:
            return orjson.dumps(row, default=_fragment, option=_LINE_OPTIONS)
        except orjson.JSONEncodeError:
            pass  # an integer of more than 64 bits, or text that is not Unicode
    return orjson.dumps({column: _encodable(value) for column, value in row.items()}, option=_LINE_OPTIONS)


def _fragment(number: Decimal) -> orjson.Fragment:
    if isinstance(number, Number):
        return orjson.Fragment(number.literal)
    text = str(number)
    check([text])
    return orjson.Fragment(text)


def _encodable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Returns a value of the hook's row as orjson can encode it, numbers with all their digits."""
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return _fragment(value)
        case int() | float():
            text = str(value)
            check([text])
            return orjson.Fragment(text)
        case list():
            return [_encodable(element) for element in value]
        case _:
            raise RecordError("the hook returned no row: a value is no text, number, boolean, null or array of those")

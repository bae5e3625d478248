"""The hook: a function of the user that is called with each row before it is written."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

import msgspec

from lake_transform.change import HookChange
from lake_transform.columns import is_column
from lake_transform.errors import RecordError, SettingsError
from lake_transform.literals import Number, check

if TYPE_CHECKING:
    from lake_transform.shapes import Shapes

# Called with a row and its change, or None for a row of a backfill. Returns the row to write, or None to drop it.
Hook = Callable[[dict[str, Any], HookChange | None], dict[str, Any] | None]

# Native code spells the numbers of an item so that they are read as fractions, if Decimal then spells them as DynamoDB.
_ROW_DECODER: Final = msgspec.json.Decoder(dict, float_hook=Decimal)

# Types of which the encoder writes every value right.
_PLAIN_TYPES: Final = frozenset({str, bool, type(None), int})

_NO_COLUMNS: Final = "the hook returned no row: names must be columns"


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
    """Returns the row of a line that native code wrote for a hook."""
    return _ROW_DECODER.decode(line)


class HookedRows:
    """Calls the hook, and writes the rows that it returns."""

    def __init__(self, hook: Hook, shapes: Shapes) -> None:
        """Prepares to call a hook.

        Args:
            hook: the hook.
            shapes: counts the columns of each row that it returns.
        """
        self._hook: Final = hook
        self._shapes: Final = shapes

    def line(self, row: dict[str, Any], change: HookChange | None, known: dict[str, Any]) -> bytes | None:
        """Returns the line of the row that the hook returns, numbers with all their digits; None if it drops the row.

        Args:
            row: the row, which the hook may change.
            change: the row's change.
            known: values that can be written, as the row has them before the hook is called. Only they are not looked
                at again, so a list must not be among them: the hook may change what is in it.

        Raises:
            RecordError: the hook raised, or did not return a row: a dict whose names are legal columns, and whose
                values are text, numbers, booleans, None or lists of those.
            UnicodeEncodeError: text is not Unicode.
        """
        try:
            changed = self._hook(row, change)
        except Exception as error:
            raise RecordError(f"the hook raised {type(error).__name__}") from error
        if changed is None:
            return None
        if not isinstance(changed, dict):
            raise RecordError(_NO_COLUMNS)
        self._shapes.add_row(changed, _check_columns)
        if not _are_equal(changed, known):
            pairs = zip_longest(changed.values(), known.values())
            unusual = [new for new, old in pairs if new is not old and type(new) not in _PLAIN_TYPES]
            if not all(map(_is_plain, unusual)):
                changed = {column: _encodable(value) for column, value in changed.items()}
        return _encode(changed) + b"\n"


def _check_columns(names: Iterable[Any]) -> None:
    if not all(isinstance(name, str) and is_column(name) for name in names):
        raise RecordError(_NO_COLUMNS)


def _are_equal(row: dict[str, Any], known: dict[str, Any]) -> bool:
    """Says whether a row has no other values than those known. What is equal to them can be written as well."""
    try:
        return row == known
    except Exception:  # noqa: BLE001 - a value of the hook's can refuse to be compared
        return False


def _is_plain(value: Any) -> bool:  # noqa: ANN401 - whatever the hook returned
    """Says whether the encoder writes a value right as it is."""
    if type(value) is Decimal:
        return value.is_finite()
    if type(value) is list:
        return all(map(_is_plain, value))
    return type(value) in _PLAIN_TYPES or type(value) is Number


def _encodable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Returns a value of the hook's row as the encoder writes it right, numbers with all their digits."""
    match value:
        case None | bool():
            return value
        case str():
            return str.__str__(value)  # without what a subclass adds
        case Number():
            return msgspec.Raw(value.literal.encode())
        case Decimal() | int() | float():
            text = str(value)
            check([text])
            return msgspec.Raw(text.encode())
        case list():
            return [_encodable(element) for element in value]
        case _:
            raise RecordError("the hook returned no row: a value is no text, number, boolean, null or array of those")


_encode: Final = msgspec.json.Encoder(decimal_format="number", enc_hook=_encodable).encode

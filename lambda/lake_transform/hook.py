"""The hook: a function of the user that is called with each row before it is written."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson

from lake_transform.change import Change
from lake_transform.columns import is_column
from lake_transform.errors import RecordError, SettingsError
from lake_transform.literals import Number, check

# Called with a row and its change, or None for a row of a backfill. Returns the row to write, or None to drop it.
Hook = Callable[[dict[str, Any], Change | None], dict[str, Any] | None]


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


def apply(hook: Hook, row: dict[str, Any], change: Change | None) -> dict[str, Any] | None:
    """Calls the hook and returns its row, ready to be encoded, or None if the row is to be dropped.

    Raises:
        RecordError: the hook raised, or did not return a row: a dict whose names are legal columns and whose values are
            text, numbers, booleans, None or lists of those.
    """
    try:
        changed = hook(row, change)
    except Exception as error:
        raise RecordError(f"the hook raised {type(error).__name__}") from error
    if changed is None:
        return None
    if not isinstance(changed, dict) or not all(isinstance(name, str) and is_column(name) for name in changed):
        raise RecordError("the hook returned no row: names must be columns")
    return {column: _encodable(value) for column, value in changed.items()}


def _encodable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Returns a value of the hook's row as orjson can encode it, numbers with all their digits."""
    match value:
        case Number():
            return orjson.Fragment(value.literal)
        case None | bool() | str():
            return value
        case int() | float() | Decimal():
            text = str(value)
            check([text])
            return orjson.Fragment(text)
        case list():
            return [_encodable(element) for element in value]
        case _:
            raise RecordError("the hook returned no row: a value is no text, number, boolean, null or array of those")

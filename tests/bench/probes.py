"""What each way makes of items that are legal but unusual."""

from __future__ import annotations

import base64
import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

from tests.bench import events, measure

_WHOLE = "12345678901234567890123456789012345678"
_FRACTION = "0.12345678901234567890123456789012345678"
_LARGEST = "9.9E+125"

PROBES: dict[str, tuple[dict[str, Any], Callable[[str], bool]]] = {
    "38 digits kept": (
        {"whole": {"N": _WHOLE}, "fraction": {"N": _FRACTION}},
        lambda line: _WHOLE in line and _FRACTION in line,
    ),
    "9.9E+125 kept": ({"n": {"N": _LARGEST}}, lambda line: _LARGEST in line or "99" + "0" * 124 in line),
    "numbers are numbers": ({"n": {"N": "7.25"}}, lambda line: '"7.25"' not in line and "7.25" in line),
    "sets": ({"s": {"SS": ["one", "two"]}, "n": {"NS": ["7"]}}, lambda line: _holds(line, "one", "two")),
    "binary": ({"b": {"B": "iVBORw0KGgo="}}, lambda line: "iVBORw0KGgo=" in line),
    "maps walked": (
        {"a": {"M": {"b": {"M": {"c": {"S": "x"}}}}}},
        lambda line: '"a__b__c"' in line or '"a_b_c"' in line,
    ),
    "attributes named like types": (
        {"m": {"M": {"S": {"S": "one"}, "N": {"S": "two"}, "name": {"S": "three"}}}},
        lambda line: _holds(line, "one", "two", "three") and not _holds_object(line),
    ),
    "no value overwritten": (
        {"a": {"M": {"b": {"S": "one"}}}, "a_b": {"S": "two"}, "A_b": {"S": "three"}},
        lambda line: _holds(line, "one", "two", "three") and _columns_differ_when_lowered(line),
    ),
}


def answers(module: str) -> dict[str, str]:
    """Returns probe -> yes, no, or raises; a way that raises loses its whole batch."""
    transform = measure.load(module)
    return {name: _answer(transform, item, kept) for name, (item, kept) in PROBES.items()}


def _answer(transform: measure.Transform, item: events.Item, kept: Callable[[str], bool]) -> str:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            (answer,) = transform(events.batch_of({"id": {"S": "1"}} | item))["records"]
    except Exception:  # noqa: BLE001 - any exception loses the batch
        return "raises"
    line = base64.b64decode(answer["data"]).decode()
    return "yes" if answer["result"] == "Ok" and kept(line) else "no"


def _holds(line: str, *texts: str) -> bool:
    """Says whether texts are in a line as JSON strings, or as strings in its JSON text."""
    return all(f'"{text}"' in line or f'\\"{text}\\"' in line for text in texts)


def _holds_object(line: str) -> bool:
    return any(isinstance(cell, dict) for cell in json.loads(line).values())


def _columns_differ_when_lowered(line: str) -> bool:
    """Says whether names stay different in lower case: Athena's JSON SerDe fails if two do not."""
    names = list(json.loads(line))
    return len({name.lower() for name in names}) == len(names)

"""Changes an input the way a JSON document can be changed; bytes flipped at random seldom leave one whole."""

from __future__ import annotations

import json
import random

_NUMBERS = [
    "0",
    "-0",
    "1",
    "1.50",
    "1e5",
    "1E-130",
    "9" * 38,
    "1e400",
    "007",
    "+5",
    ".5",
    "NaN",
    "1,2",
    "",
    "1e" + "9" * 20,
]
_TEXTS = [
    "",
    *'aAé"/~S\\\x00\ud800',
    "a_b",
    "a.b",
    "cdc_event",
    "n" * 254,
    "N" * 300,
    "INSERT",
    "REMOVE",
    "MILLISECOND",
]
_VALUES = [{"S": ""}, {"N": "1"}, {"BOOL": True}, {"NULL": True}, {"SS": ["a"]}, {"NS": ["1"]}, {"M": {}}, {"L": []}]
_OTHERS = [None, True, 0, -1, 1.5, 1_700_000_000, 253_402_300_800, 10**30, [], {}]


def mutated(data, largest, seed):
    """Returns the input with one line changed as JSON, or None if no line of it is JSON.

    Args:
        data: an input of `target.check`.
        largest: how many bytes the result may have.
        seed: what decides the change.
    """
    chance = random.Random(seed)
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    if chance.random() < 0.1:
        lines.insert(place, lines[chance.randrange(len(lines))])
    mark = b"@" if lines[place].startswith(b"@") else b""
    try:
        document = json.loads(lines[place][len(mark) :])
        for _ in range(chance.choice([1, 1, 2, 4])):
            document = _edited(document, chance)
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=chance.random() < 0.5)
    except (ValueError, RecursionError):
        # No JSON, or nested more deeply than this parser goes: for the mutations that know no JSON.
        return None
    lines[place] = mark + text.encode(errors="surrogatepass")
    result = b"\n".join(lines)
    return result if len(result) <= largest else None


def _edited(document, chance):
    """Returns the document with one member or element of it changed."""
    places = list(_places(document))
    if not places:
        return document
    container, key = chance.choice(places)
    value = container.pop(key)
    if chance.random() < 0.1:
        return document
    if isinstance(container, list):
        container.insert(key, _changed(value, places, chance))
    elif chance.random() < 0.2:
        container[chance.choice(_TEXTS)] = value
    else:
        container[key] = _changed(value, places, chance)
        if chance.random() < 0.2:
            container[chance.choice(_TEXTS)] = _copy(chance.choice(_VALUES))
    return document


def _changed(value, places, chance):
    match chance.randrange(5):
        case 0:
            for _ in range(chance.choice([1, 1, 3, 30, 300])):
                value = {"M": {"a": value}} if chance.random() < 0.5 else {"L": [value]}
            return value
        case 1:
            container, key = chance.choice(places)
            there = isinstance(container, dict) and key in container
            return _copy(container[key]) if there else value
        case 2 if isinstance(value, str):
            cut = chance.randrange(len(value) + 1)
            return value[:cut] + chance.choice(_TEXTS) + value[cut:]
    return _copy(chance.choice(chance.choice([_NUMBERS, _TEXTS, _VALUES, _OTHERS])))


def _copy(value):
    return json.loads(json.dumps(value))


def _places(root):
    """Yields each container in a JSON document with each of its keys or indices."""
    waiting = [root]
    while waiting:
        container = waiting.pop()
        if isinstance(container, dict | list):
            for key in container if isinstance(container, dict) else range(len(container)):
                yield container, key
                waiting.append(container[key])

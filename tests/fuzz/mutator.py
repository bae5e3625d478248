"""Changes an input as JSON, because a document with random bytes changed is seldom JSON any more."""

from __future__ import annotations

import json
import random
import re

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
    "a__b",
    "a.b",
    "a1",
    "u0000e9",
    "e\u0301",
    "\u212a",
    "orders",
    "cdc_event",
    *("n" * length for length in range(252, 258)),
    "N" * 300,
    "INSERT",
    "MODIFY",
    "REMOVE",
    "MILLISECOND",
    "MICROSECOND",
]
_VALUES = [{"S": ""}, {"N": "1"}, {"BOOL": True}, {"NULL": True}, {"SS": ["a"]}, {"NS": ["1"]}, {"M": {}}, {"L": []}]
_OTHERS = [None, True, False, 0, -1, 1.5, 1_700_000_000, 10**30, [], {}]
_YEAR_10000 = 253_402_300_800

# Marks a name that repeats another in its object, because a dict cannot repeat one. Removed when the text is written.
_AGAIN = "\ue000"
_SPELT_AGAIN = re.compile("\ue000|" + r"\\ue000")


def mutated(data, largest, seed):
    """Returns the input with one line changed as JSON, or None if that line is no JSON or the result is too large.

    Args:
        data: an input of `target.check`.
        largest: how many bytes the result may have.
        seed: decides which change is made.
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
        text = _spelt(document, chance)
    except (ValueError, RecursionError):
        # No JSON, or nested too deeply for this parser: left to libFuzzer's own mutations.
        return None
    lines[place] = mark + text.encode(errors="surrogatepass")
    result = b"\n".join(lines)
    return result if len(result) <= largest else None


def _spelt(document, chance):
    """Returns the document as JSON in one of its spellings, sometimes with an error in it."""
    space = chance.choice(["", "", "", " ", "\t"])
    text = json.dumps(document, separators=("," + space, space + ":"), ensure_ascii=chance.random() < 0.5)
    text = _SPELT_AGAIN.sub("", text)
    place = chance.randrange(len(text) + 1)
    match chance.randrange(20):
        case 0 | 1 if text[place : place + 1].isalnum():
            return f"{text[:place]}\\u{ord(text[place]):04x}{text[place + 1 :]}"
        case 2:
            return (
                text[:place]
                + chance.choice(['\\"', "\\/", "\\n", "\\u0001", "\\ud83d\\ude00", "é", "😀"])
                + text[place:]
            )
        case 3:
            return text + chance.choice([" ", "}", "x", "\x00", text])
        case 4:
            return text[:place] + chance.choice([" ", ",", "0", "-", "x", '"', "]", "}"]) + text[place:]
    return text


def _edited(document, chance):
    """Returns the document with one member or element of it changed."""
    places = list(_places(document))
    if not places:
        return document
    container, key = chance.choice(places)
    value = container[key]
    if chance.random() < 0.1:
        del container[key]
    elif isinstance(container, list):
        container[key] = _changed(value, places, chance)
    elif chance.random() < 0.2:
        _put(container, key, {_name(key, chance): value})
    else:
        members = {key: _changed(value, places, chance)}
        if chance.random() < 0.2:
            members[_name(key, chance)] = _copy(chance.choice([*_VALUES, value]))
        if chance.random() < 0.2:
            # Moved to the end, because native code requires some members in the order of the real stream.
            del container[key]
            container.update(members)
        else:
            _put(container, key, members)
    return document


def _put(container, key, members):
    """Replaces a member by others, at the same position."""
    before = dict(container)
    container.clear()
    for name, value in before.items():
        container.update(members if name == key else {name: value})


def _name(name, chance):
    """Returns a name that has the same column as the given one, repeats it, or is a different one."""
    match chance.randrange(6):
        case 0:
            return name.swapcase()
        case 1:
            return name.replace("_", ".", 1) if "_" in name else name + "é"
        case 2:
            return _AGAIN + name
        case 3:
            return name * chance.choice([2, 10, 60])
    return chance.choice(_TEXTS)


def _changed(value, places, chance):
    match chance.randrange(7):
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
        case 3 if isinstance(value, str):
            # Long enough for code that reads many bytes at a time.
            return "a" * chance.randrange(70) + chance.choice(_TEXTS) + "b" * chance.randrange(20)
        case 3 | 4 if isinstance(value, int):
            return _instant(chance)
    return _copy(chance.choice(chance.choice([_NUMBERS, _TEXTS, _VALUES, _OTHERS])))


def _instant(chance):
    """Returns a time in one of its units, often at the limit of a day, of a unit or of the years allowed."""
    second = chance.randrange(_YEAR_10000) // 86_400 * 86_400
    seconds = chance.choice([second, second, 100_000_000, 100_000_000_000, _YEAR_10000])
    return seconds * chance.choice([1, 1_000, 1_000_000]) + chance.choice([-1, 0, 1])


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

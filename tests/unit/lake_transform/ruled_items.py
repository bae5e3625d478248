"""Rules for generated items, and what rules make of an item, worked out again from the contract alone.

Nothing here imports the code under test. `masked_item` gives the item that a table without rules would have to hold for
its lines to be those of the item under rules.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unicodedata
from decimal import Context, Decimal

from hypothesis import strategies as st

from tests.unit.lake_transform import legal_items

KINDS = ("json", "text", "hash", "drop")
_EXACT = Context(prec=60)


def paths_of(item):
    """Returns the paths of all values of an item that a rule can name; elements of a list have the list's path."""
    return set(_paths({"M": item}, ()))


def _paths(value, path):
    ((kind, content),) = value.items()
    if path:
        yield path
    if kind == "M":
        for name, member in content.items():
            yield from _paths(member, (*path, name))
    if kind == "L":
        for element in content:
            yield from _paths(element, path)


@st.composite
def rules_for(draw, item, kinds=KINDS):
    """Rules for some paths of an item and for some others, as Terraform hands them over: in normalization form C."""
    known = st.sampled_from(sorted(paths_of(item)))
    others = st.lists(legal_items.names, min_size=1, max_size=3).map(tuple)
    paths = draw(st.lists(known | known | others, max_size=5))
    rules = {tuple(map(_form, path)): draw(st.sampled_from(kinds)) for path in paths}
    return {path: "hash" if (path, kind) == (("id",), "drop") else kind for path, kind in rules.items()}


def escaped(path):
    """Returns a path as it is written in table settings."""
    return ".".join(name.replace("\\", r"\\").replace(".", r"\.") for name in path)


def masked_item(item, rules, mask_key):
    """Returns an item as it is after rules."""
    return _members(item, (), {path: kind for path, kind in rules.items() if path}, mask_key)


def _members(members, path, rules, mask_key):
    written = {}
    for name, value in members.items():
        here = (*path, name if (*path, name) in rules or _leads_on((*path, name), rules) else _form(name))
        if rules.get(here) != "drop":
            written[name] = _value(_inside(value, here, rules, mask_key), rules.get(here), mask_key)
    return written


def _leads_on(path, rules):
    return any(other[: len(path)] == path for other in rules)


def _inside(value, path, rules, mask_key):
    ((kind, content),) = value.items()
    if kind == "M":
        return {"M": _members(content, path, rules, mask_key)}
    if kind == "L":
        return {"L": [_inside(element, path, rules, mask_key) for element in content]}
    return value


def _value(value, rule, mask_key):
    if rule is None or "NULL" in value:
        return value
    if rule == "hash":
        return {"S": hmac.new(mask_key, _text(value, canonical=True).encode(), hashlib.sha256).hexdigest()}
    if rule == "json":
        return {"S": json_of(value)}
    return {"S": _text(value)}


def _text(value, *, canonical=False):
    ((kind, content),) = value.items()
    return content if kind in ("S", "B") else json_of(value, canonical=canonical)


def json_of(value, *, canonical=False):
    """Returns the compact JSON text of a typed value; of equal values the same text, if it is to be canonical."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return _number(content) if canonical else content
        case "NS":
            return f"[{','.join(sorted(map(_number, content)) if canonical else content)}]"
        case "SS" | "BS":
            return _quoted(sorted(content) if canonical else content)
        case "L":
            return f"[{','.join(json_of(element, canonical=canonical) for element in content)}]"
        case "M":
            names = sorted(content) if canonical else content
            return (
                "{" + ",".join(f"{_quoted(name)}:{json_of(content[name], canonical=canonical)}" for name in names) + "}"
            )
        case "NULL":
            return "null"
    return _quoted(content)


def _quoted(plain):
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _number(literal):
    number = Decimal(literal)
    text = format(number.normalize(_EXACT), "f")
    return "0" if not number else text


def _form(name):
    return unicodedata.normalize("NFC", name)


def respelled(value):
    """Returns an equal value that is spelled otherwise: numbers, and the order of sets and of members."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return {"N": _respelled(content)}
        case "NS":
            return {"NS": [_respelled(literal) for literal in reversed(content)]}
        case "SS" | "BS":
            return {kind: content[::-1]}
        case "L":
            return {"L": [respelled(element) for element in content]}
        case "M":
            return {"M": {name: respelled(content[name]) for name in reversed(content)}}
    return value


def _respelled(literal):
    digits = format(Decimal(literal), "f")
    return digits + ("0" if "." in digits else ".0") + "e0"


def marked(item):
    """Returns the item with a value of its own for each text, number and binary in it; other values are dropped."""
    counter = iter(range(1, 1_000_000))

    def mark(value):
        ((kind, content),) = value.items()
        match kind:
            case "M":
                return {"M": {name: mark(member) for name, member in content.items()}}
            case "L":
                return {"L": [mark(element) for element in content]}
            case "N":
                return {"N": f"8{next(counter):06d}00000009"}
            case "NS":
                return {"NS": [f"8{next(counter):06d}00000009" for _ in content]}
            case "B":
                return {"B": base64.b64encode(b"binary%06d" % next(counter)).decode()}
            case "BS":
                return {"BS": [base64.b64encode(b"binary%06d" % next(counter)).decode() for _ in content]}
            case "SS":
                return {"SS": [f"marker{next(counter):06d}" for _ in content]}
            case "S":
                return {"S": f"marker{next(counter):06d}"}
        return value

    return {name: mark(value) for name, value in item.items()}


def markers_of(value):
    """Returns the texts of all values of `marked` inside of a typed value."""
    ((kind, content),) = value.items()
    match kind:
        case "M":
            return set().union(*map(markers_of, content.values()))
        case "L":
            return set().union(*map(markers_of, content))
        case "S" | "N" | "B":
            return {content}
        case "SS" | "NS" | "BS":
            return set(content)
    return set()

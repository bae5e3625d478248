"""Hypothesis strategies for all items that DynamoDB accepts, and for change records around them.

Limits: Amazon DynamoDB Developer Guide, "Supported data types and naming rules in Amazon DynamoDB", and "Quotas":
numbers of 38 digits and magnitudes of 1E-130 to 9.99E+125, documents nested 32 levels deep, names of any characters.
"""

from __future__ import annotations

import base64
import json
import os
from decimal import Context, Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# For properties: the same 100 items in every run, or as many new ones as the variable says (`make properties`).
_EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")
generated = settings(
    max_examples=int(_EXAMPLES or 100),
    derandomize=_EXAMPLES is None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

DEEPEST = 32
_EXACT = Context(prec=60)

_CHARACTERS = st.characters(exclude_categories=["Cs"])
# Names that want each other's columns, ours, or JSON Pointer's own characters; and names of the types.
_COLLIDING = [*"aAbB", "a_b", "a.b", "A-B", "a__b", "a._b", "_", "__", "x", "x_", "9", "x9", "/", "~", "~1", "~0"]
_CODED = ["é", "É", "e\u0301", "u0000e9", "U0000E9", "aé", "au0000e9", "名", "前", "Ä", "\u212a", "K"]
_RESERVED = ["cdc", "cdc_event", "CDC-Key", "cdc_overflow", "cdc_date", "cdc_", "event", "_cdc_ttl", "dt", "hour"]
_TYPES = ["S", "N", "M", "L", "BOOL", "NULL", "SS", "NS", "B", "BS"]
_ODD = [*'\x00\n"\\ 😀\u2028\x7f\ufeff\uffff', "NewImage", "id", "ID", '","N":"1']
_LONG = [
    letter * length for letter in ("n", "N", "\x01", "😀") for length in (60, 127, 251, 253, 254, 255, 256, 257, 700)
]

names = st.one_of(
    st.sampled_from(_COLLIDING + _CODED),
    st.sampled_from(_RESERVED + _TYPES + _ODD),
    st.text(_CHARACTERS, min_size=1, max_size=6),
    st.sampled_from(_LONG),
)
# Names that want each other's columns, alone or as steps of a path.
colliding_names = st.lists(
    st.sampled_from([*"aAbB._-9x", "__", "é", "É", "e\u0301", "u0000e9", "U0000E9", "名", "u00540d", "cdc_"]),
    min_size=1,
    max_size=3,
).map("".join)
texts = st.one_of(
    st.text(_CHARACTERS, max_size=8),
    st.sampled_from(
        ["", "\n", '"\\' * 9, "\x00\x1f\x7f", "\u2028\u2029", "null", "[1]", '{"a":1}', "é😀", "\ufeff", "1"]
    ),
)


@st.composite
def numbers(draw):
    """A number's literal: 1 to 38 digits, magnitude 1E-130 to 9.9E+125 or zero, in any spelling that JSON has."""
    digits = draw(st.integers(0, 10**38 - 1).map(str) | st.sampled_from(["0", "1", "9" * 38, "1" + "0" * 37, "15"]))
    magnitude = draw(st.integers(-130, 125) | st.sampled_from([-130, 125, 0, -1, len(digits) - 1]))
    sign = draw(st.sampled_from(["", "-"]))
    exponent = magnitude - (len(digits) - 1)
    letter = draw(st.sampled_from(["e", "E"]))
    plus = draw(st.sampled_from(["", "+"])) if exponent >= 0 else ""
    zeros = "0" * draw(st.integers(0, 3))
    match draw(st.sampled_from(["positional", "padded", "scientific", "whole", "pythonic"])):
        case "positional":
            return sign + format(Decimal(f"{digits}E{exponent}"), "f")
        case "padded":
            positional = format(Decimal(f"{digits}E{exponent}"), "f")
            return sign + positional + ("" if "." in positional else ".0") + zeros
        case "scientific":
            power = f"{letter}{'+' if plus and magnitude >= 0 else ''}{magnitude}"
            return f"{sign}{digits[0]}.{digits[1:]}{zeros or '0'}{power}"
        case "whole":
            return f"{sign}{digits}{letter}{plus}{exponent}"
        case _:
            return str(Decimal(f"{sign}{digits}E{exponent}").normalize(_EXACT))


binaries = st.binary(max_size=7).map(lambda data: base64.b64encode(data).decode())


def _sets(members):
    return st.lists(members, min_size=1, max_size=4, unique=True)


scalars = st.one_of(
    texts.map(lambda text: {"S": text}),
    numbers().map(lambda literal: {"N": literal}),
    st.booleans().map(lambda truth: {"BOOL": truth}),
    st.just({"NULL": True}),
    binaries.map(lambda text: {"B": text}),
    _sets(texts).map(lambda members: {"SS": members}),
    _sets(numbers()).map(lambda members: {"NS": members}),
    _sets(binaries).map(lambda members: {"BS": members}),
    st.sampled_from([{"M": {}}, {"L": []}]),
)


def _values(names):
    return st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.dictionaries(names, inner, max_size=5).map(lambda members: {"M": members}),
            st.lists(inner, max_size=4).map(lambda elements: {"L": elements}),
        ),
        max_leaves=14,
    )


values = _values(names)


@st.composite
def _stalks(draw):
    """A value at the end of a path of maps and lists, down to DynamoDB's deepest level."""
    value = draw(scalars)
    depth = draw(st.integers(1, DEEPEST) | st.just(DEEPEST))
    for name in draw(st.lists(names | st.none(), min_size=depth, max_size=depth)):
        if name is None:
            value = {"L": [value]}
        else:
            beside = draw(st.dictionaries(names, scalars, max_size=1))
            value = {"M": beside | {name: value}}
    return value


key_values = st.one_of(
    texts.filter(bool).map(lambda text: {"S": text}),
    numbers().map(lambda literal: {"N": literal}),
    binaries.filter(bool).map(lambda text: {"B": text}),
)


@st.composite
def items(draw, names=names):
    """An item in DynamoDB's JSON: name -> typed value, always with the key attribute `id`."""
    item = draw(st.dictionaries(names, _values(names), max_size=6))
    if draw(st.integers(0, 3)) == 3:
        item[draw(names)] = draw(_stalks())
    item["id"] = draw(key_values)
    return {name: item[name] for name in draw(st.permutations(list(item)))}


def change(item, event="INSERT", **envelope):
    """Returns a change record that leaves the item in the lake, as a document still to be encoded."""
    images = {
        "ApproximateCreationDateTime": 1_700_000_000_123_456,
        "Keys": {"id": item["id"]},
        ("OldImage" if event == "REMOVE" else "NewImage"): item,
    }
    if event == "MODIFY":
        images["OldImage"] = {"id": item["id"]}
    return {"eventID": "e-1", "eventName": event, "tableName": "orders", "dynamodb": images} | envelope


def encoded(document):
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

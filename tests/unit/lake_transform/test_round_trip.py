"""Whatever the item: each of its leaves is found again, exactly once, in a column or in the overflow."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake_transform.settings import Settings
from lake_transform.transform import Transform

_NAMES = st.one_of(
    st.sampled_from(
        ["a", "A", "b", "a_b", "a.b", "B", "cdc_event", "cdc", "event", "S", "N", "/", "~", "~1", "_", "é"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4),
    st.sampled_from(["n" * 200, "n" * 254, "N" * 254, "n" * 300]),
)
_NUMBERS = st.one_of(
    st.integers(-(10**37), 10**37).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=9).map(str),
).filter(lambda text: "E" not in text)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_SCALARS = st.one_of(
    _TEXT.map(lambda text: {"S": text}),
    _NUMBERS.map(lambda number: {"N": number}),
    st.booleans().map(lambda truth: {"BOOL": truth}),
    st.just({"NULL": True}),
    st.binary(max_size=4).map(lambda data: {"B": data.hex()}),
    st.lists(_TEXT, min_size=1, max_size=3, unique=True).map(lambda texts: {"SS": texts}),
    st.lists(_NUMBERS, min_size=1, max_size=3, unique=True).map(lambda numbers: {"NS": numbers}),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda values: st.one_of(
        st.dictionaries(_NAMES, values, max_size=4).map(lambda members: {"M": members}),
        st.lists(values, max_size=3).map(lambda elements: {"L": elements}),
    ),
    max_leaves=12,
)
_IMAGES = st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=6)


def _plain(value):
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return Decimal(content)
        case "NS":
            return [Decimal(number) for number in content]
        case "NULL":
            return None
        case "L":
            return [_plain(element) for element in content]
        case "M":
            return {name: _plain(member) for name, member in content.items()}
    return content


def _read(text):
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


def _leaves(members, path=()):
    for name, member in members.items():
        if isinstance(member, dict) and member:
            yield from _leaves(member, (*path, name))
        else:
            yield (*path, name), member


def _unescape(pointer):
    return tuple(name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:])


def _column(path):
    name = "_".join("".join(c if c.isascii() and c.isalnum() else "_" for c in part).lower() for part in path)
    return name if "a" <= name[:1] <= "z" else "x" + name


def _found(row, image):
    """Returns the item's leaves as they are read back from a row: the overflow first, then each column's owner."""
    overflow = {_unescape(pointer): value for pointer, value in _read(row.pop("cdc_overflow", "{}")).items()}
    owners = {_column(path): (path, value) for path, value in _branches(image) if path not in overflow}
    found = dict(_expand(overflow))
    for column, cell in row.items():
        path, value = owners.pop(column)
        found |= dict(_expand({path: _read(cell) if isinstance(value, dict | list) else cell}))
    assert not owners
    return found


def _branches(image, path=()):
    """Yields each path that has a column's worth of content, by the contract: leaves, and the rest of long branches."""
    rest = {}
    for name, member in image.items():
        whole = (*path, name)
        if len(_column(whole)) > 255:
            if path:
                rest[name] = member
        elif isinstance(member, dict) and member:
            yield from _branches(member, whole)
        else:
            yield whole, member
    if rest:
        yield path, rest


def _expand(found):
    for path, value in found.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, path)
        else:
            yield path, value


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(image=_IMAGES)
def test_every_leaf_is_found_again_exactly(image):
    images = {"ApproximateCreationDateTime": 1_700_000_000, "Keys": {"id": {"S": "1"}}, "NewImage": image}
    document = {"eventID": "e", "eventName": "INSERT", "tableName": "t", "dynamodb": images}
    row = _read(Transform(Settings()).change(json.dumps(document).encode()).data)
    for column in list(row):
        if column.startswith("cdc_") and column != "cdc_overflow":
            del row[column]
    plain = {name: _plain(value) for name, value in image.items()}

    assert _found(row, plain) == dict(_leaves(plain))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(image=_IMAGES)
def test_the_order_of_attributes_decides_nothing_but_the_order_of_columns(image):
    def rows(members):
        item = json.dumps({"Item": members | {"id": {"S": "1"}}}).encode()
        options = {"table": "t", "key_names": ["id"], "snapshot_id": "s", "instant": 0}
        row = _read(Transform(Settings()).item(item, **options).data)
        return {name: _read(cell) if name == "cdc_overflow" else cell for name, cell in row.items()}

    assert rows(image) == rows(dict(reversed(image.items())))

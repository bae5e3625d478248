"""Properties of rules that hold for every legal item and any set of rules."""

from __future__ import annotations

import json
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from lake_transform.settings import Settings
from lake_transform.table_settings import TableSettings, parse_path
from lake_transform.transform import Transform
from tests.unit.lake_transform import legal_items, reading_back, ruled_items
from tests.unit.lake_transform.conftest import MASK_KEY
from tests.unit.lake_transform.legal_items import change, encoded, generated, items
from tests.unit.lake_transform.ruled_items import json_of, marked, markers_of, masked_item, respelled, rules_for

_SNAPSHOT = {"table": "orders", "key_names": ["id"], "snapshot_id": "s", "instant": 0}
_EVENTS = st.sampled_from(["INSERT", "MODIFY", "REMOVE"])
_FORMATS = st.sampled_from(["text", "array"])
_SEEN = []


def remember(row, seen_change):
    """A hook that keeps all that it can see."""
    images = seen_change and [seen_change.images, seen_change.image, seen_change.old_image]
    _SEEN.append(repr(row) + msgspec.json.encode(images).decode())
    return row


@st.composite
def ruled(draw, kinds=ruled_items.KINDS, item=None):
    """An item and rules for it."""
    drawn = draw(items() if item is None else item)
    return drawn, draw(rules_for(drawn, kinds))


def _transform(rules, *, before=False, **chosen):
    paths = {parse_path(ruled_items.escaped(path)): kind for path, kind in rules.items()}
    assert paths == rules
    return Transform(Settings(tables={"orders": TableSettings(before, paths)}, mask_key=MASK_KEY, **chosen))


def _columns(row):
    """Returns a row without what is made of the key, whose numbers have one spelling."""
    return {name: cell for name, cell in row.items() if name not in ("cdc_key", "cdc_event_id")}


def _modify(item):
    document = change(item, "MODIFY")
    document["dynamodb"]["OldImage"] = item
    return encoded(document)


@generated
@given(case=ruled(), event=_EVENTS, list_format=_FORMATS)
def test_the_line_is_that_of_an_item_that_holds_what_the_rules_leave(case, event, list_format):
    item, rules = case
    left = masked_item(item, rules, MASK_KEY)
    transform, plain = _transform(rules, list_format=list_format), Transform(Settings(list_format=list_format))
    lines = [
        (transform.change(encoded(change(item, event))), plain.change(encoded(change(left, event)))),
        (
            transform.item(encoded({"Item": item}), **_SNAPSHOT),
            plain.item(encoded({"Item": left}), **_SNAPSHOT),
        ),
    ]
    for line, expected in lines:
        assert _columns(reading_back.row_of(line.data)) == _columns(reading_back.row_of(expected.data))
        assert list(reading_back.row_of(line.data)) == list(reading_back.row_of(expected.data))
        assert line.overflowed == expected.overflowed


@generated
@given(case=ruled(), list_format=_FORMATS)
def test_the_old_image_is_what_the_rules_leave_of_it(case, list_format):
    item, rules = case
    row = reading_back.row_of(_transform(rules, before=True, list_format=list_format).change(_modify(item)).data)

    assert row["cdc_before"] == json_of({"M": masked_item(item, rules, MASK_KEY)})


@generated
@given(case=ruled(("hash", "drop", "json", "text"), items().map(marked)), list_format=_FORMATS)
def test_no_masked_value_is_anywhere_and_no_other_is_lost(case, list_format):
    item, rules = case
    left = markers_of({"M": masked_item(item, {path: kind for path, kind in rules.items() if kind == "drop"}, b"")})
    hashes = {path: "drop" for path, kind in rules.items() if kind in ("hash", "drop")}
    readable = markers_of({"M": masked_item(item, hashes, b"")})
    secret = markers_of({"M": item}) - readable
    assert readable <= left

    transform = _transform(rules, before=True, list_format=list_format, hook=f"{__name__}:remember")
    _SEEN.clear()
    documents = [encoded(change(item, event)) for event in ("INSERT", "MODIFY", "REMOVE")] + [_modify(item)]
    lines = [transform.change(document).data for document in documents]
    lines += [transform.hooked(line, document).data for line, document in zip(lines, documents, strict=True)]
    lines.append(transform.item(encoded({"Item": item}), **_SNAPSHOT).data)

    assert len(_SEEN) == len(lines) == 9
    for line, seen in zip(lines, _SEEN, strict=True):
        decoded = _decoded(json.loads(line))
        assert not [each for each in secret if each in decoded or each in seen]
        assert not [each for each in readable if each not in decoded]


def _decoded(cell):
    """Returns a cell as text, with JSON text inside of it decoded as often as it can be."""
    if isinstance(cell, str):
        try:
            inner = json.loads(cell)
        except ValueError:
            return cell
        return f"{cell}\n{_decoded(inner) if inner != cell else ''}"
    if isinstance(cell, dict):
        return "\n".join(f"{name}\n{_decoded(member)}" for name, member in cell.items())
    return "\n".join(map(_decoded, cell)) if isinstance(cell, list) else str(cell)


@generated
@given(value=legal_items.values, other=legal_items.values)
def test_hashes_are_equal_exactly_where_values_are(value, other):
    transform = _transform({("a",): "hash"})

    def digest(typed):
        document = encoded(change({"id": {"S": "1"}, "a": typed}))
        return reading_back.row_of(transform.change(document).data)["a"]

    def identity(typed):
        ((kind, content),) = typed.items()
        return content if kind in ("S", "B") else json_of(typed, canonical=True)

    assert digest(value) == digest(respelled(value))
    if "NULL" not in value and "NULL" not in other:
        assert (digest(value) == digest(other)) == (identity(value) == identity(other))


@generated
@given(item=items(), other=legal_items.key_values, kind=st.sampled_from(["hash", "text", "json"]))
def test_masked_keys_are_equal_exactly_where_keys_are(item, other, kind):
    transform = _transform({("id",): kind})

    def keys(value):
        masked = item | {"id": value}
        changed = reading_back.row_of(transform.change(encoded(change(masked))).data)
        snapshot = reading_back.row_of(transform.item(encoded({"Item": masked}), **_SNAPSHOT).data)
        assert snapshot["cdc_event_id"] == f"s:{snapshot['cdc_key']}"
        assert snapshot["cdc_key"] == changed["cdc_key"]
        return changed["cdc_key"]

    def identity(value):
        ((typed, content),) = value.items()
        return Decimal(content) if typed == "N" else content

    assert keys(item["id"]) == keys(respelled(item["id"]))
    if item["id"].keys() == other.keys():
        assert (keys(item["id"]) == keys(other)) == (identity(item["id"]) == identity(other))


@generated
@given(case=ruled(), event=_EVENTS, list_format=_FORMATS)
def test_a_table_without_rules_of_its_own_has_the_lines_that_it_had(case, event, list_format):
    item, rules = case
    document = encoded(change(item, event, tableName="others"))

    assert _transform(rules, before=True, list_format=list_format).change(document) == Transform(
        Settings(list_format=list_format)
    ).change(document)

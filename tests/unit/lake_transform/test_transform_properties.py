"""Properties that hold for every legal item, not only for chosen examples.

Each property tries the same 100 generated items every time; `make properties EXAMPLES=20000` tries new ones.
"""

from __future__ import annotations

import json
from decimal import Context, Decimal

from hypothesis import given, target
from hypothesis import strategies as st

from lake_transform.settings import Settings
from lake_transform.transform import Transform
from tests.unit.lake_transform import legal_items, reading_back
from tests.unit.lake_transform.legal_items import change, encoded, generated, items

_SNAPSHOT = {"table": "orders", "key_names": ["id"], "snapshot_id": "s", "instant": 0}


def _line(item, **chosen):
    return Transform(Settings(**chosen)).change(encoded(change(item))).data


def _attributes(line):
    """Returns what follows the change's own columns, as bytes, so that spelling and order count too."""
    return line[line.index(b',"cdc_ttl":') :]


@generated
@given(item=items(), separator=st.sampled_from(["_", "__", "0"]), list_format=st.sampled_from(["text", "array"]))
def test_every_leaf_is_read_back_with_its_own_value_and_nothing_else_is_there(item, separator, list_format):
    row = reading_back.row_of(_line(item, path_separator=separator, list_format=list_format))
    shape = reading_back.shape_of({"M": item})

    found = reading_back.leaves_in(row, shape, separator=separator, arrays=list_format == "array")

    assert found == reading_back.leaves_of(item)


@generated
@given(item=items(), list_format=st.sampled_from(["text", "array"]))
def test_every_line_is_one_flat_json_object_with_legal_columns(item, list_format):
    row = reading_back.row_of(_line(item, list_format=list_format))

    if list_format == "text":
        assert not any(isinstance(cell, list) for cell in row.values())


@generated
@given(item=items(), others=st.lists(items(), max_size=2), event=st.sampled_from(["INSERT", "MODIFY", "REMOVE"]))
def test_the_same_change_is_the_same_bytes_whatever_came_before_it(item, others, event):
    document = encoded(change(item, event))
    fresh = Transform(Settings()).change(document).data
    used = Transform(Settings())
    for other in others:
        used.change(encoded(change(other)))

    assert used.change(document).data == fresh
    assert used.change(document).data == fresh


@generated
@given(item=items(), indent=st.sampled_from([None, 0, "\t"]), ascii_only=st.booleans())
def test_how_the_change_record_spells_its_json_decides_nothing(item, indent, ascii_only):
    spelt = json.dumps(change(item), ensure_ascii=ascii_only, indent=indent).encode()

    assert Transform(Settings()).change(spelt).data == _line(item)


@generated
@given(item=items())
def test_an_item_is_laid_out_alike_whatever_brings_it(item):
    lines = [
        *(Transform(Settings()).change(encoded(change(item, event))).data for event in ("INSERT", "MODIFY", "REMOVE")),
        Transform(Settings()).item(encoded({"Item": item}), **_SNAPSHOT).data,
    ]

    assert len({_attributes(line) for line in lines}) == 1


@generated
@given(item=items() | items(names=legal_items.colliding_names), random=st.randoms(use_true_random=False))
def test_the_order_of_attributes_and_members_decides_only_the_order_of_columns(item, random):
    def shuffled(members):
        pairs = [(name, {"M": shuffled(value["M"])} if "M" in value else value) for name, value in members.items()]
        random.shuffle(pairs)
        return dict(pairs)

    shape = reading_back.shape_of({"M": item})
    rows = [reading_back.row_of(_line(members)) for members in (item, shuffled(item))]
    one, other = (reading_back.parse(row.get("cdc_overflow", "{}")) for row in rows)

    assert rows[0].keys() == rows[1].keys()
    assert list(one) == list(other)
    assert reading_back.leaves_in(rows[0], shape) == reading_back.leaves_in(rows[1], shape)


@generated
@given(item=items(names=legal_items.colliding_names), separator=st.sampled_from(["_", "__", "0"]))
def test_where_names_collide_the_right_path_has_the_column_and_no_value_is_lost(item, separator):
    row = reading_back.row_of(_line(item, path_separator=separator))

    found = reading_back.leaves_in(row, reading_back.shape_of({"M": item}), separator=separator)

    assert found == reading_back.leaves_of(item)


@generated
@given(item=items(), list_format=st.sampled_from(["text", "array"]))
def test_a_hook_that_changes_nothing_changes_no_byte(item, list_format):
    hooked = _line(item, list_format=list_format, hook=f"{__name__}:unchanged")

    assert hooked == _line(item, list_format=list_format)


def unchanged(row, _change):
    return row


@generated
@given(item=items(), other=legal_items.key_values)
def test_keys_have_equal_text_exactly_when_they_are_equal(item, other):
    def key(value):
        return reading_back.row_of(_line(item | {"id": value}))["cdc_key"]

    def identity(value):
        ((kind, content),) = value.items()
        return Decimal(content) if kind == "N" else content

    same_type = item["id"].keys() == other.keys()
    assert json.loads(key(item["id"]), parse_int=Decimal, parse_float=Decimal) == {"id": identity(item["id"])}
    if same_type:
        assert (key(item["id"]) == key(other)) == (identity(item["id"]) == identity(other))


@generated
@given(literal=legal_items.numbers())
def test_every_spelling_of_a_key_number_has_the_text_of_its_value(literal):
    number = Decimal(literal)
    shortest = number.normalize(Context(prec=60))
    spellings = {literal, format(number, "f"), f"{number:e}", str(number), format(shortest, "f"), str(shortest)}
    texts = {reading_back.row_of(_line({"id": {"N": spelling}}))["cdc_key"] for spelling in spellings}

    assert len(texts) == 1


@generated
@given(item=items())
def test_a_line_is_no_longer_than_its_item_allows(item):
    line = _line(item)
    target(len(line) / len(encoded(item)))

    row = reading_back.row_of(line)
    pointers = reading_back.parse(row.get("cdc_overflow", "{}"))

    # A name costs its column, of 255 bytes at most; a letter of a path in the overflow at most the 7 that a control
    # character takes in JSON in JSON; a value what quoting it once more takes; what describes the change is a constant.
    names = sum(len(column) + len('"":,') for column in row)
    leaves = len(reading_back.leaves_of(item))
    assert len(line) <= 700 + names + 7 * sum(map(len, pointers)) + 2 * len(encoded(item))
    assert len(pointers) + len(row) <= leaves + 9

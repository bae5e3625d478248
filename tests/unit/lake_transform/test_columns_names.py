"""Which names share a column: those that the rule for ASCII letters and punctuation makes alike, and no others."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake_transform.columns import Columns, is_column
from tests.unit.lake_transform import legal_items, reading_back
from tests.unit.lake_transform.legal_items import generated

_SHORT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
_NAMES = legal_items.colliding_names | _SHORT
_SPELLS_A_CODE = re.compile(r"u[0-9a-f]{6}", re.IGNORECASE)


def _column(*path, separator="__"):
    """Returns the column that a path wants, reserved or not; nothing if it is too long."""
    columns = Columns(separator)
    node = columns.root
    for name in path:
        node = columns.add_child(node, name)
        if not node.can_extend:
            break
    return node.name


def _alike(name):
    """Returns a name without what the rule for ASCII takes from it: case, punctuation, and how it starts."""
    ascii_rule = {ord(each): "_" for each in map(chr, range(128)) if each not in string.ascii_letters + string.digits}
    folded = name.translate(ascii_rule | {ord(each): each.lower() for each in string.ascii_uppercase})
    return "x" + folded if folded[0] in string.digits + "_" else folded


@generated
@given(one=_NAMES, other=_NAMES)
def test_two_names_share_a_column_exactly_where_ascii_makes_them_alike(one, other):
    if _SPELLS_A_CODE.search(one + " " + other):
        return

    assert (_column(one) == _column(other)) == (_alike(one) == _alike(other))


@generated
@given(name=_SHORT)
def test_a_name_shares_its_column_with_the_ascii_name_that_spells_its_codes(name):
    spelled = "".join(each if each.isascii() else f"u{ord(each):06x}" for each in name)

    assert spelled.isascii()
    assert _column(name) == _column(spelled)


@generated
@given(path=st.lists(_NAMES, min_size=1, max_size=4).map(tuple), separator=st.sampled_from(["_", "__", "0", "x_9"]))
def test_a_column_is_legal_and_as_the_contract_spells_it(path, separator):
    column = _column(*path, separator=separator)

    assert column == (expected if len(expected := reading_back.column_of(path, separator)) <= 255 else "")
    assert not column or is_column(column)


@generated
@given(path=st.lists(_NAMES, min_size=1, max_size=4).map(tuple))
def test_a_path_is_spelled_like_its_column_exactly_where_nothing_was_replaced(path):
    joined = Columns("__").joined(path)

    assert (joined == _column(*path)) == is_column(joined)


@pytest.mark.parametrize("point", [0x80, 0xFF, 0x100, 0xFFFF, 0x10000, 0x10FFFF])
def test_a_code_has_six_digits_whatever_the_character(point):
    assert _column(chr(point)) == f"u{point:06x}"
    assert len(_column(chr(point))) == 7


def test_every_ascii_character_has_its_place():
    columns = {_column("a" + chr(point)) for point in range(128)}

    assert columns == {"a" + each for each in string.ascii_lowercase + string.digits + "_"}

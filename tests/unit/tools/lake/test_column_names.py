from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lake_transform.columns import Columns
from tools.lake import column_names


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=6), min_size=1, max_size=4), st.sampled_from(["__", "_"])
)
def test_a_path_has_the_column_that_the_function_gives_it(names, separator):
    columns = Columns(separator)
    node = columns.root
    for name in names:
        node = columns.add_child(node, name)
    assume(node.name)

    assert column_names.column_name(tuple(names), separator) == node.name


def test_columns_are_masked_by_rules_that_hash_alone():
    rules = {"email": "hash", "card.no": "hash", r"by\.user": "hash", "price": "text", "ssn": "drop", "bio": "json"}

    assert column_names.hashed_columns(rules) == {"email", "card__no", "by_user"}
    assert column_names.hashed_columns(rules, "_") == {"email", "card_no", "by_user"}


@pytest.mark.parametrize("text", ["", "[1]", "7", "no JSON"])
def test_what_is_no_key_has_no_columns(text):
    assert column_names.key_columns(text) == set()

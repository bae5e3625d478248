from __future__ import annotations

import pytest

from lake_transform.keys import key_text
from lake_transform.rules import Rules
from lake_transform.values import AttributeValue
from tools.lake import item_keys
from tools.lake.erasure import subject

KEY = {"id": AttributeValue(S="zoë@example.com"), "n": AttributeValue(N="1.50"), "b": AttributeValue(B="AQI=")}
MASK_KEYS = (b"one" * 12, b"two" * 12)


@pytest.mark.parametrize("kind", ["hash", "text", "json", None])
@pytest.mark.parametrize("name", list(KEY))
@pytest.mark.parametrize("mask_key", MASK_KEYS)
def test_a_key_is_found_however_rules_have_spelled_it(kind, name, mask_key):
    rules = {(name,): kind} if kind else {}
    written = key_text(Rules(rules, mask_key).apply_to_key(KEY))

    found = subject.of_keys([key_text(KEY)], MASK_KEYS, {name: kind})

    assert written in found.written


def test_a_text_that_looks_like_the_json_of_another_is_another_item():
    written = item_keys.spellings('{"id":"a"}', (), {})
    assert '{"id":"\\"a\\""}' not in written


def test_a_typed_key_is_spelled_as_the_function_spells_it():
    typed = {"n": {"N": "1.50"}, "id": {"S": "zoë@example.com"}, "b": {"B": "AQI="}}
    assert item_keys.of_typed(typed) == key_text(KEY)


def test_text_names_an_item_by_a_word_of_its_own_alone():
    found = subject.of_keys(['{"id":"adam@example.com"}', '{"id":"ab"}'], (), {})
    assert found.is_named_in(b'torn {"id":"adam@example.com')
    assert not found.is_named_in(b'{"id":"madam@example.com"}')
    assert not found.is_named_in(b'{"id":"ab"}')


def test_the_digest_is_that_of_the_same_request_under_the_same_salt_alone():
    salt = subject.new_salt()
    assert subject.digest(["a", "b"], salt) == subject.digest(["b", "a", "a"], salt)
    assert subject.digest(["a", "b"], salt) != subject.digest(["a"], salt)
    assert subject.digest(["a", "b"], salt) != subject.digest(["a", "b"], subject.new_salt())

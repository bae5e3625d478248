"""Numbers: their own literal, all digits, and nothing that is not a number in JSON's grammar."""

from __future__ import annotations

import json

import pytest

from lake_transform import literals
from lake_transform.errors import RecordError

_GOOD = ["0", "-0", "7", "-7", "10", "1.50", "0.000", "1e5", "1E+5", "-1.5e-130", "9" * 38, "1e400", "0." + "1" * 38]
_BAD = [
    "", " ", "-", "+5", "007", "-01", ".5", "1.", "1e", "e5", "0x10", "1_000", "NaN", "Infinity", "-Infinity",
    " 1", "1 ", "1\n", "\n1", "1,2", "1]", "[1]", '1,"admin":true', '"1"', "true", "null", "\uff11", "\u0663",
    "1\u0000", "--1", "1-2", "1.2.3",
]  # fmt: skip


@pytest.mark.parametrize("literal", _GOOD)
def test_a_number_keeps_its_own_literal(transform, record, literal):
    image = {
        "a": {"N": literal},
        "b": {"NS": [literal]},
        "c": {"L": [{"N": literal}]},
        "d": {"M": {"e": {"N": literal}}},
    }
    data = transform.change(record(image)).data.decode()

    assert f'"a":{literal},"b":"[{literal}]","c":"[{literal}]","d__e":{literal}' in data


@pytest.mark.parametrize("literal", _BAD)
@pytest.mark.parametrize(
    "place",
    [
        lambda n: {"a": {"N": n}},
        lambda n: {"a": {"NS": [n]}},
        lambda n: {"a": {"L": [{"N": n}]}},
        lambda n: {"a": {"M": {"b": {"N": n}}}},
        lambda n: {"a": {"L": [{"M": {"b": {"NS": ["1", n]}}}]}},
        lambda n: {"a": {"N": n}, "A": {"N": "1"}},
        lambda n: {"a": {"N": "1"}, "A": {"N": n}},
        lambda n: {"x" * 300: {"N": n}},
    ],
)
def test_what_is_no_number_is_refused_wherever_it_stands(transform, record, literal, place):
    with pytest.raises(RecordError, match="grammar"):
        transform.change(record(place(literal)))


@pytest.mark.parametrize("bad", _BAD)
def test_one_bad_literal_among_many_is_found(bad):
    literals.check(_GOOD * 30)

    with pytest.raises(RecordError):
        literals.check([*_GOOD, bad, *_GOOD])


def test_no_literal_may_make_up_for_another():
    with pytest.raises(RecordError):
        literals.check(["1,2", "", "3"])
    with pytest.raises(RecordError):
        literals.check(["1e", "5"])


@pytest.mark.parametrize(
    ("spellings", "canonical"),
    [
        (["0", "-0", "0.0", "-0.00", "0e5", "0E-200"], "0"),
        (["1", "1.0", "1.00", "1e0", "10e-1", "0.1E1"], "1"),
        (["-15", "-15.0", "-1.5e1"], "-15"),
        (["0.5", "5e-1", "0.50"], "0.5"),
        (["100", "1e2", "1E+2", "100.0"], "100"),
        (["1" + "0" * 125, "1e125"], "1" + "0" * 125),
        (["1e-130"], "0." + "0" * 129 + "1"),
        (["12345678901234567890123456789012345678"], "12345678901234567890123456789012345678"),
    ],
)
def test_equal_numbers_have_one_canonical_spelling(spellings, canonical):
    assert {literals.canonical(spelling) for spelling in spellings} == {canonical}
    assert json.loads(canonical) is not None


@pytest.mark.parametrize("literal", [*_BAD, "1e126", "1e-131", "1e999999999", "1e99999999999999999999", "1" * 2_000])
def test_a_keys_number_must_be_one_that_dynamodb_has(literal):
    with pytest.raises(RecordError):
        literals.canonical(literal)

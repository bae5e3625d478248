"""An ordinary batch takes the short way: what is looked at again one by one is only what gave reason to."""

from __future__ import annotations

import pytest

import lake_transform.transform
from lake_transform import batch, handler, literals, one_pass
from lake_transform.flatten import Flattener
from lake_transform.settings import Settings
from lake_transform.shapes import Shapes
from lake_transform.transform import Transform
from tests.unit.lake_transform import native_library
from tests.unit.lake_transform.both_paths import needs_native_code

_IMAGE = {
    "id": {"S": "1"},
    "n": {"N": "1.50"},
    "yes": {"BOOL": True},
    "none": {"NULL": True},
    "sets": {"M": {"s": {"SS": ["a"]}, "n": {"NS": ["1", "2"]}, "b": {"BS": ["AQ=="]}, "one": {"B": "AQ=="}}},
    "map": {"M": {"a": {"M": {"b": {"N": "2"}, "c": {"M": {}}}}, "l": {"L": []}}},
    "list": {"L": [{"S": "x"}, {"L": [{"N": "3"}, {"M": {"d": {"S": "y"}, "e": {"L": [{"NULL": True}]}}}]}]},
}


@pytest.fixture
def calls(monkeypatch):
    """Counts the calls of a function, which it replaces where it is looked up."""

    def count(owner, name):
        counted = []
        function = getattr(owner, name)

        def counting(*arguments):
            counted.append(arguments)
            return function(*arguments)

        monkeypatch.setattr(owner, name, counting)
        return counted

    return count


@pytest.mark.parametrize("list_format", ["text", "array"])
def test_an_ordinary_item_is_neither_laid_out_twice_nor_checked_value_by_value(record, calls, list_format):
    transform = Transform(Settings(list_format=list_format))
    keys_only = record().replace(b'"NewImage"', b'"Ignored"')
    laid_out, checked = calls(Flattener, "_add_by_rank"), calls(lake_transform.transform, "check_types")
    for document in (record(_IMAGE), record(), keys_only):
        assert transform.change(document, unchecked=[]).data

    assert (laid_out, checked) == ([], [])


def test_the_numbers_of_a_chunk_are_read_in_one_go(firehose, record, calls, monkeypatch):
    checks = calls(literals, "check")
    monkeypatch.setattr(literals, "_NUMBER", None)
    answers = handler.lambda_handler(firehose(*[record(_IMAGE)] * 64), None)["records"]

    assert {answer["result"] for answer in answers} == {"Ok"}
    assert len(checks) == 1
    assert len(checks[0][0]) >= 64 * 4


@needs_native_code
def test_the_sequence_numbers_of_a_chunk_are_taken_in_one_go(firehose, record, calls):
    def transform():
        pytest.fail("native code declined an ordinary record")

    native = one_pass.OnePass(native_library.path(), Settings(), Shapes())
    alone = calls(batch, "_sequence_number")
    outcomes = batch.transform_records(firehose(*[record(_IMAGE)] * 64)["records"], transform, native)

    assert all(outcome.is_native for outcome in outcomes)
    assert alone == []

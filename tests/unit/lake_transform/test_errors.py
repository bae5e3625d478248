"""Whoever reads the log is told what was wrong with which record, in these words, and what became of the rest."""

from __future__ import annotations

import pytest

from lake_transform import handler, instants, literals
from lake_transform.errors import RecordError, SettingsError
from lake_transform.settings import Settings, from_environment
from lake_transform.transform import Transform

_GRAMMAR = "a number is not in JSON's grammar"
_RANGE = "a number is outside DynamoDB's range"
_TYPES = "an attribute value has not exactly one type"


@pytest.mark.parametrize("literal", ["1e126", "-1e126", "1e-131", "1e99999999999999999999", "1" * 1_100])
def test_a_number_that_no_key_can_have_is_outside_the_range(literal):
    with pytest.raises(RecordError) as refused:
        literals.canonical(literal)

    assert str(refused.value) == _RANGE


@pytest.mark.parametrize("literal", ["", "NaN", "007", "+5"])
def test_a_key_number_that_is_none_is_not_in_the_grammar(literal):
    with pytest.raises(RecordError) as refused:
        literals.canonical(literal)

    assert str(refused.value) == _GRAMMAR


@pytest.mark.parametrize(
    ("creation_time", "precision", "reason"),
    [
        (1, "SECOND", "the precision of the creation time is unknown"),
        (float("nan"), None, "the creation time is not between 1970 and 9999"),
        (float("inf"), "MICROSECOND", "the creation time is not between 1970 and 9999"),
        (253_402_300_800_000_000, "MICROSECOND", "the creation time is not between 1970 and 9999"),
        (-1, "MICROSECOND", "the creation time is not between 1970 and 9999"),
    ],
)
def test_a_time_that_is_none_says_what_is_wrong_with_it(creation_time, precision, reason):
    with pytest.raises(RecordError) as refused:
        instants.microseconds(creation_time, precision)

    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "the record is empty"),
        (b'{"Item":', "not one JSON document in UTF-8"),
        (b'{"Item":{"id":{"S":1}}}', "not of the expected shape at $.Item[...].S"),
        (b'{"Item":{"id":{"S":"1"},"a":{}}}', _TYPES),
        (b'{"Item":{"id":{"S":"1"},"a":' + b'{"L":[' * 5_000 + b"]}" * 5_000 + b"}}", "nested too deeply"),
        (
            b'{"Item":{"id":{"S":"1"},"a":' + b'{"L":[' * 280 + b"]}" * 280 + b"}}",
            "nested too deeply, or text that is not Unicode",
        ),
    ],
    ids=["empty", "cut off", "a number as text", "no type", "far too deep", "too deep to write"],
)
def test_an_exported_line_is_refused_as_a_change_is(transform, line, reason):
    with pytest.raises(RecordError) as refused:
        transform.item(line, table="t", key_names=["id"], snapshot_id="s", instant=0)

    assert str(refused.value) == reason


def test_a_change_without_an_id_says_so(transform, record):
    with pytest.raises(RecordError) as refused:
        transform.change(record(eventID=""))

    assert str(refused.value) == "the eventID is empty"


def test_a_change_without_a_key_says_so(transform, record):
    with pytest.raises(RecordError) as refused:
        transform.change(record().replace(b'"Keys": {"id": {"S": "1"}}', b'"Keys": {}'))

    assert str(refused.value) == "there is no primary key"


def test_what_is_no_batch_is_told_apart_in_these_words():
    with pytest.raises(TypeError) as wrong:
        handler.lambda_handler({}, None)

    assert str(wrong.value) == "the event is no batch of Amazon Data Firehose: it has no list of records"


def test_a_hook_that_cannot_be_imported_says_why():
    with pytest.raises(SettingsError) as wrong:
        Transform(Settings(hook="no_such_module:hook"))

    assert str(wrong.value) == (
        "TRANSFORM_HOOK is 'no_such_module:hook': "
        "importing it raised ModuleNotFoundError: No module named 'no_such_module'"
    )


def test_an_item_without_its_key_says_so(transform):
    with pytest.raises(RecordError) as refused:
        transform.item(b'{"Item":{"a":{"S":"1"}}}', table="t", key_names=["id"], snapshot_id="s", instant=0)

    assert str(refused.value) == "the item lacks an attribute of the primary key"


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ({"A": 1}, "names must be columns"),
        ("row", "names must be columns"),
        ({"a": object()}, "a value is no text, number, boolean, null or array of those"),
        ({"a": [{"b": 1}]}, "a value is no text, number, boolean, null or array of those"),
    ],
)
def test_a_hook_is_told_what_is_wrong_with_its_row(as_hook, record, value, rule):
    transform = Transform(Settings(**as_hook(lambda _row, _change: value)))
    with pytest.raises(RecordError) as refused:
        transform.change(record())

    assert str(refused.value) == f"the hook returned no row: {rule}"


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ({"LIST_FORMAT": "json"}, "LIST_FORMAT is 'json': give one of text, array"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'LOUD': give one of DEBUG, INFO, WARNING, ERROR"),
        ({"NATIVE_CODE": "OFF"}, "NATIVE_CODE is 'OFF': give one of on, off"),
    ],
)
def test_a_setting_with_a_choice_names_the_choice(variable, message):
    with pytest.raises(SettingsError) as wrong:
        from_environment(variable)

    assert str(wrong.value) == message

"""Whoever reads the log is told what was wrong with which record, in these words, and what became of the rest."""

from __future__ import annotations

import json
import time

import pytest

from lake_transform import batch, handler, instants, literals, report, response
from lake_transform.errors import RecordError, SettingsError
from lake_transform.response import OVER_LIMIT, Outcome, ResponseTooLargeError
from lake_transform.settings import Settings, from_environment
from lake_transform.transform import Transform

_GRAMMAR = "a number is not in JSON's grammar"
_RANGE = "a key's number is outside DynamoDB's range"
_TYPES = "an attribute value has not exactly one type"


@pytest.fixture
def answered(firehose, capsys):
    """Runs a batch and returns its answers and its log."""

    def run(event):
        answers = handler.lambda_handler(event, None)["records"]
        return answers, json.loads(capsys.readouterr().out)

    return run


def test_each_failed_record_is_listed_under_its_own_reason(firehose, record, answered):
    event = firehose(
        record(),
        record({"a": {"N": "x"}}),
        b"junk",
        record(keys={"id": {"N": "1e126"}}),
        record({"a": {"S": "x", "N": "1"}}),
        record(keys={"id": {"BOOL": True}}),
        record(),
        record(),
    )
    event["records"][6]["data"] = "not base64!"
    del event["records"][7]["data"]
    answers, log = answered(event)

    ids = [one["recordId"] for one in event["records"]]
    assert log["failures"] == {
        _GRAMMAR: [ids[1]],
        "not one JSON document in UTF-8": [ids[2]],
        _RANGE: [ids[3]],
        _TYPES: [ids[4]],
        "an attribute of the primary key is no string, number or binary value": [ids[5]],
        "the record's data is not base64": [ids[6]],
        "the record has no data": [ids[7]],
    }
    assert [answer["recordId"] for answer in answers] == ids
    assert [answer["data"] for answer in answers[1:]] == [one.get("data", "") for one in event["records"][1:]]
    assert log["message"] == "batch transformed"


def test_a_fault_of_ours_is_listed_and_its_record_is_kept(firehose, record, answered, monkeypatch):
    def broken(*_, **__):
        raise LookupError

    monkeypatch.setattr(Transform, "change", broken)
    event = firehose(record())
    answers, log = answered(event)

    assert log["failures"] == {"unexpected LookupError": [event["records"][0]["recordId"]]}
    assert answers[0]["data"] == event["records"][0]["data"]


def test_values_that_overflow_are_counted_whatever_becomes_of_their_record(firehose, record, answered, monkeypatch):
    event = firehose(record({"a": {"S": "1"}, "A": {"S": "2"}, "cdc_x": {"S": "3"}}), record())
    _, kept = answered(event)
    monkeypatch.setattr(handler._transform(), "_hook", lambda _row, _change: None)
    _, dropped = answered(event)

    assert (kept["RecordsOk"], kept["RecordsWithOverflow"], kept["OverflowColumns"]) == (2, 1, 2)
    assert (dropped["RecordsDropped"], dropped["RecordsWithOverflow"], dropped["OverflowColumns"]) == (2, 1, 2)


def test_a_line_without_room_leaves_its_record_to_be_answered_with_the_original(firehose, record):
    event = firehose(record({"a": {"S": "x" * 900}}))
    outcome = batch.outcome_of(event["records"][0], handler._transform())
    outcome.data += "A" * 2_000
    (answer,) = response.answers([outcome], len(outcome.original) + 300)

    assert (answer["result"], answer["data"], outcome.reason) == (
        "ProcessingFailed",
        event["records"][0]["data"],
        OVER_LIMIT,
    )


def test_the_log_says_when_and_how_long_in_milliseconds(firehose, record, answered, monkeypatch):
    clock = iter([50.0, 50.25])
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_123_456_789)
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    _, log = answered(firehose(record()))

    assert log["_aws"]["Timestamp"] == 1_700_000_000_123
    assert log["milliseconds"] == 250.0


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


@pytest.mark.parametrize(
    ("precision", "text"), [("MILLISECOND", "00:00:05.000000"), ("MICROSECOND", "00:00:00.005000")]
)
def test_the_records_own_precision_outweighs_the_magnitude(transform, record, read_line, precision, text):
    said = record(time=5_000).replace(
        b'"Keys"', b'"ApproximateCreationDateTimePrecision": "%b", "Keys"' % precision.encode()
    )

    assert read_line(transform.change(said).data)["cdc_changed_at"] == f"1970-01-01 {text}"


def test_a_change_without_a_key_says_so(transform, record):
    with pytest.raises(RecordError) as refused:
        transform.change(record().replace(b'"Keys": {"id": {"S": "1"}}', b'"Keys": {}'))

    assert str(refused.value) == "there is no primary key"


def test_a_path_with_a_slash_that_overflows_is_told_from_two_names(transform, record, read_line):
    row = read_line(
        transform.change(record({"a/b": {"S": "1"}, "a.b": {"S": "2"}, "a": {"M": {"b": {"S": "3"}}}})).data
    )

    assert (row["a_b"], row["cdc_overflow"]) == ("2", '{"/a~1b":"1","/a/b":"3"}')


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
def test_a_hook_is_told_what_is_wrong_with_its_row(transform, record, value, rule):
    transform._hook = lambda _row, _change: value
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


def test_the_number_of_failures_that_fit_is_listed_whole():
    outcomes = [Outcome(str(number), "ProcessingFailed", reason="bad") for number in range(1_000)]
    line = json.loads(_report(outcomes))

    assert len(line["failures"]["bad"]) == 1_000
    assert "failuresNotListed" not in line


def test_what_an_event_does_not_say_is_said_to_be_unknown():
    line = json.loads(_report([], event={"invocationId": "i" * 300}))

    assert line["DeliveryStream"] == "unknown"
    assert line["invocationId"] == "i" * 256
    assert json.loads(_report([], event={}))["invocationId"] == ""


def _report(outcomes, event=None):
    return report.line(outcomes, event=event or {}, level="INFO", milliseconds_now=0, milliseconds_taken=0)


def test_an_original_that_just_fits_is_repeated():
    failed = Outcome("1", "ProcessingFailed", original="B" * 40, reason="bad")
    size = len(json.dumps({"records": [{"recordId": "1", "result": "ProcessingFailed", "data": "B" * 40}]}) + ", ")

    assert response.answers([failed], size)[0]["data"] == "B" * 40
    failed.data = ""
    assert response.answers([failed], size - 1)[0]["data"] == ""


def test_a_line_without_room_leaves_nothing_behind():
    outcome = Outcome("1", "Ok", "A" * 500, "B" * 500)

    assert response.answers([outcome], 200)[0]["data"] == ""


def test_the_shortest_answers_may_fill_the_response_to_the_last_byte():
    failed = [Outcome(str(number), "ProcessingFailed", original="B" * 40) for number in range(9)]
    size = len(
        json.dumps({"records": [{"recordId": one.record_id, "result": one.result, "data": ""} for one in failed]})
    )

    assert len(response.answers(failed, size + len(", "))) == 9
    with pytest.raises(ResponseTooLargeError, match=r"^9 records cannot be answered in \d+ bytes$"):
        response.answers(failed, size + len(", ") - 1)

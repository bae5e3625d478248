"""The function as Firehose calls it: every record is answered, and a bad one costs no other."""

from __future__ import annotations

import base64
import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lake_transform import batch, handler, response
from lake_transform.errors import SettingsError
from lake_transform.settings import Settings
from lake_transform.transform import Transform
from tests.unit.lake_transform import native_library
from tests.unit.lake_transform.both_paths import needs_native_code

_LAMBDA = Path(__file__).parents[3] / "lambda"


def _data(answer):
    return base64.b64decode(answer["data"], validate=True)


def test_a_batch_is_answered_record_by_record(firehose, event_file, read_line):
    names = ["kinesis-insert-every-type", "kinesis-remove-by-ttl", "streams-insert-whole-seconds"]
    event = firehose(*map(event_file, names))
    answers = handler.lambda_handler(event, None)["records"]

    assert [answer["recordId"] for answer in answers] == [record["recordId"] for record in event["records"]]
    assert [answer["result"] for answer in answers] == ["Ok"] * 3
    assert [read_line(_data(answer))["cdc_event"] for answer in answers] == ["INSERT", "REMOVE", "INSERT"]
    assert [read_line(_data(answer))["cdc_sequence_number"] for answer in answers] == [
        record["kinesisRecordMetadata"]["sequenceNumber"] for record in event["records"]
    ]


def test_an_empty_batch_has_an_empty_answer(firehose):
    assert handler.lambda_handler(firehose(), None) == {"records": []}


def test_the_scheduled_call_is_answered_with_nothing_that_firehose_takes_for_an_answer(monkeypatch, capsys):
    monkeypatch.setattr(handler, "transform_records", None)

    assert handler.lambda_handler({"keep_active": True}, None) == {}
    assert capsys.readouterr().out == ""


def test_a_batch_is_answered_whatever_else_its_event_has(firehose, record):
    event = {**firehose(record()), "keep_active": True}

    assert [answer["result"] for answer in handler.lambda_handler(event, None)["records"]] == ["Ok"]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"records": None},
        {"records": {}},
        [],
        None,
        "records",
        {"keep_active": False},
        {"keep_active": True, "a": 1},
    ],
)
def test_what_is_no_batch_is_an_error_in_one_line(event):
    with pytest.raises(TypeError, match="no batch of Amazon Data Firehose"):
        handler.lambda_handler(event, None)


def test_bad_records_fail_alone_and_keep_their_data(firehose, record, capsys):
    bad = [
        b"",
        b"\x1f\x8b\x08",
        record({"a": {"N": "1,2"}}),
        record({"a": {"X": "s3cr3t"}}),
        record(eventName="s3cr3t"),
    ]
    event = firehose(*[part for broken in bad for part in (record(), broken)], record())
    answers = handler.lambda_handler(event, None)["records"]

    assert [answer["result"] for answer in answers] == ["Ok", "ProcessingFailed"] * len(bad) + ["Ok"]
    assert [_data(answer) for answer in answers if answer["result"] != "Ok"] == bad
    logged = json.loads(capsys.readouterr().out)
    assert logged["RecordsFailed"] == len(bad)
    assert sorted(one for ids in logged["failures"].values() for one in ids) == [
        event["records"][place]["recordId"] for place in (1, 3, 5, 7, 9)
    ]
    assert "s3cr3t" not in json.dumps(logged)


def test_records_whose_numbers_are_checked_together_fail_one_by_one(firehose, record):
    documents = [record({"a": {"N": "x" if number in (3, 70, 199) else str(number)}}) for number in range(200)]
    answers = handler.lambda_handler(firehose(*documents), None)["records"]

    assert [number for number, answer in enumerate(answers) if answer["result"] != "Ok"] == [3, 70, 199]


@pytest.mark.parametrize("data", ["not base64!", "YQ", "YQ==\n", "é", "\ud800", "", None, 7, b"YQ==", ["YQ=="]])
def test_data_that_is_no_base64_of_a_record_fails_alone(firehose, record, data):
    event = firehose(record(), record())
    event["records"][0]["data"] = data
    answers = handler.lambda_handler(event, None)["records"]

    assert [answer["result"] for answer in answers] == ["ProcessingFailed", "Ok"]
    assert answers[0]["data"] == (data if isinstance(data, str) else "")


@pytest.mark.parametrize("junk", ["\n", " ", "!", "-", "\u00e9"])
def test_base64_with_anything_else_in_it_is_refused_although_it_could_be_read(firehose, record, junk):
    event = firehose(record())
    data = event["records"][0]["data"]
    event["records"][0]["data"] = data[:8] + junk + data[8:]

    assert handler.lambda_handler(event, None)["records"][0]["result"] == "ProcessingFailed"


@pytest.mark.parametrize("number", [5, None, {"a": 1}, ["5"]])
def test_a_sequence_number_that_is_no_text_counts_as_absent(firehose, record, read_line, number):
    event = firehose(record())
    event["records"][0]["kinesisRecordMetadata"]["sequenceNumber"] = number

    assert read_line(_data(handler.lambda_handler(event, None)["records"][0]))["cdc_sequence_number"] is None


def test_a_record_without_data_or_metadata_is_answered(firehose, record, read_line):
    event = firehose(record(), record(), record())
    del event["records"][0]["data"]
    del event["records"][1]["kinesisRecordMetadata"]
    event["records"][2]["kinesisRecordMetadata"] = "none"
    answers = handler.lambda_handler(event, None)["records"]

    assert [answer["result"] for answer in answers] == ["ProcessingFailed", "Ok", "Ok"]
    assert [read_line(_data(answer))["cdc_sequence_number"] for answer in answers[1:]] == [None, None]


def test_a_record_id_that_comes_twice_is_answered_twice(firehose, record):
    event = firehose(record(), record())
    event["records"][1]["recordId"] = event["records"][0]["recordId"]

    assert len(handler.lambda_handler(event, None)["records"]) == 2


def test_what_has_no_record_id_cannot_be_answered_and_is_logged(firehose, record, capsys):
    event = firehose(record())
    event["records"] += [None, "x", {}, {"recordId": None, "data": ""}, {"data": ""}]

    assert len(handler.lambda_handler(event, None)["records"]) == 1
    assert json.loads(capsys.readouterr().out)["recordsWithoutId"] == 5


def test_a_fault_of_ours_costs_one_record_and_tells_only_its_type(firehose, record, monkeypatch, capsys):
    def broken(self, document, **_):
        raise LookupError("s3cr3t")

    monkeypatch.setattr(Transform, "change", broken)
    answers = handler.lambda_handler(firehose(record()), None)["records"]

    assert [answer["result"] for answer in answers] == ["ProcessingFailed"]
    logged = capsys.readouterr().out
    assert "unexpected LookupError" in logged
    assert "s3cr3t" not in logged


def test_a_dropped_record_is_answered_as_dropped(firehose, record, as_hook):
    transform = Transform(Settings(**as_hook(lambda _row, _change: None)))
    outcome = batch.transform_record(firehose(record())["records"][0], transform)

    assert response.answers([outcome]) == [{"recordId": f"{0:056d}", "result": "Dropped", "data": ""}]


def test_the_response_of_a_batch_that_grows_stays_under_six_megabytes(firehose, record, capsys):
    image = {"n" * 240: {"M": {f"k{number}": {"N": "1"} for number in range(800)}}}
    event = firehose(*[record(image)] * 60)
    answers = handler.lambda_handler(event, None)["records"]

    results = [answer["result"] for answer in answers]
    assert len(json.dumps({"records": answers})) <= 6_000_000
    assert 0 < results.count("ProcessingFailed") < 60
    assert json.loads(capsys.readouterr().out)["RecordsOverResponseLimit"] == results.count("ProcessingFailed")


def test_what_found_no_room_in_a_response_is_transformed_when_it_is_replayed(firehose, record):
    image = {"n" * 240: {"M": {f"k{number}": {"N": "1"} for number in range(800)}}}
    event = firehose(*[record(image | {"id": {"S": str(number)}}) for number in range(40)])
    answers = handler.lambda_handler(event, None)["records"]
    answered = sum(len(answer["data"]) for answer in answers if answer["result"] == "Ok")
    failed = [place for place, answer in enumerate(answers) if answer["result"] == "ProcessingFailed"]
    # Firehose keeps the record that it sent, whatever is answered for it.
    again = handler.lambda_handler(event | {"records": [event["records"][place] for place in failed]}, None)["records"]

    assert answered + sum(len(answer["data"]) for answer in again) > 6_000_000
    assert [answer["result"] for answer in again] == ["Ok"] * len(failed)
    assert [json.loads(_data(answer))["id"] for answer in again] == [str(place) for place in failed]


def test_the_same_event_has_the_same_answer(firehose, event_file):
    event = firehose(event_file("kinesis-insert-every-type"))

    assert handler.lambda_handler(event, None) == handler.lambda_handler(json.loads(json.dumps(event)), None)


def test_a_wrong_setting_fails_the_cold_start(monkeypatch):
    monkeypatch.setenv("PATH_SEPARATOR", "-")
    try:
        with pytest.raises(SettingsError, match="PATH_SEPARATOR"):
            importlib.reload(handler)
    finally:
        monkeypatch.undo()
        importlib.reload(handler)


@pytest.mark.parametrize(("variables", "is_waited_for"), [({}, True), ({"NATIVE_CODE": "off"}, False)], ids=str)
@needs_native_code
def test_with_native_code_a_cold_start_imports_no_more_than_that_needs(tmp_path, variables, is_waited_for):
    shutil.copytree(_LAMBDA / "lake_transform", tmp_path / "lake_transform")
    shutil.copy(native_library.path(), tmp_path / "lake_transform" / "libone_pass.so")
    script = "import sys; import lake_transform.handler; print('msgspec' in sys.modules, 'ctypes' in sys.modules)"
    environment = {"PYTHONPATH": str(tmp_path), **variables}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)

    assert run.stdout.split() == [str(not is_waited_for), "True"]


def test_the_package_needs_nothing_but_its_three_libraries():
    script = (
        "import sys; import msgspec, orjson, pybase64; before = set(sys.modules);"
        "import lake_transform.handler;"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(_LAMBDA)}, capture_output=True, text=True, check=True
    )

    assert run.stdout.split() == ["lake_transform"]

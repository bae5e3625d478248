"""Where native code is not at hand, or must not be, Python does the work: of a batch, a record, or everything."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lake_transform import batch, handler, one_pass
from lake_transform.crash_guard import CrashGuard
from lake_transform.settings import Settings
from lake_transform.shapes import Shapes
from lake_transform.transform import Transform
from tests.unit.lake_transform import native_library
from tests.unit.lake_transform.both_paths import needs_native_code

pytestmark = needs_native_code

_LAMBDA = Path(__file__).parents[3] / "lambda"
_ENVIRONMENT = {"AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/25/[7]0f3c"}
_UNWATCHED = CrashGuard({})


@pytest.fixture
def native(monkeypatch):
    """The handler with native code, and with no column known yet."""
    handler._SHAPES.__init__()
    loaded = one_pass.OnePass(native_library.path(), Settings(), handler._SHAPES)
    monkeypatch.setattr(handler, "_ONE_PASS", loaded)
    return loaded


@pytest.fixture
def both(monkeypatch, capsys, native):
    """Answers an event with native code and without; returns the first answer and log, having seen that the second
    differs in nothing but who did the work."""

    def answer(event):
        found = []
        for chosen in (native, None):
            handler._SHAPES.__init__()
            monkeypatch.setattr(handler, "_ONE_PASS", chosen)
            answers = handler.lambda_handler(event, None)["records"]
            found.append((answers, json.loads(capsys.readouterr().out)))
        (answers, log), (others, other_log) = found
        assert answers == others
        assert other_log.pop("recordsByNativeCode") == 0
        differing = {"milliseconds", "_aws", "recordsByNativeCode"}
        assert {name: log[name] for name in log if name not in differing} == {
            name: other_log[name] for name in other_log if name not in differing
        }
        return answers, log

    return answer


def test_a_batch_is_answered_alike_with_native_code_and_without(both, firehose, record):
    overflowing = record({"id": {"S": "2"}, "a": {"M": {"b": {"N": "1"}}}, "a__b": {"N": "2"}})
    broken = record({"id": {"N": "no number"}})
    documents = [record({"id": {"S": str(number)}}) for number in range(150)]
    documents[3], documents[70], documents[149] = overflowing, broken, b"no document"
    answers, log = both(firehose(*documents))

    assert [answer["result"] for answer in answers].count("ProcessingFailed") == 2
    assert (log["RecordsOk"], log["RecordsWithOverflow"], log["recordsByNativeCode"]) == (148, 1, 147)
    assert [json.loads(base64.b64decode(answers[place]["data"]))["id"] for place in (0, 3, 148)] == ["0", "2", "148"]


@pytest.mark.parametrize("data", [None, 7, "", "no base64!", "eA", {"a": 1}, "\ud800", "é"])
def test_a_record_whose_data_is_no_base64_fails_alone(both, firehose, record, data):
    event = firehose(record(), record(), record())
    event["records"][1]["data"] = data
    answers, _ = both(event)

    assert [answer["result"] for answer in answers] == ["Ok", "ProcessingFailed", "Ok"]


@pytest.mark.parametrize("stray", ["!", "\n", " ", "-", "é"])
def test_base64_with_a_stray_character_is_none(both, firehose, record, stray):
    event = firehose(record(), record())
    data = event["records"][0]["data"]
    event["records"][0]["data"] = data[:40] + stray + data[40:]

    assert [answer["result"] for answer in both(event)[0]] == ["ProcessingFailed", "Ok"]


def test_a_record_without_data_fails_alone(both, firehose, record):
    event = firehose(record(), record())
    del event["records"][0]["data"]

    assert [answer["result"] for answer in both(event)[0]] == ["ProcessingFailed", "Ok"]


@pytest.mark.parametrize("number", [None, 7, "", "12a", "\u0663", "\ud800", ["1"]])
def test_a_sequence_number_that_is_none_costs_nothing(both, firehose, record, number):
    event = firehose(*[record()] * 3)
    event["records"][1]["kinesisRecordMetadata"]["sequenceNumber"] = number
    _, log = both(event)

    assert log["recordsByNativeCode"] >= 2


@pytest.mark.parametrize("metadata", [None, "text", [], {}])
def test_records_that_did_not_come_through_kinesis_are_transformed_by_native_code_too(both, firehose, record, metadata):
    event = firehose(*[record()] * 3)
    for one in event["records"]:
        one["kinesisRecordMetadata"] = metadata
    del event["records"][1]["kinesisRecordMetadata"]
    _, log = both(event)

    assert log["recordsByNativeCode"] == 3


def test_records_before_and_after_one_that_is_declined_keep_their_order(native, firehose, record):
    documents = [record({"id": {"S": "ordinary"}}), record({"Id": {"S": "odd"}, "ID": {"S": "odd"}})] * 3
    outcomes = batch.transform_records(firehose(*documents)["records"], lambda: Transform(Settings()), native)

    assert [outcome.is_native for outcome in outcomes] == [True, False] * 3
    assert [outcome.record_id for outcome in outcomes] == [f"{number:056d}" for number in range(6)]


@pytest.mark.parametrize(("list_format", "cell"), [("text", "[1]"), ("array", [1])])
@pytest.mark.parametrize("separator", ["_", "__"])
def test_the_settings_reach_native_code(firehose, record, separator, list_format, cell):
    chosen = Settings(path_separator=separator, list_format=list_format)
    loaded = one_pass.load(chosen, _UNWATCHED, Shapes(), native_library.path())
    image = {"a": {"M": {"b": {"L": [{"N": "1"}]}}}}
    (outcome,) = batch.transform_records(firehose(record(image))["records"], lambda: Transform(chosen), loaded)

    assert outcome.is_native
    assert json.loads(base64.b64decode(outcome.data))[f"a{separator}b"] == cell


@pytest.mark.parametrize("chosen", [{"native_code": False}], ids=str)
def test_native_code_is_not_loaded_where_it_must_not_run(capsys, chosen):
    assert one_pass.load(Settings(**chosen), _UNWATCHED, Shapes(), native_library.path()) is None
    assert capsys.readouterr().out == ""


def test_without_a_library_there_is_nothing_to_load_and_nothing_to_say(capsys, tmp_path):
    assert one_pass.load(Settings(), _UNWATCHED, Shapes(), tmp_path / "none.so") is None
    assert capsys.readouterr().out == ""


def _warning(capsys):
    written = capsys.readouterr().out
    assert written.endswith("}\n")
    line = json.loads(written)
    assert (line["level"], line["message"]) == ("WARNING", "native code is not used, lines are the same")
    return line["reason"]


def test_a_library_that_cannot_be_loaded_is_told_and_not_used(capsys, tmp_path):
    file = tmp_path / "broken.so"
    file.write_text("no library")

    assert one_pass.load(Settings(), _UNWATCHED, Shapes(), file) is None
    assert _warning(capsys).startswith("it cannot be loaded: ")


def test_a_library_that_kills_the_process_when_it_is_loaded_is_not_loaded_again(tmp_path):
    file = tmp_path / "truncated.so"
    file.write_bytes(native_library.path().read_bytes()[:5_000])
    script = (
        "import sys; from pathlib import Path; from lake_transform import one_pass;"
        "from lake_transform.settings import Settings; from lake_transform.crash_guard import CrashGuard;"
        "from lake_transform.shapes import Shapes;"
        "folder = Path(sys.argv[1]);"
        "guard = CrashGuard({'AWS_LAMBDA_LOG_STREAM_NAME': 's'}, folder);"
        "one_pass.load(Settings(), guard, Shapes(), folder / 'truncated.so')"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    environment = {"PYTHONPATH": str(_LAMBDA)}
    first, second = [subprocess.run(command, env=environment, capture_output=True, check=False) for _ in range(2)]

    assert first.returncode < 0
    assert second.returncode == 0
    assert b"it did not come back" in second.stdout


def test_a_library_for_another_architecture_is_told_and_not_used(capsys, tmp_path):
    file = tmp_path / "other.so"
    content = bytearray(native_library.path().read_bytes())
    content[18:20] = b"\xf3\x00"  # RISC-V
    file.write_bytes(content)

    assert one_pass.load(Settings(), _UNWATCHED, Shapes(), file) is None
    assert _warning(capsys).startswith("it cannot be loaded: ")


def test_a_library_that_is_another_one_is_told_and_not_used(capsys):
    import _ctypes

    assert one_pass.load(Settings(), _UNWATCHED, Shapes(), Path(_ctypes.__file__)) is None
    assert "one_pass_workspace_size" in _warning(capsys)


def test_after_a_crash_native_code_is_not_used_and_the_log_says_so(capsys, tmp_path):
    guard = CrashGuard(_ENVIRONMENT, tmp_path)
    with guard.watch():
        guard_after_a_crash = CrashGuard(_ENVIRONMENT, tmp_path)

    assert one_pass.load(Settings(), guard, Shapes(), native_library.path()) is not None
    assert one_pass.load(Settings(), guard_after_a_crash, Shapes(), native_library.path()) is None
    assert _warning(capsys) == "it did not come back when it last ran in this execution environment"


def test_the_library_is_looked_for_beside_the_module():
    assert one_pass.LIBRARY.parent == Path(one_pass.__file__).parent
    assert one_pass.LIBRARY.name == "libone_pass.so"


def test_where_nothing_can_be_remembered_native_code_does_not_run(
    tmp_path, native, firehose, record, monkeypatch, capsys
):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.setattr(handler, "_GUARD", CrashGuard(_ENVIRONMENT, folder))
    handler.lambda_handler(firehose(record()), None)
    assert json.loads(capsys.readouterr().out)["recordsByNativeCode"] == 1
    shutil.rmtree(folder)
    answers = handler.lambda_handler(firehose(record()), None)["records"]

    assert answers[0]["result"] == "Ok"
    assert json.loads(capsys.readouterr().out)["recordsByNativeCode"] == 0


def test_without_native_code_there_is_nothing_to_watch(tmp_path, firehose, record, monkeypatch):
    guard = CrashGuard(_ENVIRONMENT, tmp_path)
    monkeypatch.setattr(guard, "watch", lambda: pytest.fail("watched over nothing"))
    monkeypatch.setattr(handler, "_GUARD", guard)
    monkeypatch.setattr(handler, "_ONE_PASS", None)

    assert handler.lambda_handler(firehose(record()), None)["records"][0]["result"] == "Ok"

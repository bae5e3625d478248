"""The built zip under Lambda's own runtime client, with nothing else to import: as it will run, cold and warm."""

from __future__ import annotations

import base64
import json
import sys
import uuid
import zipfile
from pathlib import Path

import pytest

from tools import paths
from tools.artifact import archive, hook, native_library
from tools.artifact.target import LOCAL

if sys.platform != "linux":
    pytest.skip("Lambda's runtime client exists for Linux alone", allow_module_level=True)

from tests.system.lambda_environment import Sandbox

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("runtime")]

_EVENTS = Path(__file__).parents[1] / "unit" / "lake_transform" / "events"

# A hook that does to its process what a test asks for.
_HOOK = """
import os, time

def hook(row, change):
    if row.get("wish") == "die":
        os._exit(1)
    if row.get("wish") == "hang":
        time.sleep(3600)
    return row
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The artifact for this machine, with a hook in it, built as the command builds it."""
    folder = tmp_path_factory.mktemp("hook")
    (folder / "wishes.py").write_text(_HOOK)
    return archive.build(LOCAL, tmp_path_factory.mktemp("build"), hook.read(folder / "wishes.py"), native=True).path


# Native code that can be loaded and dies at work.
_TRAP = """
export fn one_pass_workspace_size() usize {
    return 4096;
}
export fn one_pass_lines() usize {
    @trap();
}
"""


@pytest.fixture(scope="module")
def package_that_traps(package, tmp_path_factory):
    """The artifact, with native code in it that dies at work."""
    folder = tmp_path_factory.mktemp("trap")
    (folder / "native").mkdir()
    (folder / "native" / "one_pass.zig").write_text(_TRAP)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "LAMBDA_SOURCES", folder)
        library = native_library.library_files(LOCAL, folder / "cache")
    with zipfile.ZipFile(package) as zipped:
        content = {name: zipped.read(name) for name in zipped.namelist()}
    assert library.keys() <= content.keys()
    (folder / "package.zip").write_bytes(archive.pack(content | library))
    return folder / "package.zip"


@pytest.fixture
def sandbox(package, tmp_path):
    opened = []

    def start(package=package, **environment):
        opened.append(Sandbox(package, tmp_path / str(len(opened)), **environment))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def _event(*documents):
    return {
        "invocationId": "8f5a0b0e-6d0b-4a52-bd0e-0b7f0f4f7e11",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:111122223333:deliverystream/orders-delivery-stream",
        "region": "eu-west-1",
        "records": [
            {"recordId": f"{number:056d}", "data": base64.b64encode(document).decode()}
            for number, document in enumerate(documents)
        ],
    }


def _change(**image):
    images = {"ApproximateCreationDateTime": 1_700_000_000_123_456, "Keys": {"id": {"S": "1"}}, "NewImage": image}
    return json.dumps({"eventID": "e", "eventName": "INSERT", "tableName": "t", "dynamodb": images}).encode()


def _rows(answer):
    assert answer.kind == "response"
    return [json.loads(base64.b64decode(record["data"])) for record in answer.body["records"]]


def test_the_artifact_is_small(package):
    assert package.stat().st_size < 650_000


def test_cold_and_warm_the_answer_is_the_same_and_the_process_too(sandbox):
    lambda_ = sandbox()
    event = _event(*(file.read_bytes() for file in sorted(_EVENTS.glob("*.json"))))
    cold, *warm = [lambda_.invoke(event) for _ in range(5)]

    assert [record["result"] for record in cold.body["records"]] == ["Ok"] * len(event["records"])
    assert all(answer == cold for answer in warm)
    assert lambda_.starts == 1
    lines = [json.loads(line) for line in lambda_.log().splitlines()]
    assert [line["RecordsOk"] for line in lines] == [len(event["records"])] * 5


def test_native_code_writes_what_python_writes(sandbox):
    event = _event(*(file.read_bytes() for file in sorted(_EVENTS.glob("kinesis-*.json"))))
    native, python = sandbox(), sandbox(NATIVE_CODE="off")

    assert native.invoke(event) == python.invoke(event)
    assert [json.loads(one.log())["recordsByNativeCode"] for one in (native, python)] == [len(event["records"]), 0]


def test_a_batch_that_native_code_died_of_is_answered_by_python_in_the_next_process(package_that_traps, sandbox):
    stream = str(uuid.uuid4())
    lambda_ = sandbox(package_that_traps, AWS_LAMBDA_LOG_STREAM_NAME=stream)
    event = _event(_change(id={"S": "7"}))
    try:
        assert lambda_.invoke(event).kind == "died"
        assert _rows(lambda_.invoke(event))[0]["id"] == "7"
        assert _rows(lambda_.invoke(event))[0]["id"] == "7"
    finally:
        Path(f"/tmp/lake_transform-{stream}").unlink()  # noqa: S108 - where Lambda has its own

    warning, *batches = [json.loads(line) for line in lambda_.log().splitlines()]
    assert warning["reason"] == "it did not come back when it last ran in this execution environment"
    assert [batch["recordsByNativeCode"] for batch in batches] == [0, 0]
    assert lambda_.starts == 2


def test_an_invocation_that_raises_is_an_error_and_the_next_one_runs_in_the_same_process(sandbox):
    lambda_ = sandbox()
    answer = lambda_.invoke({"no": "batch"})

    assert (answer.kind, answer.body["errorType"]) == ("error", "TypeError")
    assert _rows(lambda_.invoke(_event(_change(id={"S": "7"}))))[0]["id"] == "7"
    assert lambda_.starts == 1


def test_after_a_crash_the_next_invocation_is_answered_by_a_new_process(sandbox):
    lambda_ = sandbox(TRANSFORM_HOOK="wishes:hook")

    assert lambda_.invoke(_event(_change(wish={"S": "none"}))).kind == "response"
    assert lambda_.invoke(_event(_change(wish={"S": "die"}))).kind == "died"
    assert _rows(lambda_.invoke(_event(_change(wish={"S": "live"}))))[0]["wish"] == "live"
    assert lambda_.starts == 2


def test_after_a_timeout_the_next_invocation_is_answered_by_a_new_process(sandbox):
    lambda_ = sandbox(TRANSFORM_HOOK="wishes:hook")

    assert lambda_.invoke(_event(_change(wish={"S": "hang"})), timeout=3).kind == "timed out"
    assert _rows(lambda_.invoke(_event(_change(wish={"S": "live"}))))[0]["wish"] == "live"
    assert lambda_.starts == 2


def test_a_wrong_setting_is_an_error_of_the_start_that_names_the_variable(sandbox):
    lambda_ = sandbox(LIST_FORMAT="json")
    answer = lambda_.invoke(_event())

    assert (answer.kind, answer.body["errorType"]) == ("init error", "SettingsError")
    assert answer.body["errorMessage"].startswith("LIST_FORMAT is 'json'")


def test_a_request_of_six_megabytes_is_answered_within_six_megabytes(sandbox):
    lambda_ = sandbox()
    lambda_.invoke(_event(_change(id={"S": "1"})))
    before = lambda_.peak_bytes()
    document = _change(**{"id": {"S": "1"}, "name" * 25: {"M": {f"n{number}": {"N": "1"} for number in range(80)}}})
    size = len(json.dumps(_event(document)["records"][0])) + len(", ")
    event = _event(*[document] * ((6_000_000 - 300) // size))
    answer = lambda_.invoke(event)

    assert 5_900_000 < len(json.dumps(event)) <= 6_000_000
    results = [record["result"] for record in answer.body["records"]]
    assert answer.size <= 6_000_000
    assert [record["recordId"] for record in answer.body["records"]] == [one["recordId"] for one in event["records"]]
    assert 0 < results.count("ProcessingFailed") < len(results)
    assert json.loads(lambda_.log().splitlines()[-1])["RecordsOverResponseLimit"] == results.count("ProcessingFailed")
    # The runtime holds the request and the response as text and as objects; 128 MB is the least that Lambda gives.
    assert lambda_.peak_bytes() < 100 * 1024**2
    assert before < 50 * 1024**2

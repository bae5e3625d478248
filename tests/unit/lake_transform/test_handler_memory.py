"""What the function holds: little beyond the answer while it works, nothing more after ten thousand batches."""

from __future__ import annotations

import io
import json
import os
import tracemalloc

import pytest

from lake_transform import columns, handler, one_pass
from tests.unit.lake_transform import native_library

_MB = 1_000_000


@pytest.fixture
def traced():
    tracemalloc.start()
    yield tracemalloc.get_traced_memory
    tracemalloc.stop()


@pytest.fixture(params=["Python", "native code"])
def way(request, monkeypatch):
    """Who writes the lines."""
    native = None
    if request.param == "native code":
        if native_library.path() is None:
            pytest.skip("native code is compiled for Linux alone")
        native = one_pass.OnePass(native_library.path(), "_", "text")
    monkeypatch.setattr(handler, "_ONE_PASS", native)
    return request.param


def _image(number, attributes):
    texts = {f"text{one}": {"S": f"some text {number} of an attribute"} for one in range(attributes)}
    numbers = {f"number{one}": {"N": f"{number}.{one}"} for one in range(attributes)}
    return {"id": {"S": f"{number:012d}"}, **texts, "map": {"M": numbers}}


@pytest.mark.parametrize("attributes", [2, 16, 250])
def test_a_batch_of_six_megabytes_takes_little_more_than_its_answer(way, firehose, record, traced, attributes):
    one = len(json.dumps(firehose(record(_image(0, attributes)))["records"]))
    event = firehose(*(record(_image(number, attributes)) for number in range(6 * _MB // one)))
    handler.lambda_handler(event | {"records": event["records"][:1]}, None)
    before, _ = traced()
    tracemalloc.reset_peak()
    answers = handler.lambda_handler(event, None)["records"]
    _, peak = traced()

    assert 5.5 * _MB < len(json.dumps(event)) < 6.5 * _MB
    assert {answer["result"] for answer in answers} == {"Ok"}
    assert peak - before - sum(len(answer["data"]) for answer in answers) < 8 * _MB


def test_ten_thousand_batches_leave_nothing_behind(way, firehose, record, traced, monkeypatch):
    monkeypatch.setattr(columns, "_MAX_PATHS", 3_000)
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.FileIO(os.devnull, "w")))
    most = [0, 0]
    for number in range(10_000):
        names = [f"name-{number}-{one}" for one in range(6)]
        members = {name: {"S": "x"} for name in names[1:]}
        image = {names[0]: {"S": "x"}, "m": {"M": members}, f"{number:0300d}": {"S": "x"}}
        broken = record({names[0]: {"N": "no number"}})
        odd = record(image, time=1_700_000_000_000_000 + number * 1_000_000)
        handler.lambda_handler(firehose(odd, broken, record()), None)
        half = number // 5_000
        most[half] = max(most[half], traced()[0])

    # Names are remembered up to a number and then forgotten: each half of the time sees ten such rounds.
    assert most[1] < most[0] * 1.02
    assert most[0] < 5 * _MB

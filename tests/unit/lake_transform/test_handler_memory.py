"""Memory of the function: a batch takes little more than its answer, and ten thousand batches leave nothing behind."""

from __future__ import annotations

import io
import json
import os
import sys
import tracemalloc

import pytest

from lake_transform import columns, handler, shapes
from tests.unit.lake_transform import native_library
from tests.unit.lake_transform.both_paths import Both

_MB = 1_000_000


@pytest.fixture(params=["Python", "native code"])
def writer(request, monkeypatch):
    """What writes the lines."""
    native = None
    if request.param == "native code":
        if native_library.path() is None:
            pytest.skip("native code is compiled for Linux alone")
        native = Both().native
    monkeypatch.setattr(handler, "_ONE_PASS", native)
    return request.param


@pytest.fixture
def traced():
    """Starts to trace memory when it is called, because tracing makes the rest of a test many times slower."""

    def start():
        tracemalloc.start()
        return tracemalloc.get_traced_memory

    yield start
    tracemalloc.stop()


def _image(number, attributes):
    texts = {f"text{one}": {"S": f"some text {number} of an attribute"} for one in range(attributes)}
    numbers = {f"number{one}": {"N": f"{number}.{one}"} for one in range(attributes)}
    return {"id": {"S": f"{number:012d}"}, **texts, "map": {"M": numbers}}


@pytest.mark.parametrize("attributes", [2, 16, 250])
@pytest.mark.usefixtures("writer")
def test_a_batch_of_six_megabytes_takes_little_more_than_its_answer(firehose, record, traced, attributes):
    one = len(json.dumps(firehose(record(_image(0, attributes)))["records"]))
    event = firehose(*(record(_image(number, attributes)) for number in range(6 * _MB // one)))
    handler.lambda_handler(event | {"records": event["records"][:1]}, None)
    memory = traced()
    answers = handler.lambda_handler(event, None)["records"]
    _, peak = memory()

    assert 5.5 * _MB < len(json.dumps(event)) < 6.5 * _MB
    assert {answer["result"] for answer in answers} == {"Ok"}
    assert peak - sum(len(answer["data"]) for answer in answers) < 8 * _MB


@pytest.fixture
def remember(monkeypatch):
    """Sets how many names are remembered, of paths and of columns, until all are forgotten."""

    def at_most(names):
        monkeypatch.setattr(columns, "_MAX_PATHS", names)
        monkeypatch.setattr(shapes, "_MAX_NAMES", names)

    return at_most


@pytest.fixture
def answer_odd_batch(writer, firehose, record, monkeypatch):
    """Answers a batch with new names, a new time, a name that is too long, a broken record and an ordinary one."""
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.FileIO(os.devnull, "w")))

    def answer(number, seconds):
        names = [f"name-{number}-{one}" for one in range(6)]
        members = {name: {"S": "x"} for name in names[1:]}
        image = {names[0]: {"S": "x"}, "m": {"M": members}, f"{number:0300d}": {"S": "x"}}
        broken = record({names[0]: {"N": "no number"}})
        odd = record(image, time=1_700_000_000_000_000 + seconds * 1_000_000)
        results = [one["result"] for one in handler.lambda_handler(firehose(odd, broken, record()), None)["records"]]
        assert results == ["Ok", "ProcessingFailed", "Ok"]

    return answer


def test_ten_thousand_batches_leave_no_object_behind(answer_odd_batch, remember):
    # Names are remembered up to a number and then forgotten: each half of the batches has ten such rounds.
    remember(3_000)
    most = [0, 0]
    for number in range(10_000):
        answer_odd_batch(number, seconds=number)
        half = number // 5_000
        most[half] = max(most[half], sys.getallocatedblocks())

    assert most[1] - most[0] < 100


def test_four_hundred_batches_take_no_more_bytes_than_the_four_hundred_before_them(answer_odd_batch, remember, traced):
    # Objects that only grow are not seen by their number. Tracing is slow, so the rounds of names are shorter here.
    memory = traced()
    most, left = 0, [0, 0, 0]
    for third in range(3):
        remember(300)
        for number in range(400 * third, 400 * third + 399):
            answer_odd_batch(number, seconds=number % 100)
            most = max(most, memory()[0])
        # Names are forgotten in rounds of several lengths, so memory is compared when all are forgotten.
        remember(0)
        answer_odd_batch(400 * third + 399, seconds=99)
        left[third] = memory()[0]

    assert left[2] - left[1] < 2_000
    assert most < 0.5 * _MB

"""The fuzzer finds nothing wrong with the function, and would find each of many faults."""

from __future__ import annotations

import base64
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lake_transform import handler, one_pass
from lake_transform.errors import RecordError
from tests.fuzz import native, seeds, target
from tests.fuzz.ordinary_records import ordinary
from tests.fuzz.record_bytes import record
from tests.fuzz.ruled_records import ruled
from tests.unit.lake_transform.both_paths import needs_native_code

_ROOT = Path(__file__).parents[2]
_SEEDS = dict(seeds.inputs())
_ORDINARY = ordinary()
_RULED = ruled()
_RUNS = 2_000


@pytest.mark.parametrize("name", _SEEDS)
def test_every_seed_is_answered_as_promised(name):
    target.check(_SEEDS[name])


@needs_native_code
@pytest.mark.parametrize("name", _ORDINARY)
def test_native_code_writes_every_ordinary_record(name):
    for one in native.NATIVES[:2]:
        lines = one.one_pass.lines(_ORDINARY[name], [""] * len(_ORDINARY[name]))

        assert native.DECLINED not in lines


@needs_native_code
@pytest.mark.parametrize("name", _RULED)
def test_native_code_writes_every_ordinary_record_of_a_table_with_rules(name):
    for one in native.NATIVES[2:]:
        lines = one.one_pass.lines(_RULED[name], [""] * len(_RULED[name]))

        assert native.DECLINED not in lines


@needs_native_code
@pytest.mark.parametrize("around", [32_768, 65_536])
def test_what_is_too_long_to_be_kept_while_a_record_is_read_breaks_no_promise(around):
    for length in range(around - 320, around + 10):
        text = b'{"S":"%b"}' % (b"a" * length)
        named = record(eventID=b'"%b"' % (b"a" * length))
        native.check(b"\n".join([named] * 3))  # of which each has a sequence number of another length
        native.check(record(keys=b'{"id":%b}' % text))
        native.check(record(b"{}", keys=b'{"a":%b,"b":{"N":"12"}}' % text))


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has wheels for Linux on x86-64 only")
@pytest.mark.parametrize(
    ("options", "edges"), [([], 1_300), (["--native"], 900)], ids=["of the function", "of native code alone"]
)
def test_a_bounded_run_of_the_fuzzer_finds_nothing(options, edges, tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *options, f"--runs={_RUNS}", "--seed=1", f"--work={tmp_path}"],
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": str(_ROOT / "lambda")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr[-4_000:]
    assert f"stat::number_of_executed_units: {_RUNS}" in run.stderr
    # It used what guides it: the mutator that knows JSON, and the edges of the native code.
    assert "found LLVMFuzzerCustomMutator" in run.stderr
    assert max(map(int, re.findall(r"cov: (\d+)", run.stderr))) > edges


def _raises(event, context):
    if b"collide" in base64.b64decode(event["records"][-1]["data"]):
        raise ValueError
    return handler.lambda_handler(event, context)


def _forgets_one(event, context):
    return {"records": handler.lambda_handler(event, context)["records"][1:]}


def _answers_one_twice(event, context):
    answers = handler.lambda_handler(event, context)["records"]
    return {"records": [*answers, *answers[:1]]}


def _swaps_two(event, context):
    return {"records": handler.lambda_handler(event, context)["records"][::-1]}


def _fails_all_for_one(event, context):
    answers = handler.lambda_handler(event, context)["records"]
    if any(answer["result"] != "Ok" for answer in answers):
        return {"records": [answer | {"result": "ProcessingFailed", "data": ""} for answer in answers]}
    return {"records": answers}


def _numbers_the_lines_of_a_batch(event, context):
    answers = handler.lambda_handler(event, context)["records"]
    for number, answer in enumerate(answers):
        if answer["result"] == "Ok":
            line = base64.b64decode(answer["data"])[:-2] + b',"number":%d}\n' % number
            answer["data"] = base64.b64encode(line).decode()
    return {"records": answers}


def _answers_otherwise_with_native_code(event, context):
    answers = handler.lambda_handler(event, context)["records"]
    return {"records": answers if handler._ONE_PASS is None else answers[::-1]}


def _logs_otherwise_with_native_code(event, context):
    if handler._ONE_PASS is not None:
        event = event | {"deliveryStreamArn": "other"}
    return handler.lambda_handler(event, context)


def _edits(old, new):
    def function(event, context):
        answers = handler.lambda_handler(event, context)["records"]
        for answer in answers:
            line = base64.b64decode(answer["data"])
            if answer["result"] == "Ok" and old in line:
                answer["data"] = base64.b64encode(line.replace(old, new)).decode()
        return {"records": answers}

    return function


_TWO = b'{"eventID":"e","eventName":"INSERT","tableName":"t","dynamodb":{"ApproximateCreationDateTime":1,"Keys":{"id":{"S":"1"}},"NewImage":{"id":{"S":"collide"},"n":{"N":"1.50"}}}}'  # noqa: E501 - one line is one record


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(_raises, id="lets an exception out"),
        pytest.param(_forgets_one, id="forgets a record"),
        pytest.param(_answers_one_twice, id="answers a record twice"),
        pytest.param(_swaps_two, id="gives one record the answer of another"),
        pytest.param(_fails_all_for_one, id="fails all records for one"),
        pytest.param(_numbers_the_lines_of_a_batch, id="lets a line depend on its place"),
        pytest.param(
            _answers_otherwise_with_native_code, id="answers otherwise with native code", marks=needs_native_code
        ),
        pytest.param(_logs_otherwise_with_native_code, id="logs otherwise with native code", marks=needs_native_code),
        pytest.param(_edits(b"1.50", b"1.5"), id="loses a digit"),
        pytest.param(_edits(b"collide", b"coll\\nide"), id="changes a text"),
        pytest.param(_edits(b'"n":', b'"m":'), id="renames a column"),
        pytest.param(_edits(b'"n":1.50', b'"n":{"a":1.50}'), id="nests an object"),
        pytest.param(_edits(b"}\n", b"}"), id="leaves out the newline"),
    ],
)
def test_a_function_that_breaks_a_promise_is_seen(function):
    batch = b"\n".join([_TWO, b"junk", _TWO.replace(b"1.50", b"2")])
    target.check(batch)

    with pytest.raises((AssertionError, ValueError)):
        target.check(batch, function)


class _Broken:
    """Native code with a fault."""

    def __init__(self, inner):
        self.inner = inner
        self.for_hook = inner.for_hook
        self.calls = 0


class _GivesTheLineBefore(_Broken):
    def lines(self, documents, numbers):
        lines = self.inner.lines(documents, numbers)
        return [*lines[:1], *lines[:-1]]


class _ForgetsARecord(_Broken):
    def lines(self, documents, numbers):
        return self.inner.lines(documents, numbers)[1:]


class _DropsADigit(_Broken):
    def lines(self, documents, numbers):
        return [line.replace(b"1.50", b"1.5") for line in self.inner.lines(documents, numbers)]


class _WritesWhatPythonRefuses(_Broken):
    def lines(self, documents, numbers):
        ordinary = self.inner.lines([_TWO], [""])[0]
        lines = self.inner.lines(documents, numbers)
        return [ordinary if document == b"junk" else line for document, line in zip(documents, lines, strict=True)]


class _WritesWhatOverflows(_Broken):
    def lines(self, documents, numbers):
        documents = [document.replace(b'"id":{"S":"collide"},"ID"', b'"ID"') for document in documents]
        return self.inner.lines(documents, numbers)


class _ForgetsRules(_Broken):
    def lines(self, documents, numbers):
        documents = [document.replace(b'"orders"', b'"0rders"') for document in documents]
        return [line.replace(b'"0rders"', b'"orders"') for line in self.inner.lines(documents, numbers)]


class _RemembersItsCalls(_Broken):
    def lines(self, documents, numbers):
        self.calls += 1
        lines = self.inner.lines(documents, numbers)
        return [native.DECLINED] * len(lines) if self.calls > 1 else lines


class _LooksAtItsNeighbours(_Broken):
    def lines(self, documents, numbers):
        lines = self.inner.lines(documents, numbers)
        return lines if len(lines) > 1 else [native.DECLINED]


class _MixesUpNumbers(_Broken):
    def lines(self, documents, numbers):
        return self.inner.lines(documents, numbers[::-1])


class _DeclinesWhatHasRoom(_Broken):
    def lines(self, documents, numbers):
        lines = self.inner.lines(documents, numbers)
        return lines if one_pass._OUTPUT_BYTES > 10_000 else [native.DECLINED] * len(lines)


class _DeclinesWhateverComes(_Broken):
    def lines(self, documents, numbers):
        return [native.DECLINED] * len(documents)


@needs_native_code
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(_GivesTheLineBefore, id="gives one record the line of another"),
        pytest.param(_ForgetsARecord, id="forgets a record"),
        pytest.param(_DropsADigit, id="loses a digit"),
        pytest.param(_WritesWhatPythonRefuses, id="writes a line for what is no record"),
        pytest.param(_WritesWhatOverflows, id="writes a line without what overflows"),
        pytest.param(_RemembersItsCalls, id="lets a line depend on calls before"),
        pytest.param(_LooksAtItsNeighbours, id="lets a line depend on its neighbours"),
        pytest.param(_MixesUpNumbers, id="gives one record the number of another"),
        pytest.param(_DeclinesWhatHasRoom, id="declines what has room"),
        pytest.param(_DeclinesWhateverComes, id="declines whatever comes"),
    ],
)
@pytest.mark.parametrize("place", range(len(native.NATIVES)))
def test_native_code_that_breaks_a_promise_is_seen(broken, place):
    overflowing = _TWO.replace(b'"n":', b'"ID":')
    long = _TWO.replace(b'"collide"', b'"%b"' % (b"c" * 5_000))  # some of the others have room where it has none
    batch = b"\n".join([_TWO, b"junk", overflowing, long, _TWO.replace(b"1.50", b"2")])
    one = native.NATIVES[place]
    target.check(batch)

    with pytest.raises((AssertionError, RecordError, ValueError)):
        target.check(batch, natives=[one._replace(one_pass=broken(one.one_pass))])


@needs_native_code
@pytest.mark.parametrize("one", [one for one in native.NATIVES if one.has_rules])
def test_native_code_that_forgets_rules_is_seen(one):
    batch = record(b'{"a0":{"M":%b}}' % b'{"a1":{"N":"1"},"a2":{"N":"2"},"a3":{"N":"3"},"a4":{"N":"4"}}')
    native.check(batch, [one])

    with pytest.raises(AssertionError):
        native.check(batch, [one._replace(one_pass=_ForgetsRules(one.one_pass))])

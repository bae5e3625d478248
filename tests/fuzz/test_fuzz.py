"""The function keeps its promises on inputs that nobody thought of, and the fuzzer would see it break one."""

from __future__ import annotations

import base64
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from lake_transform import handler
from tests.fuzz import seeds, target

_ROOT = Path(__file__).parents[2]
_SEEDS = dict(seeds.inputs())


@pytest.mark.parametrize("name", _SEEDS)
def test_every_seed_is_answered_as_promised(name):
    target.check(_SEEDS[name])


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has wheels for Linux on x86-64 only")
def test_a_bounded_run_of_the_fuzzer_finds_nothing(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--runs=15000", "--seed=1", f"--work={tmp_path}"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr[-4_000:]
    assert "stat::number_of_executed_units: 15000" in run.stderr


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

"""The answer to Firehose: every record once, never more bytes than allowed."""

from __future__ import annotations

import json

import pytest

from lake_transform import batch, handler, response
from lake_transform.response import OVER_LIMIT, Outcome


def _size(answers, *, ascii_only=True):
    return len(json.dumps({"records": answers}, ensure_ascii=ascii_only).encode())


def _ok(number, length):
    return Outcome(f"{number:056d}", "Ok", "A" * length, "B" * length)


def _failed(number, original="B" * 40):
    return Outcome(f"{number:056d}", "ProcessingFailed", original=original, reason="broken")


def test_answers_keep_the_records_order_and_carry_what_firehose_requires():
    outcomes = [_ok(0, 8), _failed(1), Outcome("2", "Dropped", original="B" * 8)]

    assert response.answers(outcomes) == [
        {"recordId": f"{0:056d}", "result": "Ok", "data": "A" * 8},
        {"recordId": f"{1:056d}", "result": "ProcessingFailed", "data": "B" * 40},
        {"recordId": "2", "result": "Dropped", "data": ""},
    ]


@pytest.mark.parametrize("limit", [1_000, 1_001, 1_500, 1_999, 5_000, 20_000])
def test_the_response_never_passes_the_limit(limit):
    outcomes = [
        (_failed if number % 3 == 0 else _ok)(number, *[] if number % 3 == 0 else [200 + number]) for number in range(6)
    ]
    answers = response.answers(outcomes, limit)

    assert _size(answers) <= limit
    assert [answer["recordId"] for answer in answers] == [f"{number:056d}" for number in range(6)]


def test_a_response_that_just_fits_loses_nothing():
    size = _size(response.answers([_ok(number, 400) for number in range(50)]))
    slack = len("ProcessingFailed") - len("Ok")
    answers = response.answers([_ok(number, 400) for number in range(50)], size + 50 * slack + len(", "))

    assert {answer["result"] for answer in answers} == {"Ok"}


def test_what_has_no_room_fails_alone_and_says_why():
    outcomes = [_ok(0, 300), _ok(1, 5_000), _ok(2, 300)]
    answers = response.answers(outcomes, 2_000)

    assert [answer["result"] for answer in answers] == ["Ok", "ProcessingFailed", "Ok"]
    assert [outcome.reason for outcome in outcomes] == [None, OVER_LIMIT, None]


def test_lines_have_room_before_the_repeated_originals_of_failed_records():
    outcomes = [_failed(0, "B" * 900), _ok(1, 900)]
    answers = response.answers(outcomes, 1_300)

    assert [(answer["result"], answer["data"]) for answer in answers] == [("ProcessingFailed", ""), ("Ok", "A" * 900)]


def test_a_batch_of_failures_stays_under_the_limit_too():
    outcomes = [_failed(number, "B" * 2_000) for number in range(4_000)]
    answers = response.answers(outcomes)

    assert len(answers) == 4_000
    assert 5_900_000 < _size(answers) <= response.LIMIT


@pytest.mark.parametrize("text", ["é" * 300, '"' * 300, "\\" * 300, "\n" * 300, "\ud800" * 50, "😀" * 300])
def test_odd_text_is_counted_as_it_is_encoded(text):
    for limit in range(700, 4_000, 137):
        outcomes = [
            Outcome("1", "ProcessingFailed", original=text),
            Outcome(text[:20], "ProcessingFailed", original=text),
        ]
        assert _size(response.answers(outcomes, limit)) <= limit


def test_the_limit_holds_in_either_encoding_of_the_runtime():
    for limit in range(700, 3_000, 137):
        answers = response.answers([Outcome("é" * 9, "ProcessingFailed", original="é" * 300)], limit)
        assert _size(answers, ascii_only=False) <= limit


def test_a_number_as_record_id_is_answered_as_it_came():
    assert response.answers([Outcome(7, "Ok", "A"), Outcome("8", "Ok", "A")])[0]["recordId"] == 7


def test_more_records_than_can_be_answered_are_an_error():
    with pytest.raises(response.ResponseTooLargeError):
        response.answers([_failed(number) for number in range(10)], 1_000)


def test_no_outcomes_are_no_answers():
    assert response.answers([]) == []


def test_a_line_without_room_leaves_its_record_to_be_answered_with_the_original(firehose, record):
    event = firehose(record({"a": {"S": "x" * 900}}))
    outcome = batch.transform_record(event["records"][0], handler._transform())
    outcome.data += "A" * 2_000
    (answer,) = response.answers([outcome], len(outcome.original) + 300)

    assert (answer["result"], answer["data"], outcome.reason) == (
        "ProcessingFailed",
        event["records"][0]["data"],
        OVER_LIMIT,
    )


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
    with pytest.raises(response.ResponseTooLargeError, match=r"^9 records cannot be answered in \d+ bytes$"):
        response.answers(failed, size + len(", ") - 1)

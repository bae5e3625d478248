"""The check of the function's answer to any batch, and how the bytes of an input become a batch.

An input is lines. Each line is a record of the batch:

    {"eventID": ...}     a change record as DynamoDB writes it; it is encoded in base64 as Firehose does
    =YQ==                the text of the record's `data` member
    @{"recordId": ...}   the record itself, as JSON
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
from unittest import mock

from lake_transform import handler
from lake_transform.errors import RecordError
from lake_transform.settings import Settings
from lake_transform.transform import Transform
from tests.fuzz import native
from tests.fuzz.ruled_records import HOOKED, RULED
from tests.unit.lake_transform import reading_back

_MOST_RECORDS = 40
_RESULTS = {"Ok", "Dropped", "ProcessingFailed"}


def unchanged(row, _change):
    return row


_PLAIN = Transform(Settings())
_ARRAYS = Transform(Settings(list_format="array"))
_HOOKED = Transform(Settings(hook=f"{__name__}:unchanged"))
_RULED = [Transform(settings) for settings in (RULED, HOOKED)]


def records_of(data):
    """Returns the records that the input's lines describe."""
    return [_record(number, line) for number, line in enumerate(data.split(b"\n")[:_MOST_RECORDS])]


def _record(number, line):
    record = {"recordId": f"{number:056d}", "kinesisRecordMetadata": {"sequenceNumber": str(number)}}
    if line[:1] == b"@":
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(line[1:])
    if line[:1] == b"=":
        return record | {"data": line[1:].decode("latin-1")}
    return record | {"data": base64.b64encode(line).decode()}


def check(data, function=handler.lambda_handler, natives=native.NATIVES):
    """Checks a function's answer to the input's batch, with native code and without.

    Raises:
        AssertionError: the answer is wrong.
        Exception: whatever the function raises.
    """
    records = records_of(data)
    answerable = [record for record in records if isinstance(record, dict) and _is_id(record.get("recordId"))]
    answers, log = _answered(function, records)

    assert [answer["recordId"] for answer in answers] == [record["recordId"] for record in answerable]
    assert log["RecordsOk"] + log["RecordsDropped"] + log["RecordsFailed"] == len(answers)
    for record, answer in zip(answerable, answers, strict=True):
        assert answer.keys() == {"recordId", "result", "data"}
        assert answer["result"] in _RESULTS
        if answer["result"] == "Ok":
            _check_line(base64.b64decode(answer["data"], validate=True), base64.b64decode(record["data"]))
        else:
            assert answer["data"] in (record.get("data"), "")
    _check_neighbours(function, answerable, answers)
    native.check(data, natives)
    for one in natives[:1]:
        assert _answered(function, records, one.one_pass) == (answers, log)


def _check_neighbours(function, records, answers):
    """Checks that each record has the same answer alone, and with its neighbours in reversed order."""
    reversed_answers, _ = _answered(function, records[::-1])
    assert reversed_answers[::-1] == answers
    if len(records) > 1:
        for record, answer in zip(records, answers, strict=True):
            assert _answered(function, [record])[0] == [answer]


def _check_line(line, document):
    """Checks that a line holds all values of its change record, with other settings too."""
    row = reading_back.row_of(line)
    # With a hook numbers become Decimal, whose exponent has limits; in JSON's grammar it has none.
    assert _line(_HOOKED, document) in (_line(_PLAIN, document), None)
    for ruled in _RULED:
        # Any other error is seen by the fuzzer.
        _line(ruled, document)
    arrays = _ARRAYS.change(document).data
    try:
        change = json.loads(document.decode())
    except (ValueError, RecursionError):
        # The function ignores members that it does not know, so it can accept what this parser refuses.
        return
    image = _image(change)
    shape = reading_back.shape_of({"M": image})
    leaves = reading_back.leaves_of(image)
    assert reading_back.leaves_in(row, shape) == leaves
    assert reading_back.leaves_in(reading_back.row_of(arrays), shape, arrays=True) == leaves


def _image(change):
    images = change["dynamodb"]
    return images.get("OldImage" if change["eventName"] == "REMOVE" else "NewImage") or images["Keys"]


def _line(transform, document):
    try:
        return transform.change(document).data
    except RecordError:
        return None


def _answered(function, records, one_pass=None):
    """Returns a batch's answers and its log line, without what differs from one run to the next."""
    event = {
        "invocationId": "i",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:111122223333:deliverystream/orders",
        "records": records,
    }
    with (
        contextlib.redirect_stdout(io.StringIO()) as log,
        mock.patch.object(handler, "_ONE_PASS", one_pass),
    ):
        answers = function(event, None)["records"]
    json.dumps(answers)
    assert log.getvalue().endswith("\n")
    assert log.getvalue().count("\n") == 1
    told = json.loads(log.getvalue())
    # Native code counts columns for itself here; `native.check` compares the counts.
    del told["ColumnsAtMost"], told["NewColumns"]
    del told["_aws"]["Timestamp"], told["milliseconds"], told["recordsByNativeCode"]
    return answers, told


def _is_id(value):
    return isinstance(value, str | int)

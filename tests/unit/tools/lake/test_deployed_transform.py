from __future__ import annotations

import base64
import io
import json

import pytest

from tools.errors import LakeError
from tools.lake import deployed_transform
from tools.lake.deployed_transform import DeployedTransform, FunctionFailedError, Record, Result

ARN = "arn:aws:firehose:eu-west-1:111122223333:deliverystream/reconcile"


class Function:
    """A function whose response has room for so many lines; it fails what is no JSON, and drops `null`."""

    def __init__(self, room=100, payload=None, error=None):
        self.events = []
        self._room, self._payload, self._error = room, payload, error

    def invoke(self, **request):
        event = json.loads(request["Payload"])
        self.events.append((request["FunctionName"], request["Qualifier"], event))
        answered = {"records": list(self._answers(event["records"]))} if self._payload is None else self._payload
        failed = {"FunctionError": "Unhandled"} if self._error else {}
        return {"Payload": io.BytesIO(json.dumps(answered).encode()), **failed}

    def _answers(self, records):
        room = self._room
        for record in records:
            document = base64.b64decode(record["data"])
            if document == b"null":
                yield {"recordId": record["recordId"], "result": "Dropped", "data": ""}
            elif document == b"broken" or not room:
                yield {"recordId": record["recordId"], "result": "ProcessingFailed", "data": record["data"]}
            else:
                room -= 1
                line = base64.b64encode(document + b"\n").decode()
                yield {"recordId": record["recordId"], "result": "Ok", "data": line}


def deployed(function):
    return DeployedTransform(function, "lake-transform", delivery_stream_arn=ARN, region="eu-west-1")


def test_each_record_gets_its_answer_from_the_live_version():
    function = Function()

    results = deployed(function).transform([Record(b"1", "49", 17), Record(b"null"), Record(b"broken"), Record(b"2")])

    assert results == [Result("Ok", b"1\n"), Result("Dropped"), Result("ProcessingFailed"), Result("Ok", b"2\n")]
    name, qualifier, event = function.events[0]
    assert (name, qualifier, event["deliveryStreamArn"], event["region"]) == (
        "lake-transform",
        "live",
        ARN,
        "eu-west-1",
    )
    assert event["records"][0]["kinesisRecordMetadata"]["sequenceNumber"] == "49"
    assert event["records"][0]["approximateArrivalTimestamp"] == 17
    assert "kinesisRecordMetadata" not in event["records"][1]


def test_what_a_response_had_no_room_for_is_asked_for_again_and_what_really_fails_is_not_for_ever():
    function = Function(room=2)
    records = [Record(b"broken"), *(Record(str(number).encode()) for number in range(5))]

    results = deployed(function).transform(records)

    assert [result.line for result in results] == [b"", b"0\n", b"1\n", b"2\n", b"3\n", b"4\n"]
    assert [len(event["records"]) for _, _, event in function.events] == [6, 4, 2, 1]


def test_requests_hold_so_many_bytes_and_a_longer_record_goes_alone(monkeypatch):
    monkeypatch.setattr(deployed_transform, "BATCH_BYTES", 5)
    documents = [b"12", b"345", b"6", b"1234567", b"8"]

    found = list(deployed_transform.batches(map(Record, documents)))

    assert [[record.document for record in batch] for batch in found] == [[b"12", b"345"], [b"6"], [b"1234567"], [b"8"]]


def test_a_function_that_fails_is_told_with_its_own_reason():
    function = Function(payload={"errorType": "SettingsError", "errorMessage": "MASK_KEY is not set"}, error=True)

    with pytest.raises(LakeError, match="lake-transform:live failed: SettingsError: MASK_KEY is not set"):
        deployed(function).transform([Record(b"1")])


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {"records": []},
        {"records": [{"recordId": "1", "result": "Ok", "data": ""}]},
        {"records": [{"recordId": str(number), "result": "Ok", "data": ""} for number in range(2)]},
        {"records": [{"recordId": "0", "result": "Good", "data": ""}]},
        {"records": [{"recordId": "0", "result": "Ok", "data": "%"}]},
    ],
)
def test_what_is_no_answer_to_the_records_is_an_error(payload):
    with pytest.raises(LakeError, match="does not answer as one of Firehose's does"):
        deployed_transform.read(json.dumps(payload).encode(), 1, "f:live")


class Logged(Function):
    """Names why it failed at the end of its log, which has room for so many records."""

    def invoke(self, **request):
        answer = super().invoke(**request)
        if request.get("LogType") == "Tail":
            failed = [each["recordId"] for each in self.events[-1][2]["records"]]
            log = "START\n" + json.dumps({"failures": {"no JSON": failed}}) + "\nEND\n"
            answer["LogResult"] = base64.b64encode(log.encode()[-4096:]).decode()
        return answer


def test_reasons_are_asked_for_in_calls_whose_log_has_room_for_them():
    function = Logged()

    why = deployed(function).explain([Record(b"broken")] * 1000)

    assert why == ["no JSON"] * 1000
    assert [len(event["records"]) for _, _, event in function.events] == [300, 300, 300, 100]


def test_a_reason_that_the_log_does_not_say_is_left_open():
    assert deployed(Function()).explain([Record(b"broken")]) == [""]


def test_a_function_that_fails_whatever_it_is_called_with_is_told_without_a_record():
    deployed(Function()).check()
    with pytest.raises(FunctionFailedError):
        deployed(Function(payload={}, error=True)).check()

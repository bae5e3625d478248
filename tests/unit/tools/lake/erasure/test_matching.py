from __future__ import annotations

import base64
import json

import pytest

from tools.lake.erasure import matching, subject
from tools.lake.erasure.matching import Matcher

ADAM = subject.of_keys(['{"id":"adam-1","n":1.5}'], (), {})
KEY = {"n": {"N": "1.50"}, "id": {"S": "adam-1"}}
OTHER = {"n": {"N": "2"}, "id": {"S": "adam-1"}}


def failed(document):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return json.dumps({"errorCode": "e", "rawData": base64.b64encode(data).decode()}).encode()


def change(key):
    return {"dynamodb": {"Keys": key, "NewImage": key | {"name": {"S": "Adam Smith"}, "pin": {"N": "86753091"}}}}


LINES = {
    "row": ("rows", b'{"cdc_key":"{\\"id\\":\\"adam-1\\",\\"n\\":1.5}","id":"adam-1"}', True),
    "another row": ("rows", b'{"cdc_key":"{\\"id\\":\\"adam-1\\",\\"n\\":2}","id":"adam-1"}', False),
    "torn row": ("rows", b'{"cdc_key":"{\\"id\\":\\"adam-1', True),
    "torn row of another": ("rows", b'{"cdc_key":"{\\"id\\":\\"adam-2', False),
    "empty line": ("rows", b"\n", False),
    "failed change": ("failed", failed(change(KEY)), True),
    "failed change of another": ("failed", failed(change(OTHER)), False),
    "failed row": ("failed", failed(b'{"cdc_key":"{\\"id\\":\\"adam-1\\",\\"n\\":1.5}"}'), True),
    "failed poison": ("failed", failed(b"poison adam-1"), True),
    "failed poison of another": ("failed", failed(b"poison adam-12"), False),
    "exported item": ("items", json.dumps({"Item": {**KEY, "name": {"S": "x"}}}).encode(), True),
    "exported item of another": ("items", json.dumps({"Item": {**OTHER, "name": {"S": "adam-1"}}}).encode(), False),
    "exported removal": ("items", json.dumps({"Metadata": {}, "Keys": KEY, "OldImage": KEY}).encode(), True),
    "manifest": ("items", b'{"itemCount":1,"dataFileS3Key":"exports/t/x"}', False),
}


@pytest.mark.parametrize(("kind", "line", "is_mine"), LINES.values(), ids=list(LINES))
def test_a_line_is_of_whom_its_key_says(kind, line, is_mine):
    assert Matcher(kind, ADAM)(line) is is_mine


def test_values_that_tell_somebody_are_those_of_the_item_in_lists_and_old_images_too():
    row = {
        "cdc_event": "MODIFY",
        "cdc_event_id": "e-1-2-3",
        "cdc_table": "customers",
        "cdc_changed_at_us": 1769854830123456,
        "cdc_key": '{"id":"adam-1"}',
        "cdc_before": '{"name":"Adam Smith"}',
        "phones": '["5550100100","12"]',
        "age": 41,
        "vip": True,
    }
    found = set(matching.values(json.dumps(row).encode()))
    whole = {'{"id":"adam-1"}', '{"name":"Adam Smith"}', '["5550100100","12"]'}
    assert found == {"e-1-2-3", "adam-1", "Adam Smith", "5550100100"} | whole


def test_values_of_a_failed_record_are_those_of_its_images():
    assert set(matching.values(failed(change(KEY)))) == {"adam-1", "Adam Smith", "86753091"}

"""The columns of the change itself, and which image a change shows, for both envelopes."""

from __future__ import annotations

import json

import pytest

from lake_transform.errors import RecordError


def test_every_column_of_the_contract_is_there_in_its_order(transform, event_file, read_line):
    row = read_line(transform.change(event_file("kinesis-insert-every-type"), sequence_number="49640").data)

    assert list(row)[:8] == [
        "cdc_event",
        "cdc_event_id",
        "cdc_table",
        "cdc_changed_at",
        "cdc_changed_at_us",
        "cdc_sequence_number",
        "cdc_key",
        "cdc_ttl",
    ]
    assert list(row.values())[:8] == [
        "INSERT",
        "3d3f1c0e-5f6a-4d0e-9d3a-2f3f5c1b7a01",
        "blog-srsa-ddb-table",
        "2023-11-14 22:13:20.123456",
        1_700_000_000_123_456,
        "49640",
        '{"id":"864732"}',
        False,
    ]


def test_every_type_of_attribute_becomes_its_column(transform, event_file, read_line):
    data = transform.change(event_file("kinesis-insert-every-type")).data
    row = read_line(data)

    assert {name: value for name, value in row.items() if not name.startswith("cdc_")} == {
        "id": "864732",
        "name": "Adam",
        "balance": row["balance"],
        "active": True,
        "nickname": None,
        "photo": "iVBORw0KGgo=",
        "address__street": "1 Main Street",
        "address__geo__lat": row["address__geo__lat"],
        "address__geo__lon": row["address__geo__lon"],
        "items": '[{"sku":"A-1","qty":2},"gift",null]',
        "tags": '["blue","green"]',
        "scores": "[1,2.50]",
        "keys": '["AQ==","Ag=="]',
        "empty_map": "{}",
        "empty_list": "[]",
        "empty_text": "",
    }
    assert b'"balance":1234567890123456789012345678.0123456789,' in data
    assert b'"address__geo__lat":52.520008,"address__geo__lon":13.404954,' in data


def test_a_line_holds_no_nested_object(transform, event_file, read_line):
    row = read_line(transform.change(event_file("kinesis-insert-every-type")).data)

    assert not [name for name, value in row.items() if isinstance(value, dict | list)]


def test_overflow_is_absent_when_nothing_overflows(transform, event_file, read_line):
    line = transform.change(event_file("kinesis-insert-every-type"))

    assert line.overflowed == 0
    assert "cdc_overflow" not in read_line(line.data)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kinesis-modify-milliseconds", {"cdc_event": "MODIFY", "cdc_changed_at": "2023-11-14 22:13:20.123000"}),
        ("kinesis-modify-milliseconds", {"id": "864732", "status": "shipped"}),
        ("kinesis-older-without-precision", {"cdc_changed_at": "2022-01-01 00:00:00.987000"}),
        ("kinesis-remove", {"cdc_event": "REMOVE", "cdc_ttl": False, "id": "864732", "status": "shipped"}),
        ("kinesis-remove-by-ttl", {"cdc_event": "REMOVE", "cdc_ttl": True, "expires": 1_699_999_999}),
        ("kinesis-remove-without-image", {"cdc_event": "REMOVE", "customer": "c-17", "sequence": 42}),
        ("kinesis-modify-keys-only", {"cdc_event": "MODIFY", "customer": "c-17", "sequence": 42}),
        ("kinesis-modify-keys-only", {"cdc_key": '{"customer":"c-17","sequence":42}'}),
        ("streams-insert-whole-seconds", {"cdc_table": "blog-srsa-ddb-table", "name": "Adam"}),
        ("streams-insert-whole-seconds", {"cdc_changed_at_us": 1_700_000_000_000_000}),
        ("streams-modify-fractional-seconds", {"cdc_changed_at": "2023-11-14 22:13:20.250000", "name": "Eve"}),
    ],
)
def test_each_envelope_is_understood(transform, event_file, read_line, name, expected):
    row = read_line(transform.change(event_file(name)).data)

    assert {column: row[column] for column in expected} == expected


def test_the_streams_own_sequence_number_is_not_the_kinesis_one(transform, event_file, read_line):
    assert read_line(transform.change(event_file("streams-insert-whole-seconds")).data)["cdc_sequence_number"] is None


@pytest.mark.parametrize(
    ("event", "identity", "ttl"),
    [
        ("REMOVE", {"type": "Service", "principalId": "dynamodb.amazonaws.com"}, True),
        ("REMOVE", {"type": "Service", "principalId": "replication.dynamodb.amazonaws.com"}, False),
        ("REMOVE", {"type": "User", "principalId": "dynamodb.amazonaws.com"}, False),
        ("REMOVE", {}, False),
        ("REMOVE", None, False),
        ("REMOVE", "dynamodb.amazonaws.com", False),
        ("MODIFY", {"type": "Service", "principalId": "dynamodb.amazonaws.com"}, False),
    ],
)
def test_only_dynamodbs_own_removal_counts_as_ttl(transform, record, read_line, event, identity, ttl):
    row = read_line(transform.change(record(eventName=event, userIdentity=identity)).data)

    assert row["cdc_ttl"] is ttl


@pytest.mark.parametrize("name", ["NewImage", "OldImage"])
def test_an_image_that_is_null_or_empty_counts_as_none(transform, record, read_line, name):
    for empty in (None, {}):
        images = {"ApproximateCreationDateTime": 1_700_000_000, "Keys": {"id": {"S": "1"}}, name: empty}
        event = "REMOVE" if name == "OldImage" else "MODIFY"
        assert read_line(transform.change(record(eventName=event, dynamodb=images)).data)["id"] == "1"


def test_an_old_image_is_looked_at_only_where_it_is_needed(transform, record):
    images = {"ApproximateCreationDateTime": 1_700_000_000, "Keys": {"id": {"S": "1"}}, "OldImage": {"id": {"X": "1"}}}

    assert transform.change(record(eventName="MODIFY", dynamodb=images)).data
    with pytest.raises(RecordError, match="not of the expected shape"):
        transform.change(record(eventName="REMOVE", dynamodb=images))


def test_unknown_members_of_the_envelope_are_ignored(transform, event_file, read_line):
    document = json.loads(event_file("kinesis-modify-milliseconds"))
    document["dynamodb"]["Shape"] = {"of": ["things", {"to": "come"}]}
    document["eventVersion"] = 2

    assert read_line(transform.change(json.dumps(document).encode()).data)["status"] == "shipped"


@pytest.mark.parametrize("source", [{"recordFormat": "text/plain"}, {"eventSource": "aws:other"}])
def test_a_record_that_decodes_is_accepted_whatever_it_calls_itself(transform, record, source):
    assert transform.change(record(**source)).data


@pytest.mark.parametrize(
    ("source", "table"),
    [
        ({"tableName": "a"}, "a"),
        ({"tableName": "a", "eventSourceARN": "arn:aws:dynamodb:eu-west-1:1:table/b/stream/x"}, "a"),
        ({"tableName": None, "eventSourceARN": "arn:aws:dynamodb:eu-west-1:1:table/b/stream/2023-11-14T22:13"}, "b"),
        ({"tableName": "", "eventSourceARN": "arn:aws-cn:dynamodb:cn-north-1:1:table/b"}, "b"),
    ],
)
def test_the_tables_name_comes_from_the_record_else_from_its_source(transform, record, read_line, source, table):
    assert read_line(transform.change(record(**source)).data)["cdc_table"] == table


@pytest.mark.parametrize(
    "envelope",
    [
        {"tableName": None},
        {"tableName": None, "eventSourceARN": "arn:aws:kinesis:eu-west-1:1:stream/b"},
        {"eventName": "UPDATE"},
        {"eventName": None},
        {"eventName": "insert"},
        {"eventID": ""},
        {"eventID": None},
        {"eventID": 5},
        {"dynamodb": None},
        {"dynamodb": {"ApproximateCreationDateTime": 1_700_000_000}},
        {"dynamodb": {"Keys": {"id": {"S": "1"}}}},
        {"dynamodb": {"ApproximateCreationDateTime": 1_700_000_000, "Keys": {}}},
    ],
)
def test_a_record_without_what_a_line_needs_is_refused(transform, record, envelope):
    with pytest.raises(RecordError):
        transform.change(record(**envelope))


def test_an_envelope_without_an_event_id_is_refused(transform, event_file):
    document = json.loads(event_file("kinesis-remove"))
    del document["eventID"]

    with pytest.raises(RecordError):
        transform.change(json.dumps(document).encode())


def test_a_snapshot_row_is_flattened_like_a_change(transform, event_file, read_line):
    image = json.loads(event_file("kinesis-insert-every-type"))["dynamodb"]["NewImage"]
    line = json.dumps({"Item": image}).encode()
    options = {"table": "orders", "snapshot_id": "01700000000000-abc", "instant": 1_700_000_000_000_000}
    snapshot = read_line(transform.item(line, key_names=["id"], **options).data)
    change = read_line(transform.change(event_file("kinesis-insert-every-type")).data)

    assert {name: value for name, value in snapshot.items() if name.startswith("cdc_")} == {
        "cdc_event": "SNAPSHOT",
        "cdc_event_id": '01700000000000-abc:{"id":"864732"}',
        "cdc_table": "orders",
        "cdc_changed_at": "2023-11-14 22:13:20.000000",
        "cdc_changed_at_us": 1_700_000_000_000_000,
        "cdc_sequence_number": None,
        "cdc_key": '{"id":"864732"}',
        "cdc_ttl": False,
    }
    assert list(snapshot.items())[8:] == list(change.items())[8:]


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"Item":{}}', b'{"Item":{"other":{"S":"1"}}}', b'{"Item":{"id":{"L":[]}}}']
)
def test_an_exported_item_without_its_key_is_refused(transform, line):
    with pytest.raises(RecordError):
        transform.item(line, table="orders", key_names=["id"], snapshot_id="s", instant=0)


@pytest.mark.parametrize(
    ("precision", "text"), [("MILLISECOND", "00:00:05.000000"), ("MICROSECOND", "00:00:00.005000")]
)
def test_the_records_own_precision_outweighs_the_magnitude(transform, record, read_line, precision, text):
    said = record(time=5_000).replace(
        b'"Keys"', b'"ApproximateCreationDateTimePrecision": "%b", "Keys"' % precision.encode()
    )

    assert read_line(transform.change(said).data)["cdc_changed_at"] == f"1970-01-01 {text}"

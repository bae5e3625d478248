"""What people reported of other ways to bring change data into a lake does not happen here.

Each test names the public report that it was made after.
"""

from __future__ import annotations

import json

import pytest

from lake_transform import batch


@pytest.fixture
def row(transform, record):
    """Returns the row of an image, numbers as they are spelled, without the columns that every row has."""

    def read(image, using=transform):
        data = using.change(record({"id": {"S": "1"}} | image)).data
        assert data.count(b"\n") == 1
        cells = json.loads(data, parse_int=_Spelled, parse_float=_Spelled)
        return {name: cells[name] for name in list(cells)[8:] if name != "id"}

    return read


class _Spelled(str):
    """A number as it is spelled; text in the line is plain str."""

    __slots__ = ()


def _numbers(cells):
    return {name: str(cell) for name, cell in cells.items() if isinstance(cell, _Spelled)}


def test_kafka_connect_hdfs_issue_238_attributes_that_are_called_like_common_partitions(row):
    image = {"dt": {"S": "last week"}, "hour": {"N": "99"}, "date": {"S": "2001-01-01"}, "year": {"N": "0"}}

    assert row(image) == {"dt": "last week", "hour": "99", "date": "2001-01-01", "year": "0"}


def test_polars_issue_12036_no_attribute_can_have_a_partitions_name(row):
    image = {"cdc_date": {"S": "2001-01-01"}, "CDC_Hour": {"N": "99"}, "cdc": {"M": {"date": {"S": "x"}}}}

    assert row(image) == {"cdc_overflow": '{"/CDC_Hour":99,"/cdc_date":"2001-01-01","/cdc/date":"x"}'}


def test_airbyte_issue_22508_punctuation_in_names(row):
    image = {"e-mail address": {"S": "a"}, "size.width": {"N": "1"}, "size_width": {"N": "2"}, "size-width": {"N": "3"}}

    assert row(image) == {
        "e_mail_address": "a",
        "size_width": "2",
        "cdc_overflow": '{"/size-width":3,"/size.width":1}',
    }


@pytest.mark.parametrize(
    "names", [["氏名", "住所", "電話"], ["имя", "вид"], ["ñ", "ń", "n"], ["🍎", "🍏"], ["é", "e\u0301"]]
)
def test_airbyte_issue_22508_names_in_any_script_are_columns_of_their_own(row, names):
    values = {name: f"value of {place}" for place, name in enumerate(names)}
    together = row({name: {"S": value} for name, value in values.items()})

    assert sorted(together.values()) == sorted(values.values())
    for name, value in values.items():
        assert row({name: {"S": value}}).items() <= together.items()


@pytest.mark.parametrize("order", [1, -1])
def test_hive_json_serde_issue_104_names_that_differ_by_case_are_one_column_and_one_overflow(row, order):
    image = dict([("Total", {"N": "1.10"}), ("total", {"N": "2.20"}), ("TOTAL", {"N": "3.30"})][::order])

    assert row(image) == {"total": "2.20", "cdc_overflow": '{"/TOTAL":3.30,"/Total":1.10}'}


def test_cloudquery_issue_7639_a_map_that_is_keyed_by_data_can_be_one_column(row, ruled):
    counts = {f"user {number}": {"N": str(number)} for number in range(3_000)}
    image = {"seen": {"M": {"by": {"M": counts}, "total": {"N": "3000"}}}}

    assert len(row(image)) == 3_001
    kept = row(image, ruled({"seen.by": "json"}))
    assert kept.keys() == {"seen__by", "seen__total"}
    assert json.loads(kept["seen__by"]) == {name: int(count["N"]) for name, count in counts.items()}


_PRICES = [
    ({"N": "12.50"}, "12.50"),
    ({"S": "on request"}, "on request"),
    ({"BOOL": False}, "false"),
    ({"M": {"net": {"N": "10.0"}, "tax": {"NULL": True}}}, '{"net":10.0,"tax":null}'),
    ({"L": [{"N": "1"}, {"S": "2"}]}, '[1,"2"]'),
    ({"NS": ["3", "2.0"]}, "[3,2.0]"),
    ({"NULL": True}, None),
]


@pytest.mark.parametrize(("price", "text"), _PRICES)
def test_hive_json_serde_issue_12_an_attribute_of_many_types_can_be_one_text_column(row, ruled, price, text):
    cells = row({"price": price}, ruled({"price": "text"}))

    assert cells == {"price": text}
    assert not _numbers(cells)


def test_flattening_in_dlt_and_meltano_a_nested_name_and_a_plain_one_never_trade_places(row):
    nested, plain = {"ship": {"M": {"to": {"S": "Rome"}}}}, {"ship_to": {"S": "Oslo"}}

    assert row(nested) == {"ship__to": "Rome"}
    assert row(plain) == {"ship_to": "Oslo"}
    assert row(nested | plain) == row(plain | nested) == {"ship__to": "Rome", "ship_to": "Oslo"}


def test_flattening_in_dlt_and_meltano_a_column_has_one_meaning_whatever_else_an_item_has(row):
    nested, spelled = {"Ship": {"M": {"to": {"S": "Rome"}}}}, {"ship__to": {"S": "Oslo"}}

    assert row(nested | spelled) == {"ship__to": "Oslo", "cdc_overflow": '{"/Ship/to":"Rome"}'}


def _removal(record, **more):
    old = {"id": {"S": "1"}, "expires": {"N": "1600000000"}}
    images = {"ApproximateCreationDateTime": 1_700_000_000, "Keys": {"id": {"S": "1"}}, "OldImage": old}
    return record(eventName="REMOVE", dynamodb=images, **more)


def test_dynamodb_ttl_documentation_an_expired_item_is_told_from_a_deleted_one(transform, record, read_line):
    service = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    expired = read_line(transform.change(_removal(record, userIdentity=service)).data)

    assert (expired["cdc_event"], expired["cdc_ttl"], expired["expires"]) == ("REMOVE", True, 1_600_000_000)


def test_aws_lambda_stream_issue_426_an_expiry_in_another_region_has_no_mark(transform, record, read_line):
    assert read_line(transform.change(_removal(record)).data)["cdc_ttl"] is False


def test_an_attribute_that_was_removed_is_absent_and_its_old_value_can_be_asked_for(ruled, record, read_line):
    images = {
        "ApproximateCreationDateTime": 1_700_000_000,
        "Keys": {"id": {"S": "1"}},
        "NewImage": {"id": {"S": "1"}},
        "OldImage": {"id": {"S": "1"}, "note": {"S": "gone"}},
    }
    line = read_line(ruled({}, before=True).change(record(eventName="MODIFY", dynamodb=images)).data)

    assert "note" not in line
    assert json.loads(line["cdc_before"])["note"] == "gone"


def test_an_attribute_cannot_pose_as_metadata(transform, record, read_line):
    image = {
        "cdc_event": {"S": "REMOVE"},
        "Cdc-Ttl": {"BOOL": True},
        "cdc_before": {"S": "{}"},
        "cdc_overflow": {"S": "x"},
    }
    line = read_line(transform.change(record(image)).data)

    assert (line["cdc_event"], line["cdc_ttl"]) == ("INSERT", False)
    assert "cdc_before" not in line
    assert json.loads(line["cdc_overflow"]) == {
        "/Cdc-Ttl": True,
        "/cdc_before": "{}",
        "/cdc_event": "REMOVE",
        "/cdc_overflow": "x",
    }


def test_keys_only_streams_a_removal_without_images_is_its_key(transform, record, read_line):
    keys = {"region": {"B": "/wA="}, "at": {"N": "1.0"}}
    images = {"ApproximateCreationDateTime": 1_700_000_000, "Keys": keys}
    line = transform.change(record(eventName="REMOVE", dynamodb=images)).data

    assert read_line(line)["cdc_key"] == '{"at":1,"region":"/wA="}'
    assert b'"region":"/wA=","at":1.0}' in line


@pytest.mark.parametrize("data", [b"plain text", b"<xml/>", b"{}", b'{"level":"INFO"}', b"\x00\x01", b"[1,2]"])
def test_powertools_typescript_issue_3530_what_is_no_change_record_fails_alone(transform, firehose, record, data):
    outcomes = batch.transform_records(firehose(record(), data, record())["records"], lambda: transform)

    assert [outcome.result for outcome in outcomes] == ["Ok", "ProcessingFailed", "Ok"]


def test_duckdb_issue_17135_names_of_members_that_are_empty_or_digits(row):
    image = {"map": {"M": {"": {"N": "1"}, "7": {"N": "2"}, "a b": {"N": "3"}, " ": {"M": {"": {"N": "4"}}}}}}

    assert row(image) == {"map__": "1", "map__7": "2", "map__a_b": "3", "map_____": "4"}


def test_airbyte_issue_30842_attributes_of_global_tables(row):
    image = {"aws:rep:updatetime": {"N": "1699999999.000001"}, "aws:rep:updateregion": {"S": "eu-west-1"}}

    assert row(image) == {"aws_rep_updatetime": "1699999999.000001", "aws_rep_updateregion": "eu-west-1"}


def test_airbyte_issue_20172_reserved_words_of_sql_are_columns_like_others(row):
    words = ["timestamp", "order", "user", "group", "table", "index", "values", "from", "current_date"]

    assert row({word: {"S": word} for word in words}) == {word: word for word in words}


def test_readers_that_guess_dynamodb_json_attributes_that_are_called_like_types(row):
    image = {
        "S": {"S": "text"},
        "N": {"M": {"N": {"N": "1.0"}, "S": {"L": [{"M": {"S": {"S": "x"}}}]}}},
        "BOOL": {"NULL": True},
        "L": {"M": {}},
    }

    assert row(image) == {"s": "text", "n__n": "1.0", "n__s": '[{"S":"x"}]', "bool": None, "l": "{}"}


@pytest.mark.parametrize(
    ("source", "literal"),
    [
        ("boto issue 1060", "98765432109876543210987654321098765432"),
        ("boto issue 1060", "-0.00000000012345678901234567890123456789"),
        ("boto issue 1060", "9876543210987654321098765432.1098765432"),
        ("duckdb issue 8298", "-9223372036854775809"),
        ("duckdb issue 17135", "36893488147419103232"),
        ("dynamodb-json issue 15", "7E9"),
        ("dynamodb-json issue 15", "-2.50e-12"),
        ("dynamodb-json issue 15", "1E+125"),
    ],
)
def test_numbers_keep_every_digit_and_their_spelling(row, source, literal):
    cells = row({"n": {"N": literal}, "m": {"M": {"l": {"L": [{"N": literal}]}, "s": {"NS": [literal]}}}})

    assert _numbers(cells) == {"n": literal}
    assert (cells["m__l"], cells["m__s"]) == (f"[{literal}]", f"[{literal}]")


def test_data_prepper_issue_3596_changes_of_one_instant_have_an_order(transform, record, read_line):
    numbers = ["49640000000000000000000000000000000000000000000000000002", "9", "10"]
    lines = [
        read_line(transform.change(record(eventID=f"e-{number}"), sequence_number=number).data) for number in numbers
    ]
    lines.sort(key=lambda line: (len(line["cdc_sequence_number"]), line["cdc_sequence_number"]))

    assert len({line["cdc_changed_at_us"] for line in lines}) == 1
    assert [line["cdc_event_id"] for line in lines] == ["e-9", "e-10", f"e-{numbers[0]}"]


def test_openx_documentation_text_of_many_lines_is_one_line(row):
    text = 'first\nsecond\r\nthird\u2028fourth\u2029\x00\x0b\x0c\x85\t\\n"quoted"'

    assert row({"t": {"S": text}, "l": {"L": [{"S": text}]}})["t"] == text


@pytest.mark.parametrize(
    ("time", "precision", "microseconds"),
    [
        (1_699_999_999_001, "MILLISECOND", 1_699_999_999_001_000),
        (1_699_999_999_000_001, "MICROSECOND", 1_699_999_999_000_001),
        (1_699_999_999_001, None, 1_699_999_999_001_000),
    ],
)
def test_floci_issue_3874_a_time_is_read_in_its_own_precision(
    transform, record, read_line, time, precision, microseconds
):
    document = json.loads(record(time=time))
    document["dynamodb"]["ApproximateCreationDateTimePrecision"] = precision

    line = read_line(transform.change(json.dumps(document).encode()).data)
    assert line["cdc_changed_at_us"] == microseconds


def test_redpanda_connect_issue_1546_binary_is_base64_text(row):
    cells = row({"key": {"B": "3q2+7w=="}, "keys": {"BS": ["3q0=", "vu8="]}, "none": {"B": ""}})

    assert cells == {"key": "3q2+7w==", "keys": '["3q0=","vu8="]', "none": ""}


def test_airbyte_source_dynamodb_what_is_empty_stays_what_it_is(row):
    empty = {"null": {"NULL": True}, "map": {"M": {}}, "list": {"L": []}, "text": {"S": ""}, "no": {"BOOL": False}}
    cells = {"null": None, "map": "{}", "list": "[]", "text": "", "no": False}

    assert row(empty) == cells
    assert row({"in": {"M": empty}}) == {f"in__{name}": cell for name, cell in cells.items()}


def test_glue_limits_an_item_with_thousands_of_attributes_is_one_line(row):
    image = {f"attribute{number}": {"N": str(number)} for number in range(3_000)}

    assert row(image) == {name: value["N"] for name, value in image.items()}

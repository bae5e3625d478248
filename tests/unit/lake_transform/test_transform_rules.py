"""A rule holds in all that is written of a change or of an item, and in all that is told of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lake_transform import batch, report
from lake_transform.errors import RecordError
from lake_transform.settings import Settings
from lake_transform.shapes import Shapes
from lake_transform.table_settings import TableSettings
from lake_transform.transform import Transform

_LAMBDA = Path(__file__).parents[3] / "lambda"
_SECRET = "s3cr3t"
_SNAPSHOT = {"table": "orders", "key_names": ["id"], "snapshot_id": "x-1", "instant": 0}


def _images(new=None, old=None, keys=None):
    images = {"ApproximateCreationDateTime": 1_700_000_000_123_456, "Keys": keys or {"id": {"S": "1"}}}
    return images | ({"NewImage": new} if new else {}) | ({"OldImage": old} if old else {})


@pytest.mark.parametrize("kind", ["hash", "drop"])
@pytest.mark.parametrize(
    ("path", "image"),
    [
        ("a", {"a": {"S": _SECRET}}),
        ("a", {"a": {"M": {"b": {"S": _SECRET}, "c": {"L": [{"S": _SECRET}]}}}}),
        ("a", {"a": {"L": [{"S": _SECRET}, {"M": {"b": {"S": _SECRET}}}]}}),
        ("a", {"a": {"SS": [_SECRET, "x"]}}),
        ("a", {"a": {"B": "czNjcjN0"}}),
        ("a.b", {"a": {"M": {"b": {"S": _SECRET}}}}),
        ("a.b", {"a": {"L": [{"M": {"b": {"S": _SECRET}}}, {"L": [{"M": {"b": {"SS": [_SECRET]}}}]}]}}),
        ("a", {"a": {"S": _SECRET}, "A": {"S": "y"}}),
        ("A", {"A": {"S": _SECRET}, "a": {"S": "y"}}),
        ("A", {"A": {"M": {"b": {"S": _SECRET}}}, "a__b": {"S": "y"}}),
        ("cdc_key", {"cdc_key": {"S": _SECRET}}),
        ("cdc_x.y", {"cdc_x": {"M": {"y": {"S": _SECRET}}}}),
        ("a." + "n" * 300, {"a": {"M": {"n" * 300: {"S": _SECRET}}}}),
        ("n" * 300, {"n" * 300: {"S": _SECRET}}),
    ],
)
@pytest.mark.parametrize("list_format", ["text", "array"])
def test_no_masked_value_is_in_a_line_wherever_it_would_have_stood(ruled, record, kind, path, image, list_format):
    plain = Transform(Settings(list_format=list_format))
    transform = ruled({path: kind}, before=True, list_format=list_format)
    for event, images in (
        ("INSERT", _images(new=image)),
        ("MODIFY", _images(new={"id": {"S": "1"}}, old=image)),
        ("MODIFY", _images(new=image, old=image)),
        ("REMOVE", _images(old=image)),
    ):
        assert not _secrets(transform.change(record(eventName=event, dynamodb=images)).data)
    item = json.dumps({"Item": {"id": {"S": "1"}} | image}).encode()
    assert not _secrets(transform.item(item, **_SNAPSHOT).data)
    assert _secrets(plain.item(item, **_SNAPSHOT).data)


def _secrets(line):
    return [each for each in (b"s3cr3t", b"czNjcjN0") if each in line]


@pytest.mark.parametrize("kind", ["hash", "text", "json"])
@pytest.mark.parametrize(
    ("one", "equal", "other"),
    [
        ({"S": "a"}, {"S": "a"}, {"S": "b"}),
        ({"N": "1.50"}, {"N": "15e-1"}, {"N": "1.51"}),
        ({"N": "0"}, {"N": "-0"}, {"N": "1"}),
        ({"B": "AQ=="}, {"B": "AQ=="}, {"B": "Ag=="}),
    ],
)
def test_a_masked_key_stays_a_key(ruled, record, read_line, kind, one, equal, other):
    transform = ruled({"id": kind})

    def keys(value):
        change = read_line(transform.change(record({"id": value}, keys={"id": value})).data)
        removal = read_line(transform.change(record(eventName="REMOVE", dynamodb=_images(keys={"id": value}))).data)
        row = read_line(transform.item(json.dumps({"Item": {"id": value}}).encode(), **_SNAPSHOT).data)
        assert row["cdc_event_id"] == f"x-1:{row['cdc_key']}"
        assert change["cdc_key"] == removal["cdc_key"] == row["cdc_key"]
        return row["cdc_key"]

    assert keys(one) == keys(equal) != keys(other)


def test_the_hash_of_a_key_is_that_of_its_column(ruled, record, read_line, masked):
    keys = {"customer": {"S": "c-17"}, "sequence": {"N": "42.0"}}
    row = read_line(ruled({"customer": "hash", "sequence": "hash"}).change(record(keys, keys=keys)).data)

    assert json.loads(row["cdc_key"]) == {"customer": masked("c-17"), "sequence": masked("42")}
    assert (row["customer"], row["sequence"]) == (masked("c-17"), masked("42"))


def test_one_masked_attribute_of_a_key_leaves_the_other(ruled, record, read_line, masked):
    keys = {"b": {"N": "4.20"}, "a": {"S": "x"}}
    row = read_line(ruled({"a": "hash"}).change(record(keys, keys=keys)).data)

    assert row["cdc_key"] == f'{{"a":"{masked("x")}","b":4.2}}'


def test_a_key_as_text_keeps_the_literal_in_its_column_and_one_spelling_in_the_key(ruled, record, read_line):
    keys = {"id": {"N": "1.50"}}
    row = read_line(ruled({"id": "text"}).change(record(keys, keys=keys)).data)

    assert (row["cdc_key"], row["id"]) == ('{"id":"1.5"}', "1.50")


def test_a_key_as_json_is_its_text(ruled, record, read_line):
    keys = {"id": {"S": 'a"b'}}
    row = read_line(ruled({"id": "json"}).change(record(keys, keys=keys)).data)

    assert (json.loads(row["cdc_key"]), row["id"]) == ({"id": '"a\\"b"'}, '"a\\"b"')


def test_an_old_image_that_is_only_a_key_is_masked(ruled, record, read_line, masked):
    removal = record(eventName="REMOVE", dynamodb=_images(keys={"id": {"S": _SECRET}}))
    row = read_line(ruled({"id": "hash"}).change(removal).data)

    assert (row["id"], row["cdc_key"]) == (masked(_SECRET), f'{{"id":"{masked(_SECRET)}"}}')


def test_a_rule_below_a_key_changes_nothing(ruled, record, transform):
    assert ruled({"id.x": "drop"}).change(record()) == transform.change(record())


def test_a_key_that_a_rule_would_drop_is_refused(ruled, record):
    for make in (
        lambda: ruled({"id": "drop"}).change(record()),
        lambda: ruled({"id": "drop"}).item(b'{"Item":{"id":{"S":"1"}}}', **_SNAPSHOT),
    ):
        with pytest.raises(RecordError, match=r"^a rule drops an attribute of the primary key$"):
            make()


@pytest.mark.parametrize("kind", ["json", "text", "hash"])
@pytest.mark.parametrize("value", [{"M": {}}, {"L": []}, {"BOOL": True}, {"NULL": True}, {"SS": ["a"]}, {"N": "x"}])
def test_a_rule_makes_no_key_of_what_dynamodb_takes_in_none(ruled, record, kind, value):
    with pytest.raises(RecordError):
        ruled({"id": kind}).change(record(keys={"id": value}))


def test_paths_in_the_overflow_stay_and_their_values_are_masked(ruled, record, read_line, masked):
    row = read_line(ruled({"Email": "hash"}).change(record({"Email": {"S": _SECRET}, "email": {"S": "x"}})).data)

    assert json.loads(row["cdc_overflow"]) == {"/Email": masked(_SECRET)}


def test_what_became_text_competes_for_its_column_as_before(ruled, record, read_line):
    image = {"a": {"M": {"b": {"S": "x"}, "c": {"S": "y"}}}, "a__b": {"S": "z"}, "A": {"S": "w"}}
    row = read_line(ruled({"a": "json"}).change(record(image)).data)

    assert (row["a"], row["a__b"]) == ('{"b":"x","c":"y"}', "z")
    assert row["cdc_overflow"] == '{"/A":"w"}'


def test_rules_are_those_of_the_records_own_table(record, read_line):
    tables = {"orders": TableSettings(rules={("a",): "drop"}), "others": TableSettings(rules={("b",): "drop"})}
    transform = Transform(Settings(tables=tables))
    image = {"a": {"S": "x"}, "b": {"S": "y"}}
    in_arn = {"tableName": None, "eventSourceARN": "arn:aws:dynamodb:eu-west-1:1:table/orders/stream/x"}
    item = json.dumps({"Item": image | {"id": {"S": "1"}}}).encode()

    def columns(line):
        return {name for name in read_line(line.data) if not name.startswith("cdc_") and name != "id"}

    assert columns(transform.change(record(image))) == {"b"}
    assert columns(transform.change(record(image, tableName="others"))) == {"a"}
    assert columns(transform.change(record(image, tableName="more"))) == {"a", "b"}
    assert columns(transform.change(record(image, **in_arn))) == {"b"}
    assert columns(transform.item(item, **_SNAPSHOT)) == {"b"}
    assert columns(transform.item(item, **_SNAPSHOT | {"table": "others"})) == {"a"}


def test_a_table_without_settings_has_the_lines_that_it_had(ruled, transform, event_file):
    names = ["kinesis-insert-every-type", "kinesis-modify-milliseconds", "kinesis-remove", "kinesis-modify-keys-only"]
    with_rules = ruled({"name": "drop", "status": "hash"}, before=True)

    for name in names:
        assert with_rules.change(event_file(name)) == transform.change(event_file(name))


_BROKEN = [
    {"eventName": _SECRET},
    {"dynamodb": _images(new={"a": {"N": _SECRET}})},
    {"dynamodb": _images(new={"a": {"S": _SECRET, "N": _SECRET}})},
    {"dynamodb": _images(new={"a": {_SECRET: _SECRET}})},
    {"dynamodb": _images(new={"a": {"L": [{"N": _SECRET}]}})},
    {"dynamodb": _images(keys={"a": {"N": _SECRET}})},
    {"dynamodb": _images(keys={"a": {"L": [{"S": _SECRET}]}})},
    {"dynamodb": _images(new={"a": {"S": "x"}}, old={"a": {"N": _SECRET}}), "eventName": "MODIFY"},
    {"dynamodb": _images(new={"a": {"S": "x"}}, old={"a": {_SECRET: _SECRET}}), "eventName": "MODIFY"},
    {"dynamodb": _images(old={"a": {"N": _SECRET}}), "eventName": "REMOVE"},
]


@pytest.mark.parametrize("kind", ["json", "text", "hash", "drop"])
@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
def test_the_log_tells_nothing_of_a_record_whatever_becomes_of_it(ruled, record, firehose, kind, level, capsys):
    documents = [record(**envelope) for envelope in _BROKEN] + [record({"a": {"S": _SECRET}, _SECRET: {"S": "x"}})]
    event = firehose(*documents)
    shapes = Shapes()
    transform = ruled({"a": kind}, before=True)
    outcomes = batch.transform_records(event["records"], lambda: transform)
    log = report.log_line(
        outcomes, shapes=shapes, event=event, level=level, milliseconds_now=0, milliseconds_taken=0
    ).decode()

    assert [outcome.result for outcome in outcomes].count("ProcessingFailed") >= 5
    assert _SECRET not in log
    assert not any(_SECRET in (outcome.reason or "") for outcome in outcomes)
    assert capsys.readouterr().out == ""


@pytest.fixture
def packaged(tmp_path):
    """Runs code where the package holds table settings; keyword arguments are environment variables."""

    def run(settings, script, **variables):
        shutil.copytree(_LAMBDA / "lake_transform", tmp_path / "lake_transform")
        (tmp_path / "lake_transform" / "table_settings.json").write_bytes(settings)
        return subprocess.run(
            [sys.executable, "-c", script],
            check=False,
            env={"PYTHONPATH": str(tmp_path), **variables},
            capture_output=True,
            text=True,
        )

    return run


def test_the_function_takes_the_rules_from_its_package(packaged, firehose, record):
    settings = b'{"orders":{"rules":{"a":"hash"}}}'
    script = (
        "import base64; from lake_transform.handler import lambda_handler;"
        f"(answer,) = lambda_handler({firehose(record({'a': {'S': _SECRET}}))!r}, None)['records'];"
        "print(answer['result'], base64.b64decode(answer['data']).decode().strip())"
    )
    run = packaged(settings, script, TABLE_SETTINGS_SHA256=hashlib.sha256(settings).hexdigest(), MASK_KEY="k" * 32)
    answer = run.stdout.splitlines()[-1]

    assert answer.startswith("Ok {")
    assert len(json.loads(answer.removeprefix("Ok "))["a"]) == 64
    assert _SECRET not in run.stdout


@pytest.mark.parametrize("variables", [{}, {"TABLE_SETTINGS_SHA256": "0" * 64}, {"NATIVE_CODE": "off"}])
def test_a_function_whose_package_is_for_other_rules_does_not_start(packaged, variables):
    run = packaged(b"{}", "import lake_transform.handler", MASK_KEY="k" * 32, **variables)

    assert run.returncode != 0
    assert run.stderr.splitlines()[-1].startswith(
        "lake_transform.errors.SettingsError: the package holds table settings with SHA-256 44136fa3"
    )
    assert "k" * 32 not in run.stderr

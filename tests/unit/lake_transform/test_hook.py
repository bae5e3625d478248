"""The extension point: a function of the user's sees each row, and can change it, drop it or fail it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lake_transform import shapes
from lake_transform.errors import RecordError, SettingsError
from lake_transform.settings import Settings
from lake_transform.transform import Transform


@pytest.fixture
def hooked(as_hook):
    """Makes a transform whose hook is the given function."""
    return lambda function, **settings: Transform(Settings(**as_hook(function), **settings))


def test_the_hook_sees_the_row_and_its_change(hooked, record, read_line):
    seen = []

    def hook(row, change):
        seen.append((dict(row), change.event, change.images.new_image["id"].S))
        return row

    data = hooked(hook).change(record({"id": {"S": "7"}, "a": {"M": {"b": {"S": "c"}}}})).data

    assert seen == [(read_line(data), "INSERT", "7")]


def test_a_row_that_the_hook_leaves_alone_is_the_same_to_the_byte(hooked, transform, event_file):
    document = event_file("kinesis-insert-every-type")

    for list_format in ("text", "array"):
        hooked_line = hooked(lambda row, _: row, list_format=list_format).change(document)
        assert hooked_line == Transform(Settings(list_format=list_format)).change(document)


def test_the_hook_may_change_add_and_remove_columns(hooked, record, read_line):
    def hook(row, _):
        del row["secret"]
        row["name"] = row["name"].upper()
        row["added"] = [1, None, "x"]
        return row

    row = read_line(hooked(hook).change(record({"secret": {"S": "s"}, "name": {"S": "n"}})).data)

    assert ("secret" in row, row["name"], row["added"]) == (False, "N", [1, None, "x"])


def test_the_hook_sees_numbers_exactly_and_may_compute_with_them(hooked, record):
    def hook(row, _):
        assert isinstance(row["price"], Decimal)
        return row | {"twice": row["price"] * 2, "big": 2**100, "share": 0.5, "fraction": Decimal("1E+3"), "yes": True}

    data = hooked(hook).change(record({"price": {"N": "12345678901234567890.10"}})).data.decode()

    assert '"price":12345678901234567890.10,' in data
    assert f'"twice":24691357802469135780.20,"big":{2**100},"share":0.5,"fraction":1E+3,"yes":true}}' in data


def test_the_hook_drops_a_row_by_returning_none(hooked, record):
    assert hooked(lambda _row, _change: None).change(record()).data is None


def test_rows_of_a_backfill_pass_through_the_hook_too(hooked):
    options = {"table": "t", "key_names": ["id"], "snapshot_id": "s", "instant": 0}
    transform = hooked(lambda row, change: row | {"has_change": change is not None})

    assert b'"has_change":false' in transform.item(b'{"Item":{"id":{"S":"1"}}}', **options).data


def test_numbers_are_checked_before_the_hook_sees_them(hooked, record):
    seen = []
    transform = hooked(lambda row, _: seen.append(row))

    for literal in ("NaN", "1,2", "abc", "1_000"):
        with pytest.raises(RecordError, match="grammar"):
            transform.change(record({"a": {"N": literal}}), unchecked=[])
    assert seen == []


def test_what_the_hook_raises_is_told_by_its_type_alone(hooked, record):
    def hook(row, _):
        raise KeyError(row["secret"])

    with pytest.raises(RecordError, match=r"^the hook raised KeyError$"):
        hooked(hook).change(record({"secret": {"S": "s3cr3t"}}))


@pytest.mark.parametrize(
    "returned",
    [
        "row",
        [],
        {"a": {"b": 1}},
        {"a": [{"b": 1}]},
        {"a": object()},
        {"a": b"x"},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": Decimal("NaN")},
        {"a": "\ud800"},
        {"A": 1},
        {"_a": 1},
        {"a-b": 1},
        {"a" * 256: 1},
        {1: 1},
        {None: 1},
    ],
)
def test_what_is_no_row_of_the_lake_is_refused(hooked, record, returned):
    with pytest.raises(RecordError):
        hooked(lambda _row, _change: returned).change(record())


@pytest.mark.parametrize("value", [2**64, -(2**70), 2**63, Decimal("1.10"), 0.5, Decimal(7)])
def test_a_number_of_any_size_is_written_with_every_digit(hooked, record, value):
    for row in ({"a": value}, {"a": [value, "x"]}, {"a": value, "b": [1]}):
        data = hooked(lambda _row, _change, row=row: row).change(record()).data
        assert str(value).encode() in data


def test_what_python_counts_as_text_number_or_truth_is_written_as_such(hooked, record, read_line):
    class Text(str):
        __slots__ = ()

    class Count(int):
        pass

    row = {"a": Text("x"), "b": Count(7), "c": True, "d": [Text("y"), Count(8), False, None]}

    assert read_line(hooked(lambda _row, _change: row).change(record()).data) == row


def test_a_list_that_holds_itself_fails_its_record_alone(hooked, record):
    endless = []
    endless.append(endless)
    transform = hooked(lambda _row, _change: {"a": endless})

    with pytest.raises(RecordError, match="nested too deeply"):
        transform.change(record())
    with pytest.raises(RecordError, match="nested too deeply"):
        transform.hooked(Transform(Settings()).change(record()).data, record())


def test_a_name_is_looked_at_again_when_it_has_been_forgotten(hooked, record, monkeypatch):
    monkeypatch.setattr(shapes, "_MAX_NAMES", 3)
    names = iter(["a", "b", "A", "c", "d", "e", "A", "f"])
    transform = hooked(lambda _row, _change: {next(names): "x"})
    results = []
    for _ in range(8):
        try:
            results.append(bool(transform.change(record()).data))
        except RecordError:
            results.append(False)

    assert results == [True, True, False, True, True, True, False, True]


@pytest.mark.parametrize("reference", ["no_such_module:hook", "json:no_such_function", "json:__doc__"])
def test_a_hook_that_cannot_be_imported_stops_the_function(reference):
    with pytest.raises(SettingsError, match=r"^TRANSFORM_HOOK is "):
        Transform(Settings(hook=reference))

"""The change that a hook can look at: decoded when it does, with the table's rules, and without what they dropped."""

from __future__ import annotations

import base64
import copy
import json

import msgspec
import pytest

import lake_transform.change
from lake_transform import batch, handler
from lake_transform.change import Change, HookChange
from lake_transform.errors import RecordError
from lake_transform.settings import Settings
from lake_transform.transform import Transform

_SECRET = "s3cr3t"


@pytest.fixture
def ways(as_hook, ruled):
    """Runs a document through a hook on both ways, with rules if there are any, and returns what the hook made."""

    def run(document, look, rules=None, **settings):
        seen = []

        def hook(row, change):
            seen.append(look(change))
            return row

        chosen = as_hook(hook)
        hooked = ruled(rules or {}, **chosen, **settings)
        line = ruled(rules or {}, **settings).change(document).data
        lines = [hooked.change(document).data, hooked.hooked(line, document).data]
        assert lines == [line, line]
        return seen

    return run


@pytest.fixture
def decodings(monkeypatch):
    """Counts how often a change record is decoded."""
    counted = []
    decode = lake_transform.change.decode_change

    def counting(document):
        counted.append(document)
        return decode(document)

    monkeypatch.setattr(lake_transform.change, "decode_change", counting)
    return counted


def _change(record, new, old=None, event="MODIFY"):
    images = {"ApproximateCreationDateTime": 1_700_000_000_123_456, "Keys": {"id": {"S": "1"}}}
    images |= ({} if new is None else {"NewImage": new}) | ({} if old is None else {"OldImage": old})
    return record(eventName=event, dynamodb=images)


def test_it_has_what_a_change_has(ways, record):
    document = _change(record, {"id": {"S": "1"}, "a": {"N": "2.50"}}, {"a": {"S": "x"}})

    def look(change):
        return (
            change.event,
            change.event_id,
            change.table,
            change.table_name,
            change.is_ttl,
            change.user_identity,
            change.images.creation_time,
            change.images.precision,
            change.images.keys["id"].S,
            change.images.new_image["a"].N,
            change.image["a"].N,
            change.old_image["a"].S,
        )

    python, native = ways(document, look)

    assert python == native
    assert python == (
        *("MODIFY", "e-1", "orders", "orders", False, None, 1_700_000_000_123_456, None, "1", "2.50", "2.50", "x"),
    )


def test_what_a_change_has_not_it_has_not_either(record):
    change = HookChange(record(), None)

    for shown in (change, copy.deepcopy(change)):
        for name in ("no_such_member", "_no_such_member"):
            with pytest.raises(AttributeError, match=name):
                getattr(shown, name)
    assert not hasattr(change, "__deepcopy__")


def test_a_copy_shows_the_same(record):
    change = HookChange(record(), None)

    assert copy.copy(change).event == copy.deepcopy(change).event == "INSERT"


def test_a_hook_that_does_not_look_at_it_costs_no_decoding(ways, record, decodings):
    ways(record(), lambda _: None)
    assert decodings == []

    ways(record(), lambda change: (change.event, change.event_id, change.images))
    assert decodings == [record()]


def test_an_old_image_is_none_where_there_is_none(ways, record):
    for old in (None, "null"):
        document = _change(record, {"a": {"S": "x"}}, old).replace(b'"null"', b"null")
        assert ways(document, lambda change: change.old_image) == [None, None]
        assert ways(document, lambda change: change.old_image, {"a": "drop"}) == [None, None]


_EVERYWHERE = {
    "secret": {"S": _SECRET},
    "map": {"M": {"secret": {"S": _SECRET}, "kept": {"S": "x"}}},
    "list": {"L": [{"M": {"secret": {"S": _SECRET}}}, {"L": [{"M": {"secret": {"SS": [_SECRET]}}}]}]},
    "set": {"SS": [_SECRET, "y"]},
}
_RULES = ("secret", "map.secret", "list.secret", "set")


def _all_of(change):
    return msgspec.json.encode(
        [change.images, change.image, change.old_image, change.table, change.event, change.user_identity]
    ).decode()


@pytest.mark.parametrize("kind", ["drop", "hash"])
@pytest.mark.parametrize(
    ("event", "new", "old"),
    [
        ("INSERT", _EVERYWHERE, None),
        ("MODIFY", {"id": {"S": "1"}}, _EVERYWHERE),
        ("MODIFY", _EVERYWHERE, _EVERYWHERE),
        ("REMOVE", None, _EVERYWHERE),
    ],
)
def test_it_never_shows_what_a_rule_masks(ways, record, kind, event, new, old):
    document = _change(record, new, old, event)
    for seen in ways(document, _all_of):
        assert _SECRET in seen
    for seen in ways(document, _all_of, dict.fromkeys(_RULES, kind), before=True):
        assert _SECRET not in seen


@pytest.mark.parametrize("kind", ["drop", "hash"])
def test_nor_does_the_row(ruled, as_hook, record, kind):
    rows = []
    document = _change(record, _EVERYWHERE, _EVERYWHERE)
    settings = as_hook(lambda row, _: rows.append(dict(row)) or row)
    transform = ruled(dict.fromkeys(_RULES, kind), before=True, **settings)
    transform.hooked(ruled(dict.fromkeys(_RULES, kind), before=True).change(document).data, document)
    transform.change(document)
    transform.item(json.dumps({"Item": _EVERYWHERE | {"id": {"S": "1"}}}).encode(), **_SNAPSHOT)

    assert len(rows) == 3
    assert _SECRET not in repr(rows)


_SNAPSHOT = {"table": "orders", "key_names": ["id"], "snapshot_id": "x", "instant": 0}


def test_the_row_of_a_backfill_has_no_change(ruled, as_hook):
    changes = []
    transform = ruled({"id": "hash"}, **as_hook(lambda row, change: changes.append(change) or row))
    transform.item(b'{"Item":{"id":{"S":"1"}}}', **_SNAPSHOT)

    assert changes == [None]


def test_a_key_is_shown_as_it_is_written(ways, record, masked):
    document = record({"id": {"N": "1.50"}}, keys={"id": {"N": "1.50"}})

    assert ways(document, lambda change: change.images.keys["id"].S, {"id": "hash"}) == [masked("1.5")] * 2
    assert ways(document, lambda change: change.images.keys["id"].N) == ["1.50"] * 2


def test_each_rule_is_seen_applied(ways, record, masked):
    image = {"a": {"S": "x"}, "b": {"M": {"c": {"N": "1"}}}, "d": {"N": "1.50"}, "e": {"S": "y"}}
    rules = {"a": "hash", "b": "json", "d": "text", "e": "drop"}
    expected = {"a": masked("x"), "b": '{"c":1}', "d": "1.50"}

    def look(change):
        images = (change.images.new_image, change.image, change.old_image)
        return [{name: value.S for name, value in image.items()} for image in images]

    assert ways(_change(record, image, image), look, rules) == [[expected] * 3] * 2


def test_a_look_that_fails_fails_the_record_with_the_errors_type(ruled, as_hook, record):
    document = _change(record, {"id": {"S": "1"}}, {"a": {_SECRET: "x"}})
    transform = ruled({}, **as_hook(lambda row, change: change.old_image and row))
    line = ruled({}).change(document).data

    for make in (lambda: transform.change(document), lambda: transform.hooked(line, document)):
        with pytest.raises(RecordError, match=r"^the hook raised RecordError$"):
            make()


def test_rules_leave_the_rest_of_a_change_alone(ways, event_file):
    document = event_file("kinesis-modify-milliseconds")

    def look(change):
        return change.images.creation_time, change.images.precision, change.event_id, change.event, change.user_identity

    plain = ways(document, look)
    with_rules = ways(document.replace(b'"blog-srsa-ddb-table"', b'"orders"'), look, {"status": "hash"})

    assert plain[0][1] == "MILLISECOND"
    assert with_rules == plain


def test_rules_that_failed_once_fail_again(ruled, record):
    document = _change(record, {"id": {"S": "1"}}, {"a": {"N": _SECRET}})
    rules = ruled({"a": "hash"})._tables["orders"].rules
    change = HookChange(document, rules)

    for _ in range(2):
        with pytest.raises(RecordError, match="grammar"):
            change.images  # noqa: B018


def test_rules_are_applied_once(ruled, record, masked):
    change = HookChange(record({"a": {"S": "x"}}), ruled({"a": "hash"})._tables["orders"].rules)

    shown = [image["a"].S for image in (change.images.new_image, change.image)]

    assert shown == [masked("x")] * 2


def test_with_rules_leaves_the_change_as_it_was(ruled, record):
    change = lake_transform.change.decode_change(_change(record, {"a": {"S": "x"}}, {"a": {"S": "y"}}))
    ruled_change = change.with_rules(ruled({"a": "drop"})._tables["orders"].rules)

    assert isinstance(ruled_change, Change)
    assert (change.images.new_image["a"].S, change.old_image["a"].S) == ("x", "y")
    assert (ruled_change.images.new_image, ruled_change.old_image) == ({}, {})


class _NativeCode:
    """Stands for native code: writes the lines that Python writes, and declines a record with the attribute `odd`."""

    def __init__(self, transform):
        self._transform = transform

    def lines(self, documents, sequence_numbers):
        return [
            b"" if b'"odd"' in document else self._transform.change(document, sequence_number=number or None).data
            for document, number in zip(documents, sequence_numbers, strict=True)
        ]


def test_in_a_batch_the_hook_gets_native_rows_and_the_others_in_order(firehose, as_hook, record):
    seen = []

    def hook(row, change):
        seen.append((row["n"], change.image["n"].N))
        if row["n"] == 4:
            raise KeyError(_SECRET)
        return {3: None, 5: {"a": object()}}.get(int(row["n"]), row | {"hooked": True})

    transform = Transform(Settings(**as_hook(hook)))
    images = [{"n": {"N": str(number)}} for number in range(7)]
    images[2] |= {"odd": {"S": "x"}}
    event = firehose(*map(record, images))
    outcomes = batch.transform_records(
        event["records"], lambda: transform, _NativeCode(Transform(Settings())), has_hook=True
    )

    assert seen == [(number, str(number)) for number in range(7)]
    assert [(outcome.result, outcome.is_native, outcome.reason) for outcome in outcomes] == [
        ("Ok", True, None),
        ("Ok", True, None),
        ("Ok", False, None),
        ("Dropped", True, None),
        ("ProcessingFailed", False, "the hook raised KeyError"),
        (
            "ProcessingFailed",
            False,
            "the hook returned no row: a value is no text, number, boolean, null or array of those",
        ),
        ("Ok", True, None),
    ]
    assert [outcome.original for outcome in outcomes] == [one["data"] for one in event["records"]]
    assert [outcome.record_id for outcome in outcomes] == [one["recordId"] for one in event["records"]]
    assert b'"hooked":true' in base64.b64decode(outcomes[0].data)


@pytest.mark.parametrize("has_hook", [True, False])
def test_the_function_hands_native_codes_rows_to_its_hook(firehose, as_hook, record, monkeypatch, has_hook):
    settings = Settings(**(as_hook(lambda row, _: row | {"hooked": True}) if has_hook else {}))
    transform = Transform(settings)
    monkeypatch.setattr(handler, "_SETTINGS", settings)
    monkeypatch.setattr(handler, "_transform", lambda: transform)
    monkeypatch.setattr(handler, "_ONE_PASS", _NativeCode(Transform(Settings())))
    (answer,) = handler.lambda_handler(firehose(record()), None)["records"]

    assert (b'"hooked":true' in base64.b64decode(answer["data"])) == has_hook


def test_a_batch_with_a_record_that_is_no_base64_is_hooked_all_the_same(firehose, as_hook, record):
    transform = Transform(Settings(**as_hook(lambda row, _: row | {"hooked": True})))
    event = firehose(record(), record())
    event["records"][0]["data"] = "no base64!"
    native = _NativeCode(Transform(Settings()))
    outcomes = batch.transform_records(event["records"], lambda: transform, native, has_hook=True)

    assert [outcome.result for outcome in outcomes] == ["ProcessingFailed", "Ok"]
    assert b'"hooked":true' in base64.b64decode(outcomes[1].data)

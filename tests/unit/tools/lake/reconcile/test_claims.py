from __future__ import annotations

import json

import msgspec
import pytest

from tools.errors import LakeError
from tools.lake.deployed_transform import FunctionFailedError, Result
from tools.lake.reconcile import claims, items
from tools.lake.reconcile.claims import CLAIM_COLUMNS, Claimant, Window
from tools.lake.reconcile.items import Schema
from tools.lake.reconcile.rows import LakeRow

SCHEMA = Schema("t", {"id": "S", "n": "N"})
ITEM = {"id": {"S": "a"}, "n": {"N": "1.50"}, "v": {"S": "x"}}
WINDOW = Window(10, 20)


class Function:
    def __init__(self, answer):
        self.asked, self._answer = [], answer

    def transform(self, records):
        self.asked += records
        return [self._answer] * len(records)


def read(lines):
    return [dict(zip(CLAIM_COLUMNS, line.decode().rstrip("\n").split(","), strict=True)) for line in lines]


def test_each_version_claims_what_it_makes_of_an_item():
    row = {"cdc_key": '{"id":"a","n":1.5}', "v": "x"}
    live, older = Function(Result("Ok", msgspec.json.encode(row))), Function(Result("Dropped"))

    first, second = read(Claimant(SCHEMA, [live, older]).present([ITEM], WINDOW))

    key = items.key_digest(b'{"id":"a","n":1.5}').hex()
    assert (first["version"], first["outcome"], first["k"], first["lo"], first["hi"]) == ("0", "O", key, "10", "20")
    assert (second["version"], second["outcome"], second["k"], second["dig"]) == ("1", "D", key, "")
    assert first["id"] == second["id"]
    assert json.loads(bytes.fromhex(first["item_key"])) == {"id": {"S": "a"}, "n": {"N": "1.50"}}


def test_an_older_version_that_always_fails_claims_nothing_and_the_deployed_one_may_not():
    def fails(_):
        raise FunctionFailedError("it failed")

    live, broken = Function(Result("Dropped")), Function(None)
    broken.transform = fails

    assert len(read(Claimant(SCHEMA, [live, broken, live]).present([ITEM], WINDOW))) == 2
    with pytest.raises(FunctionFailedError):
        list(Claimant(SCHEMA, [broken, live]).present([ITEM], WINDOW))


def test_the_function_is_told_of_the_change_that_made_the_lakes_row():
    live = Function(Result("Dropped"))
    rows = [LakeRow(0, 1, 77, "M", b"", "e-7", "49"), LakeRow(0, 1, 88, "R", b"", "e-8", "50"), None]

    list(Claimant(SCHEMA, [live]).present([ITEM] * 3, WINDOW, rows))

    told = [json.loads(record.document) for record in live.asked]
    assert [(each["eventName"], each["eventID"]) for each in told] == [
        ("MODIFY", "e-7"),
        ("INSERT", "reconcile"),
        ("INSERT", "reconcile"),
    ]
    assert [each["dynamodb"]["ApproximateCreationDateTime"] for each in told] == [77, 10, 10]
    assert [record.sequence_number for record in live.asked] == ["49", None, None]


def test_a_key_that_is_not_there_or_cannot_be_asked_for_is_claimed_absent():
    claimant = Claimant(SCHEMA, [])

    (absent,) = read(claimant.absent([SCHEMA.key_of(ITEM)], WINDOW))
    (unread,) = read([claimant.unread(b"\1" * 16, WINDOW)])

    assert (absent["outcome"], absent["version"], absent["k"]) == ("A", "0", "")
    assert absent["id"] == items.key_digest(items.key_text(SCHEMA.key_of(ITEM))).hex()
    assert (unread["outcome"], unread["id"], unread["item_key"]) == ("A", "01" * 16, "")


def test_a_hidden_key_of_which_there_is_no_line_stays_hidden():
    hidden = Schema("t", {"id": "S"}, frozenset(["id"]))

    (claim,) = read(Claimant(hidden, [Function(Result("Dropped"))]).present([ITEM], WINDOW))

    assert claim["k"] == ""


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ({"id": {"S": 'Zoë "1"'}, "n": {"N": "1.50"}}, '{"id":"Zoë \\"1\\"","n":1.5}'),
        ({"id": {"S": ""}, "n": {"N": "10"}}, '{"id":"","n":10}'),
    ],
)
def test_the_key_without_a_line_is_spelled_as_the_lake_spells_it(key, text):
    assert claims.cdc_key(SCHEMA, key) == text


def test_a_line_that_is_no_row_is_an_error():
    with pytest.raises(LakeError, match="no lake record"):
        list(Claimant(SCHEMA, [Function(Result("Ok", b"[1]"))]).present([ITEM], WINDOW))

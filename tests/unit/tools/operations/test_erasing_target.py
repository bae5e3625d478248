from __future__ import annotations

import gzip
import json
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.deployments.outputs import Table
from tools.errors import RefusedError, UsageError
from tools.lake.erasure import places
from tools.lake.reconcile.items import Schema
from tools.operations import erasing_target
from tools.operations.erasing_look import Looker
from tools.operations.erasing_target import Asked, TableAccess, Target

LAKE = places.Bucket(NAME, "r")
SCHEMA = Schema("t", {"id": "S", "n": "N"})
DATE = "Sat, 31 Jan 2026 12:00:00 GMT"


def described(**rules):
    return Table("d", "r", data_prefix="data/t/", error_prefix="errors/t/", rules=rules)


def access(*present, schema=SCHEMA, mask_keys=(), separators=("__",), **rules):
    def batch_get_item(**request):
        keys = request["RequestItems"]["t"]["Keys"]
        found = [key for key in keys if key["id"]["S"] in present]
        return {
            "Responses": {"t": found},
            "UnprocessedKeys": {},
            "ResponseMetadata": {"HTTPHeaders": {"date": DATE}},
        }

    dynamodb = SimpleNamespace(batch_get_item=batch_get_item)
    aws = SimpleNamespace(client=lambda _: dynamodb)
    return TableAccess(aws, schema, frozenset(mask_keys), rules, frozenset(separators))


def lake(*rows):
    s3 = Bucket()
    lines = b"".join(json.dumps({**FULL, **row}).encode() + b"\n" for row in rows)
    s3.place("data/t/cdc_date=2026-01-31/cdc_hour=05/a.gz", gzip.compress(lines))
    return s3


FULL = {
    "cdc_event": "INSERT", "cdc_event_id": "e", "cdc_table": "t", "cdc_changed_at": "", "cdc_changed_at_us": 1,
    "cdc_key": "", "cdc_ttl": False,
}  # fmt: skip


def by_column(target, s3, where=("email", "a@b.c")):
    source = SimpleNamespace(client=lambda: s3, bucket=NAME)
    place = places.of_table(LAKE, "t", described(), None)[0]
    return target.by_column(where, Looker({LAKE: source}, 1), [place], lambda _: None)


def test_keys_are_spelled_as_the_table_has_them():
    target = Target("t", described(), access())
    assert target.by_keys(Asked(('{"n": 1.50, "id": "a"}',)), None, NAME) == ['{"id":"a","n":1.5}']


def test_without_the_table_a_row_of_the_lake_says_what_its_key_is_called():
    s3 = lake({"cdc_key": '{"id":"x"}'})
    assert Target("t", described(), None).by_keys(Asked(("17",)), s3, NAME) == ['{"id":"17"}']


def test_without_the_table_keys_that_are_hashed_are_refused():
    target = Target("t", described(id="hash"), None)
    with pytest.raises(UsageError, match="give cross-account"):
        target.by_keys(Asked(("17",)), lake({"cdc_key": '{"id":"x"}'}), NAME)


def test_a_value_leads_to_the_items_that_have_it_in_any_version():
    s3 = lake({"cdc_key": '{"id":"a","n":"7"}', "email": "a@b.c"}, {"cdc_key": '{"id":"b","n":1}', "email": "x"})
    s3.place("data/t/cdc_date=2026-01-31/cdc_hour=05/a.gz", b"")
    assert by_column(Target("t", described(), access()), s3) == ['{"id":"a","n":7}']


def test_a_path_is_joined_by_what_any_version_of_the_function_joins_it_by():
    before = json.dumps({"contact": {"email": "a@b.c"}})
    s3 = lake({"cdc_key": '{"id":"a","n":7}', "cdc_before": before}, {"cdc_key": '{"id":"b","n":1}', "email": "x"})
    versions = [{"Environment": {"Variables": {"PATH_SEPARATOR": each}}} for each in ("_", "_x_")]
    described_table = {
        "TableName": "t",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    client = SimpleNamespace(
        describe_table=lambda **_: {"Table": described_table},
        exceptions=SimpleNamespace(ResourceNotFoundException=KeyError),
        get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: [{"Versions": versions}]),
    )
    found = erasing_target.table_access(SimpleNamespace(client=lambda _: client), "t", described(), "f")

    for column, keys in (("contact_email", 1), ("contact_x_email", 1), ("contact__email", 0)):
        assert len(by_column(Target("t", described(), found), s3, (column, "a@b.c"))) == keys


def test_a_value_that_leads_to_hashes_is_refused():
    s3 = lake({"cdc_key": json.dumps({"id": "0" * 64}), "email": "a@b.c"})
    with pytest.raises(UsageError, match="give the keys themselves"):
        by_column(Target("t", described(), access(mask_keys=[b"k"])), s3)


def test_items_that_the_table_still_has_are_refused():
    plain = ['{"id":"a","n":1}', '{"id":"b","n":1}']
    with pytest.raises(RefusedError, match=r"still has 1 of 2 items.*say --item-stays"):
        Target("t", described(), access("a")).refuse_those_in_table(plain, "--item-stays")
    Target("t", described(), access()).refuse_those_in_table(plain, "--item-stays")
    Target("t", described(), access(schema=None)).refuse_those_in_table(plain, "--item-stays")


def test_a_table_that_cannot_be_asked_is_refused():
    with pytest.raises(RefusedError, match="it cannot be seen"):
        Target("t", described(), None).refuse_those_in_table(['{"id":"a"}'], "--item-stays")


@pytest.mark.parametrize(
    ("keys", "where"), [((), None), (("a",), "b=c"), ((), "b"), ((), "=c"), ((), "b="), ((" ",), None)]
)
def test_what_asks_for_nobody_is_refused(keys, where):
    with pytest.raises(UsageError):
        erasing_target.read(keys, where)


def test_a_value_may_hold_an_equals_sign():
    assert erasing_target.read((), "a=b=c").where == ("a", "b=c")

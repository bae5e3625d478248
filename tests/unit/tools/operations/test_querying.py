from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as replace_struct

from tests.unit.tools.aws_answers import failed, raising
from tests.unit.tools.lake import small_lake
from tools.cli import console
from tools.deployments.choose import Where
from tools.deployments.credentials import Identities, Identity
from tools.deployments.outputs import Outputs, Table
from tools.deployments.recall import Purpose
from tools.errors import LakeError, UsageError
from tools.lake.engines.results import Query
from tools.operations import querying
from tools.operations.query_request import Request
from tools.operations.querying import Lake

KEY = small_lake.folder() + "a"


class Aws:
    """Clients of a lake in memory."""

    def __init__(self, s3):
        self.clients = {"s3": s3, "glue": small_lake.glue({"id": "string"})}

    def client(self, name):
        return self.clients[name]


@pytest.fixture
def s3():
    s3 = small_lake.S3()
    s3.put(KEY, [small_lake.change(1, at=5, id="17"), small_lake.change(2, key='{"id":"18"}', event="REMOVE", id="18")])
    return s3


@pytest.fixture
def lake(s3):
    table = Table("stream", "role", "data/orders/", "errors/orders/", catalog_table="orders")
    outputs = Outputs(
        "us-east-1", "1" * 12, small_lake.BUCKET, tables={"orders": table}, database_name="shop", workgroup_name="shop"
    )
    return Lake(Aws(s3), outputs, "single-account")


def with_table(lake, **changes):
    (table,) = lake.outputs.tables.values()
    changed = {**{name: getattr(table, name) for name in table.__struct_fields__}, **changes}
    outputs = {name: getattr(lake.outputs, name) for name in lake.outputs.__struct_fields__}
    return replace(lake, outputs=Outputs(**{**outputs, "tables": {"orders": Table(**changed)}}))


def answer(lake, tmp_path, **asked):
    request = Request(engine="duckdb", cache=tmp_path / "cache", cache_bytes=1 << 20, **asked)
    result = lake.answer(request, lambda _state: None)
    names = [column.name for column in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows]


def test_a_ready_question_is_answered_for_the_item_whose_plain_key_is_given(lake, tmp_path):
    assert [row["id"] for row in answer(lake, tmp_path, current=True)] == ["17"]
    assert [row["cdc_event_id"] for row in answer(lake, tmp_path, changes="17")] == ["event-1"]
    assert [row["is_deleted"] for row in answer(lake, tmp_path, history='{"id":"18"}')] == ["true"]


@pytest.mark.parametrize(
    ("sql", "why", "says"),
    [
        ("SELECT * FROM oders", "TABLE_NOT_FOUND: Table 'oders' does not exist", "did you mean orders?"),
        ("SELECT * FROM my-orders", "mismatched input", "in SQL, my-orders is called orders"),
        ("SELECT 1 / 0", "DIVISION_BY_ZERO", "DIVISION_BY_ZERO"),
    ],
)
def test_sql_that_names_what_is_not_there_is_told_what_is(lake, monkeypatch, sql, why, says):
    lake = replace(lake, outputs=replace_struct(lake.outputs, tables={"my-orders": lake.outputs.tables["orders"]}))

    def fail(*_):
        raise LakeError(f"the query failed: {why}")

    monkeypatch.setattr(Lake, "_athena", fail)

    with pytest.raises(LakeError) as told:
        lake.answer(Request(engine="athena", sql=Query(sql)), lambda _state: None)

    assert str(told.value).startswith(f"the query failed: {why}")
    assert str(told.value).endswith(says)


def test_objects_are_listed_with_their_size(lake, s3, tmp_path):
    (row,) = answer(lake, tmp_path, lists=True)

    assert row == {"key": KEY, "bytes": str(len(s3.objects[KEY])), "written_at": "2026-01-31T12:00:00+00:00"}


def test_a_download_that_is_repeated_copies_nothing_again(lake, tmp_path):
    assert lake.download(Request(), tmp_path, lambda _state: None).startswith("1 objects copied")
    assert "0 objects copied" in lake.download(Request(), tmp_path, lambda _state: None)
    assert (tmp_path / KEY).is_file()


def test_whoever_asks_for_a_hashed_key_is_told_that_the_lake_has_the_hash(lake, tmp_path, monkeypatch):
    warned = []
    monkeypatch.setattr(console, "warn", warned.append)

    answer(with_table(lake, rules={"id": "hash", "other": "hash"}), tmp_path, changes="17")

    assert warned == ["id: the lake of orders has the hash of it, so give the hash"]
    answer(with_table(lake, rules={"id": "text"}), tmp_path, changes="17")
    assert len(warned) == 1


def test_a_key_cannot_be_told_before_a_change_has_arrived(lake, s3, tmp_path):
    s3.objects.clear()

    with pytest.raises(
        LakeError, match=f"no change of orders has arrived in s3://{small_lake.BUCKET}/data/orders/ yet"
    ):
        answer(lake, tmp_path, history="17")


def test_a_lake_that_may_not_be_listed_says_so(lake, s3, tmp_path):
    s3.paginate = raising(failed("ListObjectsV2", 403, "AccessDenied"))

    with pytest.raises(LakeError, match=rf"s3://{small_lake.BUCKET} cannot be listed: .*AccessDenied"):
        answer(lake, tmp_path, lists=True)
    with pytest.raises(LakeError, match=r"no key of orders can be looked up .*AccessDenied"):
        answer(lake, tmp_path, history="17")


def test_a_deployment_without_a_catalog_says_to_deploy_again(lake, tmp_path):
    with pytest.raises(LakeError, match="has no catalog yet; deploy it again"):
        answer(with_table(lake, catalog_table=None), tmp_path, current=True)


def test_the_producer_has_no_lake_to_ask():
    with pytest.raises(UsageError, match=r"the lake of a pair is the consumer's: python -m tools.query consumer"):
        querying.find_lake("producer", Where(), Identities())


def test_the_lake_of_a_pair_is_the_consumers(monkeypatch):
    chosen = []

    def choose(environment, _where, given, purpose, *, quiet):
        chosen.append((environment.name, given.identity.profile, purpose, quiet))
        raise LakeError("enough")

    monkeypatch.setattr(querying.choose, "choose", choose)
    identities = Identities(consumer=Identity("lake"))

    for name in ("cross-account", "consumer"):
        with pytest.raises(LakeError, match="enough"):
            querying.find_lake(name, Where(), identities)
    assert chosen == [("consumer", "lake", Purpose.READ, True)] * 2


def test_where_copies_lie_is_said_by_the_request(lake, tmp_path):
    answer(lake, tmp_path, current=True)

    assert list(Path(tmp_path / "cache").glob("??/*.gz"))


def test_whoever_asks_for_the_history_is_told_where_versions_are_missing(lake, s3):
    gap = b'{"since":"2026-01-31T05:00:00Z","until":"2026-01-31T06:00:00Z"}'
    s3.objects["ledger/orders/gaps/x.json"] = gap

    assert lake.gaps(Request(current=True)) == []
    (said,) = lake.gaps(Request(history="17"))
    assert said == "orders: versions between 2026-01-31T05:00:00Z and 2026-01-31T06:00:00Z may be missing"
    s3.closed.add("ledger/orders/gaps/x.json")
    (said,) = lake.gaps(Request(changes="17"))
    assert said.startswith("whether versions of orders are missing cannot be seen")

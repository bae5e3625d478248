from __future__ import annotations

import gzip
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools import compact
from tools.cli import command
from tools.deployments.outputs import Outputs, Table
from tools.lake import lease
from tools.operations import compaction_run
from tools.operations.lake_access import LakeAccess

FOLDER = "cdc_date=2026-01-31/cdc_hour=05"
TABLES = ("customers", "orders")


class World:
    """A lake of two tables, whose bucket is in memory, and the verb called on it."""

    def __init__(self, capsys):
        self.s3, self.capsys = Bucket(), capsys
        tables = {name: Table("d", "r", data_prefix=f"data/{name}/", error_prefix="e") for name in TABLES}
        outputs = Outputs("eu-north-1", "1", bucket_name=NAME, tables=tables)
        aws = SimpleNamespace(client=lambda _: self.s3, caller_arn=lambda: "arn:aws:iam::1:user/adam")
        self.access = LakeAccess(SimpleNamespace(outputs=lambda: outputs, aws=lambda _: aws), None)
        for name in TABLES:
            for number in range(3):
                self.put(name, number)

    def put(self, name, number):
        self.s3.place(f"data/{name}/{FOLDER}/{number}.gz", gzip.compress(b'{"n":%d}\n' % number))

    def __call__(self, *arguments):
        def invoke():
            words = ["single-account", "--jobs", "1", *arguments]
            result = compact.main.main(args=words, prog_name="compact", standalone_mode=False)
            return result if isinstance(result, int) else 0

        code = command.outcome(invoke, "python -m tools.compact")
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
def world(monkeypatch, capsys):
    world = World(capsys)
    monkeypatch.setattr(compact, "choose_lake", lambda *_, **__: world.access)
    clock = SimpleNamespace(now=lambda _zone: world.s3.now)
    monkeypatch.setattr(compaction_run, "datetime", clock)
    return world


def test_it_says_what_it_would_do_and_does_nothing(world):
    before = world.s3.keys()

    code, out, err = world("--dry-run")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{name}: 3 objects of 1 folder become 1 (0.0 MiB to read and write)" for name in TABLES
    ]
    assert world.s3.keys() == before


def test_it_asks_before_it_does_anything(world):
    before = world.s3.keys()

    code, _, err = world()

    assert code == 2
    assert "pass --yes" in err
    assert world.s3.keys() == before


def test_a_first_run_writes_and_a_later_one_removes(world):
    assert world("--yes")[1].splitlines()[2:] == [f"{name}: 1 object written (0.0 MiB), 0 removed" for name in TABLES]
    world.s3.wait(minutes=30)
    assert world("--yes")[1].splitlines() == [
        f"{name}: 3 objects of 1 folder can be removed in 31 min" for name in TABLES
    ]
    world.s3.wait(minutes=31)
    _, out, _ = world("--yes")

    assert out.splitlines() == [
        *(f"{name}: 3 objects of 1 folder are removed (0.0 MiB; versions stay)" for name in TABLES),
        *(f"{name}: 0 objects written (0.0 MiB), 3 removed" for name in TABLES),
    ]
    assert world("--yes") == (0, "".join(f"{name}: nothing to compact\n" for name in TABLES), "")


def test_one_table_can_be_chosen(world):
    world("--table", "orders", "--yes")

    assert [key.split("/")[1] for key in world.s3.keys("data") if "compacted-" in key] == ["orders"]


def test_json_says_what_is_to_be_done_and_what_was_done(world):
    code, planned, _ = world("--table", "orders", "--dry-run", "--json")
    assert code == 0
    ((plan,),) = [table["folders"] for table in json.loads(planned)]
    assert (plan["folder"], plan["step"], plan["objects"], plan["targets"]) == (FOLDER, "write", 3, 1)

    _, done, _ = world("--table", "orders", "--yes", "--json", "--grace", "0")
    (table,) = json.loads(done)

    assert table["table"] == "orders"
    assert [(each["folder"], each["error"], each["written"], each["removed"]) for each in table["folders"]] == [
        (FOLDER, None, 1, 0)
    ]
    world("--table", "orders", "--yes", "--json", "--grace", "0")
    assert json.loads(world("--table", "orders", "--yes", "--json")[1]) == []


def test_json_without_a_word_on_asking_is_a_usage_error(world):
    code, out, err = world("--json")

    assert (code, out) == (2, "")
    assert "add --yes, or --dry-run" in err


def test_a_table_that_is_written_to_is_told_with_who_does(world):
    other = lease.Lease(world.s3, NAME, "orders", who="arn:aws:iam::1:user/eve", host="h", verb="replay", seconds=300)
    other.take()

    code, _, err = world("--table", "orders", "--yes")

    assert code == 1
    assert "replay is at work since" in err
    assert "arn:aws:iam::1:user/eve" in err
    assert not [key for key in world.s3.keys("data") if "compacted-" in key]


def test_what_failed_is_named_and_ends_with_1(world):
    world.s3.closed.add(f"data/orders/{FOLDER}/1.gz")

    code, _, err = world("--yes")

    assert code == 1
    assert err.count("AccessDenied") == 1
    assert [key.split("/")[1] for key in world.s3.keys("data/") if "compacted-" in key] == ["customers"]


def test_a_damaged_object_is_a_warning(world):
    world.s3.place(f"data/orders/{FOLDER}/9.gz", gzip.compress(b"{}\n" * 999)[:-9])

    code, _, err = world("--yes")

    assert code == 0
    assert f"warning: s3://lake/data/orders/{FOLDER}/9.gz stays as it is: gzip data ends early" in err


def test_wait_removes_in_the_same_run(world, monkeypatch):
    from tools.operations import compacting

    monkeypatch.setattr(compacting, "datetime", SimpleNamespace(now=lambda _zone: world.s3.now))
    monkeypatch.setattr(compacting, "sleep", lambda seconds: world.s3.wait(seconds=seconds))
    start = world.s3.now

    _, out, _ = world("--table", "orders", "--yes", "--wait")

    assert out.splitlines()[-1] == "orders: 1 object written (0.0 MiB), 3 removed"
    assert timedelta(hours=1) <= world.s3.now - start < timedelta(hours=1, minutes=1)
    assert world.s3.keys("ledger/orders/lease.json") == []


def test_the_margin_keeps_hours_that_may_still_get_objects(world):
    assert world("--margin", "361", "--dry-run")[1] == "".join(f"{name}: nothing to compact\n" for name in TABLES)
    assert "become" in world("--margin", "360", "--dry-run")[1]

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.unit.tools.operations.test_erasing import NAME, Lakes, filled, names_adam
from tools import erase
from tools.cli import command
from tools.deployments.outputs import Outputs, Replica, Table
from tools.lake.erasure.places import Bucket
from tools.operations import erasing_setup
from tools.operations.lake_access import LakeAccess

KEY = ("--key", "adam@example.com", "--item-stays")


class World:
    """A lake whose bucket is in memory, without its table, and the verb called on it."""

    def __init__(self, capsys):
        self.s3, self.capsys = filled(), capsys
        tables = {"t": Table("d", "r", data_prefix="data/t/", error_prefix="errors/t/")}
        outputs = Outputs("r", "1", bucket_name=NAME, tables=tables)
        aws = SimpleNamespace(client=lambda _: self.s3, caller_arn=lambda: "arn:aws:iam::1:user/adam", environment={})
        lake = SimpleNamespace(outputs=lambda: outputs, aws=lambda _: aws, is_local=False)
        self.access = LakeAccess(lake, None)

    def __call__(self, *arguments):
        def invoke():
            words = ["consumer", "--jobs", "1", *arguments]
            result = erase.main.main(args=words, prog_name="erase", standalone_mode=False)
            return result if isinstance(result, int) else 0

        code = command.outcome(invoke, "python -m tools.erase")
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
def world(monkeypatch, capsys, tmp_path):
    world = World(capsys)
    lakes = Lakes(world.s3)
    monkeypatch.setattr(erase, "choose_lake", lambda *_, **__: world.access)
    monkeypatch.setattr(erasing_setup, "Source", lambda *_: next(iter(lakes.sources().values())))
    monkeypatch.setattr(erasing_setup.paths, "BUILD", tmp_path)
    return world


def test_a_dry_run_says_what_there_is_and_does_nothing(world):
    before = world.s3.keys()
    code, out, _ = world(*KEY, "--dry-run")
    assert code == 0
    assert out.splitlines()[:2] == [
        "t: 1 item",
        "  s3://lake/data/t/: 1 row in 1 object, 1 version, 1 of them old (0.0 MiB)",
    ]
    assert world.s3.keys() == before


def test_it_removes_and_prints_what_is_beyond_it_with_the_salt(world, tmp_path):
    file = tmp_path / "certificate.json"
    code, out, err = world(*KEY, "--yes", "--output", str(file))
    assert (code, err.count("error")) == (0, 0)
    assert [text for text in names_adam(world.s3) if b"adam@" in text] == []
    assert "the account of the table was not named" in out
    written = json.loads(file.read_text())
    assert written["salt"] in out
    assert written["place"].endswith(f"/ledger/t/erasure/{written['id']}.json")


def test_without_the_table_it_refuses_unless_told(world):
    code, _, err = world(*KEY[:2], "--yes")
    assert code == 3
    assert "--item-stays" in err


def test_json_is_json_and_asks_nothing(world):
    assert world(*KEY, "--json")[0] == 2
    code, out, _ = world(*KEY, "--json", "--dry-run")
    assert (code, json.loads(out)["items"]) == (0, 1)
    code, out, _ = world(*KEY, "--json", "--yes")
    assert (code, json.loads(out)["done"]["rewritten"]) == (0, 2)


def test_keys_come_from_a_file_too(world, tmp_path):
    file = tmp_path / "keys"
    file.write_text("adam@example.com\n\neve@example.com\n")
    code, out, _ = world("--keys", str(file), "--item-stays", "--dry-run")
    assert (code, out.splitlines()[0]) == (0, "t: 2 items")
    assert world("--keys", str(tmp_path / "none"), "--dry-run")[0] == 2


def test_what_is_damaged_ends_with_1_after_the_rest_is_done(world):
    world.s3.place("data/t/cdc_date=2026-01-31/cdc_hour=05/d.gz", b"\x1f\x8bdamaged")
    code, _, err = world(*KEY, "--yes")
    assert (code, "1 objects were not searched" in err) == (1, True)
    assert world.s3.keys("ledger/t/erasure/")


def test_the_replica_is_erased_from_unasked_and_each_copy_once():
    made = Replica("us-west-2", "copy", "arn:key", "role", ("data/",))
    outputs = Outputs("us-east-1", "1" * 12, "lake", replica=made)
    lake, copy, other = Bucket("lake", "us-east-1"), Bucket("copy", "us-west-2"), Bucket("other", "eu-west-1")

    assert erasing_setup.copies_of(lake, outputs, [copy, other]) == (lake, copy, other)
    assert erasing_setup.copies_of(lake, Outputs("us-east-1", "1" * 12, "lake"), []) == (lake,)

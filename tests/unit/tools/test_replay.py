from __future__ import annotations

import json
from collections import Counter
from types import SimpleNamespace

import pytest

from tests.unit.tools.aws_answers import failed
from tests.unit.tools.lake.replay.failures import ERRORS, Function, line, place
from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools import replay
from tools.cli import command
from tools.deployments.outputs import Outputs, Table
from tools.lake import function_log, lease
from tools.operations import replay_run
from tools.operations.lake_access import LakeAccess


class World:
    """A lake of two tables with failed records, whose bucket is in memory, and the verb called on it."""

    def __init__(self, capsys):
        self.s3, self.capsys, self.function = Bucket(), capsys, Function()
        tables = {
            name: Table(f"{name}-stream", "r", f"data/{name}/", f"errors/{name}/") for name in ("orders", "people")
        }
        outputs = Outputs("eu-north-1", "1", bucket_name=NAME, function_name="f", tables=tables)
        clients = {"s3": self.s3, "lambda": self, "logs": None}
        aws = SimpleNamespace(client=clients.__getitem__, caller_arn=lambda: "arn:aws:iam::1:user/adam")
        self.lake = SimpleNamespace(outputs=lambda: outputs, aws=lambda _: aws)
        self.access = LakeAccess(self.lake, self.lake)
        self.closed_log = False
        place(self.s3, "a.gz", line(b"a"), line(b"b"), line(b"poison"), line(b"c", errorCode="Other"))

    def get_function_configuration(self, **_request):
        if self.closed_log:
            raise failed("GetFunctionConfiguration", 403, "AccessDenied")
        return {"LoggingConfig": {"LogGroup": "/aws/lambda/f"}}

    def __call__(self, *arguments):
        def invoke():
            words = ["single-account", "--jobs", "1", *arguments]
            result = replay.main.main(args=words, prog_name="replay", standalone_mode=False)
            return result if isinstance(result, int) else 0

        code = command.outcome(invoke, "python -m tools.replay")
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
def world(monkeypatch, capsys):
    world = World(capsys)
    monkeypatch.setattr(replay, "choose_lake", lambda *_, **__: world.access)
    monkeypatch.setattr(replay_run, "DeployedTransform", lambda *_, **__: world.function)
    counted = Counter({("2026-01-31T05", "poison"): 3})
    monkeypatch.setattr(function_log, "failures_between", lambda *_: counted)
    return world


def test_the_list_says_what_failed_when_why_and_how_much(world):
    code, out, err = world("--list")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "orders: 4 failed records in 1 object (0.0 MiB)",
        "  2026-01-31T05  processing-failed  Lambda.FunctionError: 3 records, 0.0 MiB, "
        "2026-01-31T05:00:00Z to 2026-01-31T05:00:00Z",
        "    3 records: it returned an error result",
        "  2026-01-31T05  processing-failed  Other: 1 record, 0.0 MiB, 2026-01-31T05:00:00Z to 2026-01-31T05:00:00Z",
        "    1 record: it returned an error result",
        "  2026-01-31T05  the function's log: 3 records: poison",
        "people: no failed records",
    ]


def test_the_list_as_json(world):
    code, out, _ = world("--list", "--json", "--table", "orders", "--code", "Other")

    assert code == 0
    assert json.loads(out) == [
        {
            "table": "orders",
            "objects": 1,
            "failures": [
                {
                    "error_type": "processing-failed",
                    "code": "Other",
                    "hour": "2026-01-31T05",
                    "records": 1,
                    "bytes": 3,
                    "first": "2026-01-31T05:00:00Z",
                    "last": "2026-01-31T05:00:00Z",
                    "reasons": {"it returned an error result": 1},
                }
            ],
            "function_log": [{"hour": "2026-01-31T05", "reason": "poison", "records": 3}],
        }
    ]


def test_the_list_says_that_the_log_is_closed_and_needs_no_function(world):
    world.closed_log = True
    assert "the function's log cannot be read from here" in world("--list")[1]
    world.access = LakeAccess(world.lake, None)
    assert "the function's log cannot be read from here" in world("--list")[1]


def test_the_consumer_alone_is_told_to_name_the_account_of_the_function(world):
    world.access = LakeAccess(world.lake, None)

    code, _, err = world("--yes")

    assert code == 2
    assert "python -m tools.replay cross-account --producer-profile NAME" in err


def test_a_dry_run_says_what_would_become_of_the_records_and_writes_nothing(world):
    before = world.s3.keys("")

    code, out, err = world("--dry-run")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "orders: 4 failed records in 1 object (0.0 MiB)",
        "people: no failed records",
        "orders: 3 would become rows, 0 dropped by the hook, 1 fail again",
        "    1 record: poison",
    ]
    assert world.s3.keys("") == before


def test_it_asks_before_it_does_anything(world):
    before = world.s3.keys("")

    code, _, err = world()

    assert code == 2
    assert "pass --yes" in err
    assert world.s3.keys("") == before


def test_what_fails_again_ends_with_1_and_is_named(world):
    code, out, err = world("--yes")

    assert code == 1
    assert "orders: 3 became rows, 0 dropped by the hook, 1 fail again\n    1 record: poison" in out
    assert "1 record of orders failed again; --list says which and why" in err
    assert len(world.s3.lines("data/orders/")) == 3
    assert world.s3.keys("ledger/orders/lease.json") == []


def test_json_says_what_was_done(world):
    code, out, _ = world("--yes", "--json", "--table", "orders", "--code", "Other")

    assert code == 0
    assert json.loads(out) == [{"table": "orders", "rows": 1, "dropped": 0, "fail_again": 0, "reasons": {}}]


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (("--since", "2026-01-31T05:00Z"), 3),
        (("--since", "2026-01-31T05:00:01Z"), 0),
        (("--until", "2026-01-31T05:00Z"), 0),
        (("--code", "Other"), 1),
        (("--code", "Other", "--code", "Lambda.FunctionError"), 3),
        (("--table", "people"), 0),
    ],
)
def test_records_are_chosen_by_table_time_and_code(world, options, rows):
    world("--yes", *options)

    assert len([text for text in world.s3.lines("data/") if text]) == rows


def test_a_table_that_is_written_to_is_told_with_who_does(world):
    lease.Lease(world.s3, NAME, "orders", who="arn:aws:iam::1:user/eve", host="h", verb="compact", seconds=300).take()

    code, _, err = world("--yes")

    assert code == 1
    assert "compact is at work since" in err
    assert "arn:aws:iam::1:user/eve" in err
    assert world.s3.keys("data/") == []


def test_what_a_dead_run_has_left_is_ended_though_nothing_failed_is_left(world):
    world("--yes", "--code", "Other", "--code", "Lambda.FunctionError")
    (done,) = world.s3.keys("ledger/orders/rows/done/")
    record = json.loads(world.s3.body(done))
    world.s3.place(done.replace("/done/", "/open/"), world.s3.body(done))
    for key in (done, *world.s3.keys(ERRORS)):
        world.s3.remove(key)
    world.s3.place(f"{ERRORS}replay/{record['identity']}/{record['attempt']}.gz", b"x")

    assert world("--yes", "--table", "orders")[0] == 0

    assert world.s3.keys("ledger/orders/rows/open/") == []
    assert [key.rpartition("/")[2][:13] for key in world.s3.keys(ERRORS)] == ["still-failed-"]


def test_an_object_that_cannot_be_read_is_a_warning(world):
    world.s3.place(f"{ERRORS}processing-failed/cdc_date=2026-01-31/cdc_hour=05/z.gz", b"\x1f\x8bno gzip")

    code, _, err = world("--dry-run")

    assert code == 0
    assert "z.gz stays as it is: gzip data is damaged" in err


def test_json_without_a_word_on_asking_is_a_usage_error(world):
    code, out, err = world("--json")

    assert (code, out) == (2, "")
    assert "add --yes, --dry-run or --list" in err


def test_the_function_is_called_in_the_account_of_the_tables_and_the_lake_is_read_in_its_own(world, monkeypatch):
    called = []
    monkeypatch.setattr(
        replay_run, "DeployedTransform", lambda client, *_, **__: called.append(client) or world.function
    )
    outputs = Outputs("eu-north-1", "2", function_name="g")
    aws = SimpleNamespace(client=lambda name: f"{name} of the producer")
    world.access = LakeAccess(world.lake, SimpleNamespace(outputs=lambda: outputs, aws=lambda _: aws))

    world("--yes", "--table", "orders")

    assert called == ["lambda of the producer"]
    assert len(world.s3.lines("data/orders/")) == 3

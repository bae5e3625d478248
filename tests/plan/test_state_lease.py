"""One writer a table: the scheduled merge and our tools keep each other away by the same lease."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.plan.jsonata import StateError
from tests.plan.lake_tables import Lake
from tests.plan.plans import PRODUCERS_TABLE
from tests.plan.reading import of_type
from tests.plan.state_machine import Execution, Kill, KilledError
from tests.plan.state_table import StateTable, machine
from tests.unit.tools.lake.versioned_bucket import NAME
from tools.errors import LakeError
from tools.lake import lease

KEY = lease.key(PRODUCERS_TABLE)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def table(plans):
    plan = plans["consumer-state"]
    return StateTable(Lake(plan), machine(plan))


@pytest.fixture(autouse=True)
def _nothing_yet(table):
    table.forget()
    table.lake.put(PRODUCERS_TABLE.replace("-", "_"), [])
    table.bucket.now = NOON


def tool(table, seconds=300):
    return lease.Lease(
        table.bucket, NAME, PRODUCERS_TABLE, who="arn:aws:iam::1:user/adam", host="a", verb="compact", seconds=seconds
    )


def dies_at(table, state):
    with pytest.raises(KilledError):
        table.run(NOON, Kill(state, is_done=False))


def test_machine_and_tools_mean_the_same_object_with_the_same_fields(table, plans):
    (bucket,) = of_type(plans["consumer-state"], "aws_s3_bucket").values()
    for state, condition in {"TakeLease": "IfNoneMatch", "TakeOver": "IfMatch"}.items():
        arguments = table.machine.definition["States"][state]["Arguments"]
        assert arguments.keys() == {"Bucket", "Key", "Body", "ContentType", condition}
        assert (arguments["Bucket"], arguments["Key"]) == (bucket["bucket"], KEY)
        assert set(arguments["Body"]) == {field.name for field in msgspec.structs.fields(lease.Holder)}


def test_while_a_merge_runs_a_tool_is_refused_and_told_of_the_machine_in_one_line(table, plans):
    dies_at(table, "Merge")

    with pytest.raises(LakeError) as refused:
        tool(table).take()

    roles = of_type(plans["consumer-state"], "aws_iam_role").values()
    (role,) = [each["name"] for each in roles if each["name"].startswith(machine(plans["consumer-state"])["name"])][:1]
    assert str(refused.value) == (
        f"table {PRODUCERS_TABLE}: merge is at work since 2026-01-31T12:00:00.000Z on {table.machine.arn}, as "
        f"arn:aws:iam::222222222222:role/{role}; wait for it, or run this again after 2026-01-31T16:00:00Z if it has "
        f"died (s3://{NAME}/{KEY})"
    )


def test_a_lease_holds_for_as_long_as_a_run_may_take(table):
    dies_at(table, "Merge")
    holder = msgspec.json.decode(table.bucket.body(KEY), type=lease.Holder)
    assert holder.seconds == table.machine.definition["TimeoutSeconds"]
    table.bucket.now = NOON + timedelta(seconds=holder.seconds)
    with pytest.raises(LakeError, match="merge is at work"):
        tool(table).take()
    table.bucket.wait(seconds=6)
    tool(table).take()


def test_a_merge_waits_for_a_tool_and_goes_on_when_that_has_ended(table):
    held = tool(table, seconds=100_000)
    held.take()
    table.bucket.looked = lambda: held.give_back() if table.bucket.now >= NOON + timedelta(minutes=10) else None

    execution = table.run(NOON)

    table.bucket.looked = lambda: None
    assert execution.status == "SUCCEEDED"
    assert execution.path.count("WaitForLease") == 11
    assert "TakeOver" not in execution.path


def test_a_merge_takes_over_what_a_tool_left_that_has_died_as_late_as_another_tool_would(table):
    tool(table).take()
    execution = table.run(NOON)
    assert execution.status == "SUCCEEDED"
    assert execution.path.count("WaitForLease") == 6
    assert "TakeOver" in execution.path
    assert table.bucket.keys() == []

    tool(table).take()
    assert "TakeOver" not in table.run(table.bucket.now + timedelta(seconds=305)).path[:5]


def test_a_merge_that_waits_for_an_hour_fails_and_says_for_whom(table):
    tool(table, seconds=100_000).take()

    execution = table.run(NOON)

    assert (execution.status, execution.error) == ("FAILED", "LeaseIsHeld")
    assert execution.cause.startswith(f"table {PRODUCERS_TABLE}: s3://")
    assert re.search(r": compact is at work since \S+Z on a, as arn:aws:iam::1:user/adam$", execution.cause)
    assert table.bucket.now - NOON == timedelta(minutes=61)
    assert table.statements == []
    assert json.loads(table.bucket.body(KEY))["verb"] == "compact"


def test_the_lease_of_a_run_that_was_stopped_is_taken_over_at_once(table):
    dies_at(table, "Merge")
    execution = table.run(NOON + timedelta(hours=1))
    assert execution.status == "SUCCEEDED"
    assert execution.path[2:8] == [
        "TakeLease",
        "LookAtLease",
        "WhoseLease",
        "LookAtItsRun",
        "HasItsRunEnded",
        "TakeOver",
    ]
    assert table.bucket.keys() == []


def test_two_runs_that_did_not_see_each_other_do_not_merge_both(table):
    dies_at(table, "Merge")
    (other,) = table.machine.executions.values()
    other.status, other.start = "RUNNING", NOON + timedelta(seconds=1)
    merged = len(table.statements)

    execution = table.run(NOON)

    assert (execution.status, execution.error) == ("FAILED", "LeaseIsHeld")
    assert table.machine.arn in execution.cause
    assert len(table.statements) == merged


def test_an_older_run_at_work_ends_a_younger_one_before_it_asks_for_the_lease(table):
    arn = table.machine.arn.replace(":stateMachine:", ":execution:") + ":older"
    table.machine.executions[arn] = Execution(arn, NOON - timedelta(minutes=1))
    assert table.run(NOON).path == ["LookForOthers", "Alone", "AnotherIsAtWork"]
    assert table.bucket.calls == []


@pytest.mark.parametrize("verb", ["CREATE", "MERGE", "VACUUM"])
def test_a_run_that_fails_gives_its_lease_back_and_tells_why(table, verb):
    table.failing = verb
    execution = table.run(NOON)
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "States.TaskFailed", f"{verb} fails")
    assert table.bucket.keys() == []
    tool(table).take()


def test_a_lease_that_was_written_and_not_answered_for_is_its_own(table, monkeypatch):
    put = table.machine.call

    def loses_the_answer(resource, arguments):
        answer = put(resource, arguments)
        if resource.endswith("s3:putObject"):
            raise StateError("S3.S3Exception", "timeout")
        return answer

    monkeypatch.setattr(table.machine, "call", loses_the_answer)
    execution = table.run(NOON)
    assert execution.status == "SUCCEEDED"
    assert "WaitForLease" not in execution.path
    assert table.bucket.keys() == []


def test_a_lease_that_can_be_neither_written_nor_read_fails_the_run_within_minutes(table):
    table.bucket.closed.add(KEY)
    execution = table.run(NOON)
    table.bucket.closed.clear()
    assert (execution.status, execution.error) == ("FAILED", "LeaseIsHeld")
    assert "AccessDenied" in execution.cause
    assert table.bucket.now - NOON == timedelta(minutes=4)


def test_something_else_in_the_place_of_the_lease_is_left_alone(table):
    table.bucket.place(KEY, b"no JSON")
    assert table.run(NOON).error == "LeaseIsHeld"
    assert table.bucket.body(KEY) == b"no JSON"


def test_a_run_gives_back_no_lease_but_its_own(table, monkeypatch):
    call = table.machine.call

    def taken_meanwhile(resource, arguments):
        if resource.endswith("putMetricData"):
            table.bucket.place(KEY, b"another's")
        return call(resource, arguments)

    monkeypatch.setattr(table.machine, "call", taken_meanwhile)
    assert table.run(NOON).status == "SUCCEEDED"
    assert table.bucket.body(KEY) == b"another's"

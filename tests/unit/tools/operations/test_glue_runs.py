"""A run of the Glue job is started once for a plan, followed, and its end told as it is."""

from __future__ import annotations

import pytest

from tests.unit.tools.aws_answers import failed, raising
from tools.errors import LakeError
from tools.operations import glue_runs

PLAN = "ledger/orders/backfill/a/spark-plan.json"


class Glue:
    """Goes through the given states, one each time it is asked of a run."""

    def __init__(self, *states, runs=()):
        self._states, self._runs, self.started = list(states), list(runs), []

    def get_job_runs(self, *, JobName, MaxResults):  # noqa: N803  # boto3's names
        return {"JobRuns": self._runs}

    def start_job_run(self, **request):
        self.started.append(request)
        return {"JobRunId": "jr_new"}

    def get_job_run(self, *, JobName, RunId):  # noqa: N803
        return {"JobRun": {"Id": RunId, "JobRunState": self._states.pop(0), "ErrorMessage": "no\n memory"}}


def old(state, plan=PLAN):
    return {"Id": "jr_old", "JobRunState": state, "Arguments": {"--plan_key": plan}}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(glue_runs, "sleep", lambda _: None)


def test_a_run_is_started_with_the_plan_and_followed_to_its_end():
    glue, told = Glue("STARTING", "RUNNING", "SUCCEEDED", runs=[old("SUCCEEDED"), old("FAILED")]), []

    glue_runs.run(glue, "lake-backfill", PLAN, told.append)

    assert glue.started == [{"JobName": "lake-backfill", "Arguments": {"--plan_key": PLAN}}]
    assert told == [f"Glue job lake-backfill is {state}, 0 s, run jr_new" for state in ("starting", "running")]


def test_a_run_for_the_same_plan_that_is_under_way_is_followed():
    glue = Glue("SUCCEEDED", runs=[old("RUNNING")])

    glue_runs.run(glue, "lake-backfill", PLAN, lambda _: None)

    assert glue.started == []


@pytest.mark.parametrize(
    ("glue", "says"),
    [
        (Glue(runs=[old("RUNNING", "ledger/other/backfill/b/spark-plan.json")]), "jr_old of Glue job lake-backfill is"),
        (Glue("FAILED"), "run jr_new of Glue job lake-backfill is failed: no memory; look at its log"),
        (Glue("TIMEOUT"), "is timeout: no memory"),
        (Glue("STOPPED"), "is stopped"),
    ],
    ids=["another plan", "failed", "timeout", "stopped"],
)
def test_what_does_not_succeed_is_told_in_one_line(glue, says):
    with pytest.raises(LakeError, match=says):
        glue_runs.run(glue, "lake-backfill", PLAN, lambda _: None)


def test_a_refusal_of_glue_is_told_in_one_line():
    glue = Glue()
    glue.start_job_run = raising(failed("StartJobRun", 400, "ConcurrentRunsExceededException"))

    with pytest.raises(LakeError, match="Glue job lake-backfill cannot be run"):
        glue_runs.run(glue, "lake-backfill", PLAN, lambda _: None)

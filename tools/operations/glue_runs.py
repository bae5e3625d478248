"""Runs the Glue job of `modules/backfill`: starts it for a plan, or finds the run that is under way, and follows it.

AWS documentation: AWS Glue Web API Reference, "StartJobRun", "GetJobRun", "GetJobRuns", and "JobRun" for its states.
"""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import JobRunTypeDef

PLAN_ARGUMENT: Final = "--plan_key"

_POLL_SECONDS: Final = 10.0
_UNDER_WAY: Final = ("STARTING", "RUNNING", "WAITING", "STOPPING")
_SUCCEEDED: Final = "SUCCEEDED"
_RECENT: Final = 20


def run(glue: GlueClient, job: str, plan_key: str, tell: Callable[[str], None]) -> None:
    """Has the job carry out a plan, and waits for its end; `tell` is called with how far it is.

    A run for the same plan that is under way is followed, and no other is started: so the verb may be interrupted, and
    run again.

    Raises:
        LakeError: Glue refuses, another run is under way, or the run does not succeed.
    """
    try:
        identity = _under_way(glue, job, plan_key) or _started(glue, job, plan_key)
        found = _ended(glue, job, identity, tell)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"Glue job {job} cannot be run: {reason(error)}") from None
    state = found["JobRunState"]
    if state != _SUCCEEDED:
        said = " ".join(found.get("ErrorMessage", "it gives no reason").split())
        raise LakeError(
            f"run {identity} of Glue job {job} is {state.lower()}: {said}; look at its log; what it has written stays, "
            "and the same command goes on"
        )


def _under_way(glue: GlueClient, job: str, plan_key: str) -> str | None:
    runs = [
        each
        for each in glue.get_job_runs(JobName=job, MaxResults=_RECENT)["JobRuns"]
        if each["JobRunState"] in _UNDER_WAY
    ]
    same = [each["Id"] for each in runs if each.get("Arguments", {}).get(PLAN_ARGUMENT) == plan_key]
    if runs and not same:
        raise LakeError(f"run {runs[0]['Id']} of Glue job {job} is under way with another plan; wait for its end")
    return same[0] if same else None


def _started(glue: GlueClient, job: str, plan_key: str) -> str:
    return glue.start_job_run(JobName=job, Arguments={PLAN_ARGUMENT: plan_key})["JobRunId"]


def _ended(glue: GlueClient, job: str, identity: str, tell: Callable[[str], None]) -> JobRunTypeDef:
    while True:
        found = glue.get_job_run(JobName=job, RunId=identity)["JobRun"]
        if found["JobRunState"] not in _UNDER_WAY:
            return found
        tell(f"Glue job {job} is {found['JobRunState'].lower()}, {found.get('ExecutionTime', 0):,} s, run {identity}")
        sleep(_POLL_SECONDS)

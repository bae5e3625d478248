"""Chooses what makes rows of an export: the deployed function on this machine, local PySpark, or a Glue job."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from tools.errors import UsageError
from tools.operations import glue_runs, local_spark

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.deployments.outputs import Outputs
    from tools.operations.backfill_spark import RunJob
    from tools.operations.reconciled_table import ReconciledTable

LOCAL: Final = "local"
SPARK: Final = "spark"
GLUE: Final = "glue"
ENGINES: Final = (LOCAL, SPARK, GLUE)


def choose(engine: str, table: ReconciledTable, outputs: Outputs, *, since: str | None, jobs: int) -> RunJob | None:
    """Returns what runs the job of an engine; None for the engine that needs none.

    Raises:
        UsageError: the engine cannot do what is asked for, or the deployment has no job.
    """
    if engine == LOCAL:
        return None
    if since:
        raise UsageError(f"--engine {engine} loads a whole table; leave out --since, or use --engine {LOCAL}")
    if table.lake_account:
        raise UsageError(
            f"--engine {engine} needs table and lake in one account, because the job reads both the exports and the "
            f"function's settings; use --engine {LOCAL}"
        )
    if engine == GLUE:
        return _glue(table, outputs.backfill_job_name)
    return _spark(table, jobs)


def _glue(table: ReconciledTable, job: str | None) -> RunJob:
    if job is None:
        raise UsageError(
            f"--engine {GLUE}: the deployment has no job; deploy it with --var 'backfill={{}}', or use --engine {LOCAL}"
        )
    client = table.aws.client("glue")
    return functools.partial(glue_runs.run, client, job)


def _spark(table: ReconciledTable, jobs: int) -> RunJob:
    source, client = table.source, table.aws.client("lambda")
    environment = {**source.environment, "AWS_DEFAULT_REGION": source.region}

    def run(plan_key: str, tell: Callable[[str], None]) -> None:
        tell("the function's package is fetched")
        certificates = environment.get("AWS_CA_BUNDLE")
        files = local_spark.package(client, source.function, source.versions[0], certificates)
        tell(f"Spark makes rows with {jobs} processors")
        arguments = {"bucket": table.lake.bucket, "plan_key": plan_key, "function": source.function}
        local_spark.run(files, arguments, environment, jobs)

    return run

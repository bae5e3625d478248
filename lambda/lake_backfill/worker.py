"""What runs in a Python process of Spark: the transform is made once, with the settings of the deployed function."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from lake_backfill import clients, task
from lake_backfill.rows import RowMaker
from lake_transform import settings
from lake_transform.transform import Transform

if TYPE_CHECKING:
    from lake_backfill.objects import Counts
    from lake_backfill.plan import Plan, RowSet


def run_set(plan: Plan, function: str, version: str, row_set: RowSet) -> Counts:
    """Carries out one set, as `task.write_set`.

    The settings, the key of hashes among them, are asked of Lambda here: arguments of a job and of its tasks can be
    read by whoever may look at a run (AWS Glue API Reference, "StartJobRun").

    Args:
        plan: the plan; its own sets are not looked at.
        function: name or ARN of the function.
        version: its version, the same for all sets.
        row_set: the set.

    Raises:
        lake_transform.errors.SettingsError: this package was built for other rules or another hook than the function's.
        BackfillError: as `task.write_set`.
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 or Lambda refuses.
    """
    return task.write_set(clients.s3(), plan, row_set, RowMaker(plan, row_set, _transform(function, version)))


@functools.cache
def _transform(function: str, version: str) -> Transform:
    variables = clients.function_configuration(function, version)["Environment"]["Variables"]
    return Transform(settings.from_environment(variables))

"""The script of the Glue job, and of local PySpark: each set of the plan is one task.

Nothing is shuffled: a file of the export is gzip, which cannot be split, and a set has the size of an object already.
"""

from __future__ import annotations

import argparse
import functools
import sys
from typing import TYPE_CHECKING, Final

import msgspec

from lake_backfill import clients, worker
from lake_backfill import plan as plans

if TYPE_CHECKING:
    from collections.abc import Sequence

LIVE: Final = "live"
"""The alias of the version that delivery streams call."""


def main(arguments: Sequence[str]) -> None:
    """Carries out a plan, and says in an object beside it what became of each set.

    Args:
        arguments: `--bucket`, `--plan_key` and `--function`. Others, which Glue adds, are passed over.

    Raises:
        BackfillError: the plan is none.
        py4j.protocol.Py4JJavaError: a set failed at each attempt. Sets that were written stay, and another run goes on.
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 or Lambda refuses.
    """
    from pyspark.sql import SparkSession  # noqa: PLC0415 - whoever carries out a set by itself needs no Spark

    given = _options().parse_known_args(arguments)[0]
    s3 = clients.s3()
    content = s3.get_object(Bucket=given.bucket, Key=given.plan_key)["Body"].read()
    plan = plans.read(content, f"s3://{given.bucket}/{given.plan_key}")
    version = clients.function_configuration(given.function, LIVE)["Version"]
    run = functools.partial(worker.run_set, msgspec.structs.replace(plan, sets=()), given.function, version)
    context = SparkSession.builder.appName("lake-backfill").getOrCreate().sparkContext
    counts = context.parallelize(plan.sets, max(1, len(plan.sets))).map(run).collect()
    found = {row_set.identity: each for row_set, each in zip(plan.sets, counts, strict=True)}
    s3.put_object(Bucket=given.bucket, Key=plans.result_key(given.plan_key), Body=msgspec.json.encode(found))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("bucket", "plan_key", "function"):
        parser.add_argument(f"--{name}", required=True)
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])

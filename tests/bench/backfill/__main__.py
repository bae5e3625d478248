"""Times the engines on one export, and compares their lines byte by byte: `make bench-backfill`.

The engines are `plain`, which carries out the sets one after the other in one process as a task does, and `spark-N`,
real PySpark with N processors; all make the lines under the same rules, hook and key of hashes.
"""

from __future__ import annotations

import contextlib
import ctypes
import gzip
import hashlib
import json
import os
import time
from typing import TYPE_CHECKING, Final

import click

from lake_backfill import plan as plans
from lake_backfill import task
from lake_backfill.rows import RowMaker
from lake_transform import settings
from lake_transform.transform import Transform
from tests.bench.backfill import exports, server
from tools import paths
from tools.artifact import glue, hook
from tools.artifact.target import LOCAL
from tools.operations import local_spark

if TYPE_CHECKING:
    from tests.bench.backfill.server import Lake

BUCKET: Final = "lake"
PLAN_KEY: Final = f"ledger/{exports.TABLE}/backfill/0170-a/spark-plan.json"
RULES: Final = json.dumps(
    {exports.TABLE: {"rules": {"email": "hash", "card": "json", "card.number": "drop"}}}, separators=(",", ":")
).encode()
VARIABLES: Final = {
    "MASK_KEY": "a key for masking that has 32 characters or more",
    "TABLE_SETTINGS_SHA256": hashlib.sha256(RULES).hexdigest(),
    "TRANSFORM_HOOK": "orders_hook:hook",
}
DUMMY: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@click.command()
@click.option("--items", default=200_000, show_default=True, help="Items of the export.")
@click.option("--files", default=8, show_default=True, help="Files of the export, each of which is a set and a task.")
@click.option("--engines", default="plain,spark-1,spark-2", show_default=True, help="What is timed.")
def main(*, items: int, files: int, engines: str) -> None:
    """Time the engines of a backfill, and compare what they write."""
    _adopt_orphans()
    exported = list(exports.files(items, files))
    packed = sum(len(content) for _, content, _ in exported)
    click.echo(f"{items:,} items in {files} files, {packed / 1e6:.1f} MB packed")
    code = glue.content(LOCAL, hook.read(paths.LAMBDA_SOURCES / "examples" / "orders_hook.py"), settings=RULES)
    digests = {}
    for engine in engines.split(","):
        lake = server.Lake(VARIABLES)
        lake.objects = {key: (content, {}) for key, content, _ in exported}
        lake.objects[PLAN_KEY] = json.dumps(exports.plan(BUCKET, exported)).encode(), {}
        with server.serving(lake) as address:
            started, before = time.perf_counter(), _processor_seconds()
            _carry_out(engine, lake, code, {**DUMMY, "AWS_ENDPOINT_URL": address})
            took, busy = time.perf_counter() - started, _processor_seconds() - before
            rows, digests[engine] = _digest(lake)
        click.echo(
            f"{engine:8} {took:7.1f} s  {busy:7.1f} s of processors  {items / busy:7,.0f} items/processor s  "
            f"{rows:,} rows  {digests[engine][:16]}"
        )
    if len(set(digests.values())) > 1:
        raise click.ClickException("the lines differ")


def _carry_out(engine: str, lake: Lake, code: dict[str, bytes], environment: dict[str, str]) -> None:
    name, _, processors = engine.partition("-")
    if name == "spark":
        arguments = {"bucket": BUCKET, "plan_key": PLAN_KEY, "function": "transform"}
        local_spark.run(code, arguments, environment, int(processors))
        return
    os.environ.update(environment)
    from lake_backfill import clients  # its client is made once, with the address of this lake

    clients.s3.cache_clear()
    plan = plans.read(lake.objects[PLAN_KEY][0], PLAN_KEY)
    tables = settings.table_settings.read(RULES)
    made = Transform(
        settings.Settings(hook="examples.orders_hook:hook", tables=tables, mask_key=VARIABLES["MASK_KEY"].encode())
    )
    for each in plan.sets:
        task.write_set(clients.s3(), plan, each, RowMaker(plan, each, made))


def _processor_seconds() -> float:
    """Returns the processor time of this process and of all below it, which have ended."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    return sum(os.times()[:4])


def _adopt_orphans() -> None:
    """Makes this process the parent of what Spark leaves behind, which counts then: prctl(2)."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def _digest(lake: Lake) -> tuple[int, str]:
    """Returns how many rows were written, and the digest of all of them in the order of keys."""
    digest, rows = hashlib.sha256(), 0
    for key in sorted(key for key in lake.objects if key.startswith("data/")):
        lines = gzip.decompress(lake.objects[key][0])
        digest.update(lines)
        rows += lines.count(b"\n")
    return rows, digest.hexdigest()


if __name__ == "__main__":
    main()

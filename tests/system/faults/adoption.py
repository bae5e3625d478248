"""A table that was there before its deployment, with many items, and a load of it that can be killed."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep

from tests.system.commands import done, run
from tests.system.faults import item_versions
from tests.system.faults.item_versions import Writer
from tests.system.faults.test_deploying import ENVIRONMENT, begin
from tools import paths
from tools.deployments.aws import Aws
from tools.lake import objects
from tools.localaws import service

TABLE = "orders"
SETTINGS = "{orders={existing=true,stream={shards=1},transform={buffering_seconds=1},delivery={buffering_seconds=5}}}"
DEPLOY = ("tools.deploy", *ENVIRONMENT, "--yes", "--var", f"tables={SETTINGS}")
ADOPT = ("tools.backfill", *ENVIRONMENT, "--table", TABLE, "--adopt", "--yes", "--json")

_LEDGER = f"ledger/{TABLE}/"
_LEASE = f"{_LEDGER}lease.json"
_BATCH = 25
"""Items of one request (Amazon DynamoDB API Reference, "BatchWriteItem")."""

EXPORT, ROWS, PROOF = "export", "rows", "proof"
"""What a run is at."""

_MEAN_SECONDS = {EXPORT: 2.0, ROWS: 1.5, PROOF: 4.0}
"""How long a run is at work when it is killed, in the mean: most are killed before a set of rows is written."""


class Adopted:
    """A table of so many items on local AWS, which is deployed afterwards; `log` has every write to it."""

    def __init__(self, home, items):
        self.home, self.items = home, items
        aws = Aws(service.connect(home).environment(service.SINGLE_ACCOUNT))
        self.dynamodb, self.s3 = aws.client("dynamodb"), aws.client("s3")
        self.dynamodb.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        recovery = {"PointInTimeRecoveryEnabled": True}
        self.dynamodb.update_continuous_backups(TableName=TABLE, PointInTimeRecoverySpecification=recovery)
        self.writer = Writer(self.dynamodb, TABLE)
        self.writer.streamed = False
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(
                    self.writer.fill, (keys(first, min(first + _BATCH, items)) for first in range(0, items, _BATCH))
                )
            )
        done(*DEPLOY, home=home, timeout=900)
        self.writer.streamed = True
        (self.bucket,) = (each["Name"] for each in self.s3.list_buckets()["Buckets"])

    @contextmanager
    def writing(self):
        """Changes some items, removes some and adds others, all the time."""
        ended = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            task = pool.submit(self._write, ended)
            try:
                yield
            finally:
                ended.set()
            task.result()

    def _write(self, ended):
        version = 1
        while not ended.wait(0.1):
            version += 1
            (changed,) = keys(version * 37 % self.items, version * 37 % self.items + 1)
            self.writer.put(f"live-{version % 50}", version)
            self.writer.put(changed, version)
            self.writer.put(f"added-{version}", 1)
            (removed,) = keys(version * 41 % self.items, version * 41 % self.items + 1)
            self.writer.remove(removed)

    def killed(self):
        """Starts the load, kills it with its processes at a random moment of its work; returns what it was at.

        "" where it had ended by itself.
        """
        process = self.begin()
        lease, proofs = self._etag(_LEASE), self._proofs()

        def is_at_work():
            stage = self.stage()
            is_writing, is_proving = self._etag(_LEASE) not in (None, lease), self._proofs() - proofs
            return bool(stage == EXPORT or (stage == ROWS and is_writing) or (stage == PROOF and is_proving))

        while process.poll() is None and not is_at_work():
            sleep(0.05)
        until = monotonic() + random.expovariate(1 / _MEAN_SECONDS.get(self.stage(), 1.0))
        while process.poll() is None and monotonic() < until:
            sleep(0.02)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), said
        self._age_lease()
        return self.stage() if process.returncode == -signal.SIGKILL else ""

    def stage(self):
        """Returns what the run that is under way is at, as the ledger has it; "" where none is."""
        note = self._body(f"{_LEDGER}backfill/open/load.json")
        if note is None:
            return ""
        (part,) = json.loads(note)["parts"]
        if part["has_rows"]:
            return PROOF
        is_planned = any(key.endswith("/plan.json") for key in self.keys(f"{_LEDGER}backfill/"))
        return ROWS if is_planned else EXPORT

    def begin(self):
        """Starts the load."""
        return begin(self.home, *ADOPT)

    def reconcile(self):
        verb = ("tools.reconcile", *ENVIRONMENT, "--table", TABLE, "--json")
        ended = run(*verb, home=self.home, timeout=1800)
        assert ended.stdout, ended.stderr
        return ended.returncode, json.loads(ended.stdout)

    def keys(self, prefix):
        return [found.key for found in objects.list_objects(self.s3, self.bucket, prefix)]

    def rows(self):
        return list(item_versions.rows(self.s3, self.bucket, f"data/{TABLE}/"))

    def exports(self):
        """Returns the exports of the table, as DynamoDB tells of them."""
        arns = [each["ExportArn"] for each in self.dynamodb.list_exports()["ExportSummaries"]]
        return [self.dynamodb.describe_export(ExportArn=arn)["ExportDescription"] for arn in arns]

    def in_the_table(self):
        """Returns the version of each item."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        return {item["id"]["S"]: int(item["version"]["N"]) for page in pages for item in page["Items"]}

    def _age_lease(self):
        """Makes the lease as stale as it is five minutes later."""
        holder = self._body(_LEASE)
        if holder is not None:
            body = json.dumps({**json.loads(holder), "seconds": -60})
            self.s3.put_object(Bucket=self.bucket, Key=_LEASE, Body=body.encode())

    def _etag(self, key):
        return next((each.etag for each in objects.list_objects(self.s3, self.bucket, key)), None)

    def _body(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read() if self._etag(key) else None

    @staticmethod
    def _proofs():
        return set(paths.BUILD.glob("reconcile-*"))


def keys(first, end):
    return [f"item-{number}" for number in range(first, end)]

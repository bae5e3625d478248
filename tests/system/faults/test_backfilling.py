"""The past of a table comes into the lake while changes go on, however often a load is killed; a hole is healed."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import sleep

import pytest

from tests.system.commands import done, run, shell
from tests.system.faults.test_deploying import DEPLOY, ENVIRONMENT, TABLE, Deployed, begin
from tests.system.waiting import wait_until
from tools.lake import objects

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-backfilling"),
    pytest.mark.timeout(7200),
    pytest.mark.long,
]

ITEMS = int(os.environ.get("BACKFILL_ITEMS", "100000"))
KILLS = int(os.environ.get("BACKFILL_KILLS", "30"))
HOLE_SECONDS = int(os.environ.get("BACKFILL_HOLE_SECONDS", "1200"))
BACKFILL = ("tools.backfill", *ENVIRONMENT, "--table", TABLE, "--yes")
RECONCILE = ("tools.reconcile", *ENVIRONMENT, "--table", TABLE, "--margin", "2", "--json")
_REQUEST = 25
"""Items of one request."""


class Filled(Deployed):
    """The lake of the real environment, and its table, whose streaming can be switched off."""

    def fill(self, first, count):
        """Writes items, each with version 1."""
        with ThreadPoolExecutor(4) as pool:
            starts = range(first, first + count, _REQUEST)
            list(pool.map(lambda start: self._fill(range(start, min(start + _REQUEST, first + count))), starts))

    def _fill(self, numbers):
        puts = [{"PutRequest": {"Item": item(number, 1)}} for number in numbers]
        self.dynamodb.batch_write_item(RequestItems={TABLE: puts})

    def put(self, number, version):
        self.dynamodb.put_item(TableName=TABLE, Item=item(number, version))

    def remove(self, number):
        self.dynamodb.delete_item(TableName=TABLE, Key={"id": {"S": f"item-{number}"}})

    @contextmanager
    def not_streaming(self):
        (found,) = self._destinations()
        stream = {"TableName": TABLE, "StreamArn": found["StreamArn"]}
        self.dynamodb.disable_kinesis_streaming_destination(**stream)
        wait_until(lambda: self._destinations()[0]["DestinationStatus"] == "DISABLED", "the destination to be off")
        try:
            yield
        finally:
            self.dynamodb.enable_kinesis_streaming_destination(**stream)
        wait_until(lambda: self._destinations()[0]["DestinationStatus"] == "ACTIVE", "the destination to be on")

    def _destinations(self):
        found = self.dynamodb.describe_kinesis_streaming_destination(TableName=TABLE)
        return found["KinesisDataStreamDestinations"][-1:]

    @contextmanager
    def writing(self):
        """Writes to the first items, removes some, and adds others, all the time."""
        ended = threading.Event()

        def write():
            version = 1
            while not ended.wait(0.05):
                version += 1
                self.put(version % 50, version)
                self.put(ITEMS + version, 1)
                self.remove(100 + version % 500)

        with ThreadPoolExecutor(1) as pool:
            task = pool.submit(write)
            try:
                yield
            finally:
                ended.set()
            task.result()

    def keys(self, prefix):
        return [found.key for found in objects.list_objects(self.s3, self.bucket, prefix)]

    def killed(self):
        """Starts a load, kills it with its processes after a while, and returns how far it had come."""
        process = begin(self.home.root, *BACKFILL)
        sleep(random.uniform(2, 30))
        is_at_work = process.poll() is None
        if is_at_work:
            os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), said
        # What it comes to five minutes later: the lease is stale.
        self.s3.delete_object(Bucket=self.bucket, Key=f"ledger/{TABLE}/lease.json")
        return is_at_work

    def reconcile(self, *options):
        ended = run(*RECONCILE, *options, home=self.home.root, timeout=3600)
        assert ended.stdout, ended.stderr
        return json.loads(ended.stdout)


def item(number, version):
    return {"id": {"S": f"item-{number}"}, "version": {"N": str(version)}, "price": {"N": f"{number}.10"}}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    home = tmp_path_factory.mktemp("backfilling") / "local"
    done(*DEPLOY, home=home, timeout=900)
    yield Filled(home)
    done("tools.local", "down", "--purge", "--yes", home=home)


def test_a_load_that_is_killed_again_and_again_while_changes_go_on_makes_the_lake_equal(filled):
    with filled.not_streaming():
        filled.fill(0, ITEMS)
    with filled.writing():
        killed = sum(filled.killed() for _ in range(KILLS))
        printed = done(*BACKFILL, home=filled.home.root, timeout=3600)
    print(f"{killed} of {KILLS} kills hit a load at work\n{printed}")

    report = filled.reconcile()

    assert report["equal"], report
    assert [key for key in filled.keys(f"ledger/{TABLE}/") if "/open/" in key] == []
    written = [key for key in filled.keys(f"data/{TABLE}/") if "/backfill-" in key]
    names = [key.rpartition("/")[2] for key in written]
    assert len(set(names)) == len(names)


def test_a_hole_is_named_and_healed_by_the_printed_command_and_what_is_lost_is_told(filled):
    for number in range(40):
        filled.put(f"hole-{number}", 1)
    wait_until(lambda: filled.reconcile()["equal"], "the items in the lake", timeout=300)
    with filled.not_streaming():
        for version in (2, 3):
            for number in range(10):
                filled.put(f"hole-{number}", version)
            sleep(HOLE_SECONDS / 2)
        for number in range(10, 20):
            filled.remove(f"hole-{number}")
        said = run("tools.status", *ENVIRONMENT, home=filled.home.root)
        assert "changes from now on never reach the lake" in said.stdout
        (command,) = re.findall(r"python -m tools\.backfill .*--since \S+", said.stdout)
    for number in range(10):
        filled.put(f"hole-{number}", 4)
    assert not filled.reconcile()["equal"]

    ended = shell(f"{command} --yes", filled.home.root)

    assert ended.returncode == 0, ended.stderr
    report = filled.reconcile("--counter", "version")
    lost = {json.loads(each["cdc_key"])["id"]: each["missing"] for each in report["lost"]}
    assert report["counts"].keys() <= {"equal", "undetermined", "changing"}
    # Of the versions 1 to 4, 2 is lost, and 3 came by the export.
    assert lost == {f"item-hole-{number}": 1 for number in range(10)}
    history = run("tools.query", *ENVIRONMENT, "--table", TABLE, "--history", "item-hole-1", home=filled.home.root)
    assert "may be missing" in history.stderr

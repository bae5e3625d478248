"""A replay of many failed records, killed again and again: each record is in the lake once, and later changes win."""

from __future__ import annotations

import base64
import gzip
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from time import sleep

import pytest

from tests.system.commands import done, run
from tests.system.faults.test_deploying import DEPLOY, ENVIRONMENT, TABLE, Deployed
from tests.system.waiting import wait_until
from tools import paths
from tools.lake import objects

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-replaying"),
    pytest.mark.timeout(3600),
    pytest.mark.long,
]

KILLS = 50
FOLDERS, LINES = 200, 500
POISON_EVERY = 1000
CHANGED_LATER = 500
"""Items of which a later change was delivered before the replay."""

FIRST_US = 1_769_854_830_000_000
REPLAY = (sys.executable, "-m", "tools.replay", *ENVIRONMENT, "--table", TABLE, "--yes", "--jobs", "2")


class Failed(Deployed):
    """The lake of the real environment, with failed records of whole batches."""

    def plant(self):
        """Puts failed records there, some of which fail for ever, and lets later changes of some items arrive."""
        for folder in range(FOLDERS):
            numbers = range(folder * LINES, (folder + 1) * LINES)
            lines = b"".join(line(b"poison" if is_poison(number) else change(number, 0)) for number in numbers)
            hour = f"cdc_date=2026-02-{1 + folder // 24:02}/cdc_hour={folder % 24:02}"
            key = f"errors/{TABLE}/processing-failed/{hour}/lost.gz"
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=gzip.compress(lines))
        later = [{"Data": change(number, 1), "PartitionKey": str(number)} for number in range(1, CHANGED_LATER + 1)]
        self.kinesis.put_records(StreamName=f"{TABLE}-data-stream", Records=later)
        wait_until(lambda: len(self.rows()) == CHANGED_LATER, "the later changes")

    def keys(self, prefix):
        return [found.key for found in objects.list_objects(self.s3, self.bucket, prefix)]

    def failed_keys(self):
        return [key for key in self.keys(f"errors/{TABLE}/processing-failed/") if key.endswith("/lost.gz")]

    def rows(self):
        return [json.loads(text) for text in self.lines(f"data/{TABLE}/")]

    def lines(self, prefix):
        bodies = (self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in self.keys(prefix))
        return [text for body in bodies for text in gzip.decompress(body).splitlines()]

    def lease(self):
        return self.keys(f"ledger/{TABLE}/lease.json")

    def killed_replay(self):
        """Starts a replay, kills it while it is at a group or between two, and returns whether it was still at work."""
        before, groups = len(self.failed_keys()), random.randint(0, 3)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        process = subprocess.Popen(
            REPLAY,
            cwd=paths.REPOSITORY,
            env={**environment, "LAKE_LOCAL_HOME": str(self.home.root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self.lease() or process.poll() is not None, "the lease of a replay")
        wait_until(lambda: len(self.failed_keys()) <= before - groups or process.poll() is not None, f"{groups} groups")
        sleep(random.uniform(0, 1))
        is_at_work = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        # What it comes to five minutes later: the lease is stale.
        self.s3.delete_object(Bucket=self.bucket, Key=f"ledger/{TABLE}/lease.json")
        return is_at_work


def is_poison(number):
    return number % POISON_EVERY == POISON_EVERY - 1


def change(number, version):
    """Returns a change record of an item; its later versions have later times."""
    key = f"lost-{number}"
    return json.dumps(
        {
            "eventID": f"{key}-{version}",
            "eventName": "MODIFY",
            "tableName": TABLE,
            "dynamodb": {
                "ApproximateCreationDateTime": FIRST_US + version,
                "ApproximateCreationDateTimePrecision": "MICROSECOND",
                "Keys": {"id": {"S": key}},
                "NewImage": {"id": {"S": key}, "version": {"N": str(version)}},
            },
        }
    ).encode()


def line(data):
    record = {
        "attemptsMade": 4,
        "arrivalTimestamp": FIRST_US // 1000,
        "errorCode": "Lambda.FunctionError",
        "errorMessage": "it returned an error result",
        "attemptEndingTimestamp": FIRST_US // 1000,
        "rawData": base64.b64encode(data).decode(),
        "lambdaArn": "arn",
    }
    return json.dumps(record).encode() + b"\n"


@pytest.fixture
def failed(tmp_path):
    home = tmp_path / "local"
    done(*DEPLOY, home=home, timeout=900)
    failed = Failed(home)
    failed.plant()
    yield failed
    done("tools.local", "down", "--purge", "--yes", home=home)


def test_a_replay_that_is_killed_again_and_again_takes_each_record_once(failed):
    killed = sum(failed.killed_replay() for _ in range(KILLS))
    ended = run("tools.replay", *ENVIRONMENT, "--table", TABLE, "--yes", home=failed.home.root, timeout=1800)
    print(f"{killed} of {KILLS} kills hit a replay at work\n{ended.stdout}")

    assert killed > KILLS // 2
    assert ended.returncode == 1, ended.stderr
    poison = sum(map(is_poison, range(FOLDERS * LINES)))
    rows = failed.rows()
    counted = Counter(row["cdc_event_id"] for row in rows)
    replayed = {f"lost-{number}-0" for number in range(FOLDERS * LINES) if not is_poison(number)}
    assert counted.keys() == replayed | {f"lost-{number}-1" for number in range(1, CHANGED_LATER + 1)}
    assert set(counted.values()) == {1}
    assert [json.loads(text)["errorMessage"] for text in failed.lines(f"errors/{TABLE}/")] == [
        "not one JSON document in UTF-8"
    ] * poison
    assert [key for key in failed.keys(f"ledger/{TABLE}/") if "/done/" not in key] == []
    newest = {}
    for row in sorted(rows, key=lambda row: (row["cdc_changed_at_us"], len(row["cdc_sequence_number"] or ""))):
        newest[row["cdc_key"]] = row["version"]
    assert Counter(newest.values())[1] == CHANGED_LATER

"""An erasure of many subjects, killed again and again: no version has anything of them, others are as they were.

The second bucket stands in for a replica in another Region. Local AWS has one S3 for all Regions.
"""

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
from tests.system.test_rules import texts
from tests.system.waiting import wait_until
from tools import paths
from tools.lake.erasure import versions

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-erasing"),
    pytest.mark.timeout(3600),
    pytest.mark.long,
]

KILLS = 10
SUBJECTS, OTHERS, FOLDERS = 50, 200, 12
REGION = "eu-west-1"
MARK = "erase-me"
"""What every value of the subjects holds, and no value of others."""

LEDGER = f"ledger/{TABLE}/"


class Erased(Deployed):
    """A lake that has something of each subject in every place, and a copy of it."""

    def __init__(self, home):
        super().__init__(home)
        self.replica = f"replica-of-{self.bucket}"[:63]
        self.keys_file = home / "subjects.txt"
        self.keys_file.write_text("".join(f"{key}\n" for key in map(subject, range(SUBJECTS))))

    def plant(self):
        for key in (*map(subject, range(SUBJECTS)), *map(other, range(OTHERS))):
            self.dynamodb.put_item(TableName=TABLE, Item=item(key, "streamed"))
        self.exported = self.export()
        for number in range(SUBJECTS):
            self.dynamodb.delete_item(TableName=TABLE, Key={"id": {"S": subject(number)}})
        wait_until(lambda: self.streamed() >= 2 * SUBJECTS + OTHERS, "what was written to the table")
        self.s3.create_bucket(Bucket=self.replica)
        self.s3.put_bucket_versioning(Bucket=self.replica, VersioningConfiguration={"Status": "Enabled"})
        for bucket in (self.bucket, self.replica):
            for folder in range(FOLDERS):
                self.plant_folder(bucket, folder)
            self.put(
                bucket,
                "results/mixed.csv",
                '"name"\n' + "".join(f'"{name_of(subject(n), "rows")}"\n' for n in range(9)),
            )
            self.put(
                bucket, "results/others.csv", '"name"\n' + "".join(f'"{name_of(other(n), "rows")}"\n' for n in range(9))
            )

    def export(self):
        """Exports the table, which has the subjects still; returns the export's ARN."""
        arn = self.dynamodb.describe_table(TableName=TABLE)["Table"]["TableArn"]
        place = {"S3Bucket": self.bucket, "S3Prefix": f"exports/{TABLE}"}
        begun = self.dynamodb.export_table_to_point_in_time(TableArn=arn, **place)["ExportDescription"]["ExportArn"]

        def status():
            return self.dynamodb.describe_export(ExportArn=begun)["ExportDescription"]["ExportStatus"]

        wait_until(lambda: status() == "COMPLETED", status)
        return begun

    def plant_folder(self, bucket, folder):
        hour = f"cdc_date=2026-02-{1 + folder:02}/cdc_hour=05"
        mine = [subject(number) for number in range(SUBJECTS) if number % FOLDERS == folder]
        keys = [*mine, *(other(number) for number in range(OTHERS) if number % FOLDERS == folder)]
        random.shuffle(keys)
        rows = [row(key, "rows") for key in keys]
        data = f"data/{TABLE}/{hour}/"
        self.put(bucket, f"{data}packed.gz", "".join(rows))
        self.put(bucket, f"{data}plain", "".join(rows).removesuffix("\n"))
        self.put(bucket, f"{data}mine.gz", "".join(row(key, "whole") for key in mine))
        self.put(bucket, f"{data}deleted.gz", "".join(row(key, "deleted") for key in mine))
        self.s3.delete_object(Bucket=bucket, Key=f"{data}deleted.gz")
        self.put(bucket, f"{data}replaced.gz", "".join(row(key, "replaced") for key in keys))
        self.put(bucket, f"{data}replaced.gz", "".join(row(key, "rows") for key in keys if key not in mine))
        for kind in ("processing-failed", "backfill-failed"):
            self.put(bucket, f"errors/{TABLE}/{kind}/{hour}/f.gz", "".join(failed(key) for key in keys))
        export = f"exports/{TABLE}/AWSDynamoDB/{folder}/data/"
        self.put(
            bucket, f"{export}full.json.gz", "".join(json.dumps({"Item": item(key, "full")}) + "\n" for key in keys)
        )
        self.put(bucket, f"{export}later.json.gz", "".join(incremental(key) for key in keys))

    def put(self, bucket, key, text):
        body = gzip.compress(text.encode()) if key.endswith(".gz") else text.encode()
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def streamed(self):
        return sum('"streamed' in line for line in self.lines(self.bucket))

    def every_version(self, bucket):
        return [each for each in versions.listed(self.s3, bucket, "") if isinstance(each, versions.Version)]

    def body(self, bucket, version):
        return self.s3.get_object(Bucket=bucket, Key=version.key, VersionId=version.id)["Body"].read()

    def found(self, bucket):
        """Returns the versions that have anything of a subject, however it is packed."""
        return [
            version.key
            for version in self.every_version(bucket)
            if any(MARK in text for text in texts(self.body(bucket, version)))
        ]

    def lines(self, bucket):
        """Returns the lines of everything that readers see, without what erasure itself notes down and counts."""
        for version in self.every_version(bucket):
            is_others = not version.key.startswith((LEDGER, "results/mixed")) and "/manifest-" not in version.key
            if version.is_latest and is_others:
                body = self.body(bucket, version)
                text = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
                yield from (f"{version.key} {line}" for line in text.decode().removesuffix("\n").split("\n"))

    def of_others(self, bucket):
        return Counter(
            line
            for line in self.lines(bucket)
            if not any(MARK in text for text in texts(line.partition(" ")[2].encode()))
        )

    def command(self):
        keys = ("--keys", str(self.keys_file), "--replica", f"{REGION}/{self.replica}")
        return ("tools.erase", *ENVIRONMENT, "--table", TABLE, *keys, "--yes", "--jobs", "2", "--json")

    def killed(self):
        """Starts an erasure, kills it at a random moment of its work, and returns whether it was still at work."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        process = subprocess.Popen(
            [sys.executable, "-m", *self.command()],
            cwd=paths.REPOSITORY,
            env={**environment, "LAKE_LOCAL_HOME": str(self.home.root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        lease = f"{LEDGER}lease.json"
        wait_until(lambda: self.is_there(lease) or process.poll() is not None, "the lease of an erasure")
        sleep(random.uniform(0, 4))
        is_at_work = process.poll() is None
        if is_at_work:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # What it comes to five minutes later: the lease is stale.
        self.s3.delete_object(Bucket=self.bucket, Key=lease)
        return is_at_work

    def is_there(self, key):
        return any(
            each.key == key and each.is_latest
            for each in versions.of_key(self.s3, self.bucket, key)
            if isinstance(each, versions.Version)
        )


def subject(number):
    return f"{MARK}-{number}-Zoë"


def other(number):
    return f"keep-{number}"


def name_of(key, where):
    return f"name of {key} in {where}"


def item(key, where):
    return {"id": {"S": key}, "name": {"S": name_of(key, where)}, "note": {"S": f"{where} {key}"}}


def row(key, where):
    columns = {"cdc_event": "MODIFY", "cdc_key": json.dumps({"id": key}, ensure_ascii=False, separators=(",", ":"))}
    before = json.dumps([{"name": name_of(key, "the list")}], ensure_ascii=False)
    return json.dumps(columns | {"name": name_of(key, where), "list": before}, ensure_ascii=False) + "\n"


def failed(key):
    change = {"dynamodb": {"Keys": {"id": {"S": key}}, "NewImage": item(key, "failed")}}
    data = base64.b64encode(json.dumps(change, ensure_ascii=False).encode()).decode()
    return json.dumps({"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "rawData": data}) + "\n"


def incremental(key):
    line = {"Metadata": {"WriteTimestampMicros": {"N": "1"}}, "Keys": {"id": {"S": key}}, "OldImage": item(key, "old")}
    return json.dumps(line, ensure_ascii=False) + "\n"


@pytest.fixture
def lake(tmp_path):
    home = tmp_path / "local"
    done(*DEPLOY, home=home, timeout=900)
    yield Erased(home)
    done("tools.local", "down", "--purge", "--yes", home=home)


def test_an_erasure_that_is_killed_again_and_again_leaves_nothing_of_its_subjects_and_all_of_others(lake):
    check(lake, KILLS)


def check(lake, kills):
    lake.plant()
    buckets = (lake.bucket, lake.replica)
    there = {bucket: lake.found(bucket) for bucket in buckets}
    others = {bucket: lake.of_others(bucket) for bucket in buckets}
    print({bucket: (len(there[bucket]), sum(others[bucket].values())) for bucket in buckets})
    assert all(len(found) > 7 * FOLDERS for found in there.values())

    killed = sum(lake.killed() for _ in range(kills))
    ended = run(*lake.command(), home=lake.home.root, timeout=1800)

    print(f"{killed} of {kills} kills hit an erasure at work\n{ended.stdout[:3000]}")
    assert ended.returncode == 0, ended.stderr
    assert killed
    for bucket in buckets:
        assert lake.found(bucket) == []
        assert lake.of_others(bucket) == others[bucket]
    certificate = json.loads(ended.stdout)
    assert certificate["items"] == SUBJECTS
    assert {each["versions"] for each in certificate["looks"][-1]["places"]} == {0}
    again = run(*lake.command(), home=lake.home.root, timeout=1800)
    assert json.loads(again.stdout)["done"] == {"rewritten": 0, "removed": 0, "versions": 0, "locked": []}
    assert json.loads(again.stdout)["exports"] == 0
    load = ("tools.backfill", *ENVIRONMENT, "--table", TABLE, "--export", lake.exported, "--yes", "--json")
    (loaded,) = json.loads(done(*load, home=lake.home.root))["exports"]
    assert loaded["items"] == loaded["done"]["counts"]["rows"] == OTHERS
    assert lake.found(lake.bucket) == []

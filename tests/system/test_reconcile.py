"""The lake is proven to equal its table while writes go on, and each fault that is planted is found with its hop."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from contextlib import contextmanager

import pytest

from tests.system.waiting import wait_until
from tools.lake import objects

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

TABLE = "customers"
DATA = f"data/{TABLE}/"
ITEMS = 40
PRECISE = "0.123456789012345678901234567890"
LOST, BETWEEN, DIGIT, TEXT, NULL, RISEN, STRAY, FAILED = range(7_700_001, 7_700_009)
"""Keys of the items, each named for what becomes of it."""


def put(deployed, key, version):
    item = {
        "CustomerId": {"N": str(key)},
        "version": {"N": str(version)},
        "precise": {"N": f"{PRECISE}{version}"},
        "nothing": {"NULL": True},
    }
    deployed.client("dynamodb").put_item(TableName=TABLE, Item=item)


@contextmanager
def writing(deployed):
    """Writes to other items all the time, and removes some; each of them is written once before the block begins."""
    begun, ended, failed = threading.Event(), threading.Event(), []

    def write():
        try:
            written = 0
            while not ended.wait(0.02):
                put(deployed, written % ITEMS, written // ITEMS + 1)
                written += 1
                if written == ITEMS:
                    begun.set()
                if written % 7 == 0:
                    key = {"CustomerId": {"N": str(written % ITEMS)}}
                    deployed.client("dynamodb").delete_item(TableName=TABLE, Key=key)
        except Exception as error:  # noqa: BLE001  # told to the test
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        wait_until(lambda: begun.is_set() or failed, "the first round of writes")
        yield
    finally:
        ended.set()
        thread.join()
    assert not failed


class Objects:
    """The data objects of the table: their lines, which can be changed where they lie."""

    def __init__(self, deployed):
        self._deployed = deployed
        self._s3, self._bucket = deployed.client("s3"), deployed.outputs.bucket_name

    def lines(self):
        for key in self._deployed.keys(DATA):
            yield key, [line.encode() + b"\n" for line in objects.read_lines(self._s3, self._bucket, key)]

    def find(self, item, version):
        return [line for _, lines in self.lines() for line in lines if self._is(line, item, version)]

    def change(self, item, version, change):
        """Changes the line of one version of an item; None removes it."""
        for key, lines in self.lines():
            if any(self._is(line, item, version) for line in lines):
                changed = [change(line) if self._is(line, item, version) else line for line in lines]
                self.write(key, [line for line in changed if line is not None])
                return

    def write(self, key, lines):
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=gzip.compress(b"".join(lines)))

    @staticmethod
    def _is(line, item, version):
        row = json.loads(line)
        return (row.get("customerid"), row.get("version"), row["cdc_event"] == "REMOVE") == (item, version, False)


def plant(deployed):
    """Writes three versions of each item, and plants a fault in each in the lake."""
    for version in (1, 2, 3):
        for key in (LOST, BETWEEN, DIGIT, TEXT, NULL, RISEN, FAILED):
            put(deployed, key, version)
    deployed.client("dynamodb").delete_item(TableName=TABLE, Key={"CustomerId": {"N": str(RISEN)}})
    lake = Objects(deployed)
    wait_until(lambda: all(lake.find(key, 3) for key in (LOST, BETWEEN, DIGIT, TEXT, NULL, RISEN, FAILED)), "the items")
    wait_until(
        lambda: any(
            b"REMOVE" in line and b'"customerid":%d' % RISEN in line for _, lines in lake.lines() for line in lines
        ),
        "the removal",
    )
    lake.change(LOST, 3, lambda _: None)
    lake.change(BETWEEN, 2, lambda _: None)
    lake.change(DIGIT, 3, lambda line: line.replace(PRECISE.encode(), PRECISE.encode()[:-1] + b"1"))
    lake.change(TEXT, 3, lambda line: line.replace(b'"version":3', b'"version":"3"'))
    lake.change(NULL, 3, lambda line: line.replace(b',"nothing":null', b""))
    (row,) = lake.find(RISEN, 3)
    later = str(json.loads(row)["cdc_changed_at_us"] + 3_000_000).encode()
    risen = row.replace(str(json.loads(row)["cdc_changed_at_us"]).encode(), later)
    risen = risen.replace(json.loads(row)["cdc_event_id"].encode(), b"risen")
    stray = row.replace(str(RISEN).encode(), str(STRAY).encode()).replace(b'cdc_event_id":"', b'cdc_event_id":"stray')
    folder = deployed.keys(DATA)[-1].rpartition("/")[0]
    lake.write(f"{folder}/planted.gz", [risen, stray])
    for version in (1, 2, 3):
        lake.change(FAILED, version, lambda _: None)
    record = {"eventName": "INSERT", "eventID": "e", "dynamodb": {"Keys": {"CustomerId": {"N": str(FAILED)}}}}
    line = {
        "errorCode": "Lambda.FunctionError",
        "errorMessage": "planted",
        "rawData": base64.b64encode(json.dumps(record).encode()).decode(),
        "arrivalTimestamp": 2**42,
    }
    errors = f"errors/{TABLE}/processing-failed/cdc_date=2026-01-31/cdc_hour=05/planted"
    deployed.client("s3").put_object(Bucket=deployed.outputs.bucket_name, Key=errors, Body=json.dumps(line).encode())


def reconcile(deployed, *options):
    run = deployed.verb("reconcile", "--table", TABLE, "--margin", "1", "--jobs", "1", "--json", *options)
    assert run.returncode in (0, 1), run.stderr
    report = json.loads(run.stdout)
    assert report["equal"] == (run.returncode == 0)
    return report


def test_the_lake_equals_the_table_while_writes_go_on_and_each_planted_fault_is_found_and_repaired(deployed):
    with writing(deployed):
        before = reconcile(deployed, "--marker", "--counter", "version")
    assert before["equal"], before
    assert before["counts"]["equal"] + before["counts"].get("undetermined", 0) >= ITEMS

    plant(deployed)
    report = reconcile(deployed, "--marker", "--counter", "version", "--repair", "--yes")

    found = {json.loads(each["key"])["CustomerId"]: each for each in report["findings"]}
    columns = {key: [(each["column"], each["how"]) for each in found[key]["columns"]] for key in found}
    assert {key: found[key]["verdict"] for key in found} == {
        LOST: "different",
        DIGIT: "different",
        TEXT: "different",
        NULL: "different",
        RISEN: "extra",
        STRAY: "extra",
        FAILED: "missing",
    }
    assert columns[LOST] == [("precise", "value"), ("version", "value")]
    assert columns[DIGIT] == [("precise", "value")]
    assert columns[TEXT] == [("version", "spelling")]
    assert columns[NULL] == [("nothing", "not in the lake")]
    assert "delivery: the MODIFY is in the stream" in found[LOST]["hop"]
    assert all("is not what the function made of it" in found[key]["hop"] for key in (DIGIT, TEXT, NULL))
    assert "a later row that no change of the stream has made" in found[RISEN]["hop"]
    assert "the stream has no change of it" in found[STRAY]["hop"]
    assert "the function: Lambda.FunctionError: planted" in found[FAILED]["hop"]
    assert {each["cdc_key"]: each["missing"] for each in report["lost"]}[f'{{"CustomerId":{BETWEEN}}}'] == 1
    assert report["repaired"] == 5

    recovery = {"PointInTimeRecoveryEnabled": True}
    deployed.client("dynamodb").update_continuous_backups(TableName=TABLE, PointInTimeRecoverySpecification=recovery)
    after = reconcile(deployed, "--marker", "--from", "export")
    assert {json.loads(each["key"])["CustomerId"] for each in after["findings"]} == {RISEN, STRAY}

"""A table is written to while its streaming is off: the hole is named, healed by the printed command, and marked.

HOLE_SECONDS=1200 makes the hole as long as that of the runbook, in windows as AWS has them; without it windows are
short on local AWS.
"""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import contextmanager
from time import sleep

import pytest

from tests.system import idling
from tests.system.commands import done, run, shell
from tests.system.faults import item_versions
from tests.system.faults.item_versions import Writer
from tests.system.faults.test_deploying import DEPLOY, ENVIRONMENT, TABLE, Deployed
from tests.system.waiting import wait_until
from tools import paths

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-holes"),
    pytest.mark.timeout(3600),
    pytest.mark.long,
]

COLUMNS = paths.REPOSITORY / "tests" / "system" / "columns"
HOLE_SECONDS = int(os.environ.get("HOLE_SECONDS", "100"))
AWS_SECONDS = 900
"""A window of an export has so many at least."""

UNSURE_SECONDS = 75
"""By so much the time from which on the hole is told to be may be early: both buffers, and a minute of a metric."""

ROUNDS_IN_THE_HOLE = 6


class Holed(Deployed):
    """The lake of the real environment, whose streaming can be switched off."""

    def __init__(self, home):
        super().__init__(home)
        self.writer = Writer(self.dynamodb, TABLE)

    def destination(self):
        found = self.dynamodb.describe_kinesis_streaming_destination(TableName=TABLE)
        return found["KinesisDataStreamDestinations"][-1]

    @contextmanager
    def not_streaming(self):
        stream = {"TableName": TABLE, "StreamArn": self.destination()["StreamArn"]}
        self.dynamodb.disable_kinesis_streaming_destination(**stream)
        wait_until(lambda: self.destination()["DestinationStatus"] == "DISABLED", "the destination to be off")
        self.writer.streamed = False
        try:
            yield
        finally:
            self.dynamodb.enable_kinesis_streaming_destination(**stream)
            wait_until(lambda: self.destination()["DestinationStatus"] == "ACTIVE", "the destination to be on")
            self.writer.streamed = True

    def reconcile(self, *options):
        verb = ("tools.reconcile", *ENVIRONMENT, "--table", TABLE, "--margin", "2", "--json", *options)
        ended = run(*verb, home=self.home.root, timeout=900)
        assert ended.stdout, ended.stderr
        return ended.returncode, json.loads(ended.stdout)

    def rows(self):
        return list(item_versions.rows(self.s3, self.bucket, f"data/{TABLE}/"))

    def windows(self, exports):
        """Returns the windows of exports, in seconds of the epoch."""
        for each in exports:
            described = self.dynamodb.describe_export(ExportArn=each["export"])["ExportDescription"]
            window = described["IncrementalExportSpecification"]
            yield window["ExportFromTime"].timestamp(), window["ExportToTime"].timestamp()

    def history(self, key):
        """Returns the versions that `query --history` shows of an item, and what it says beside them."""
        ended = run("tools.query", *ENVIRONMENT, "--table", TABLE, "--history", key, "--json", home=self.home.root)
        assert ended.returncode == 0, ended.stderr
        return [json.loads(line).get("version") for line in ended.stdout.splitlines()], ended.stderr


@pytest.fixture(scope="module")
def holed(tmp_path_factory):
    home = tmp_path_factory.mktemp("holes") / "local"
    window = {} if HOLE_SECONDS > AWS_SECONDS else {"LAKE_LOCAL_EXPORT_WINDOW_SECONDS": "1"}
    with idling.kept("holed", home, **window):
        done(*DEPLOY, "--var", f"columns_directory={COLUMNS}", home=home, timeout=900)
        yield Holed(home)


def keys(kind):
    return [f"{kind}-{number}" for number in range(8)]


def write_before(writer):
    for kind in ("changed", "removed", "last-word", "quiet", "later"):
        for key in keys(kind):
            writer.put(key, 1)
    for key in keys("changed"):
        writer.put(key, 2)


def write_in_the_hole(writer, seconds):
    for number in range(ROUNDS_IN_THE_HOLE):
        for key in (*keys("changed"), *keys("later")):
            writer.put(key, number + 3 if key.startswith("changed") else number + 2)
        for key in keys("made"):
            writer.put(key, number + 1)
        if number == 1:
            for key in (*keys("removed"), *keys("brief")):
                writer.remove(key)
            for key in keys("last-word"):
                writer.put(key, 2)
                writer.remove(key)
            for key in keys("fleeting"):
                writer.put(key, 1)
                writer.remove(key)
        sleep(seconds / ROUNDS_IN_THE_HOLE)


def write_after(writer):
    for key in keys("later"):
        writer.put(key, ROUNDS_IN_THE_HOLE + 2)


def test_a_hole_is_named_and_healed_by_the_printed_command_and_exactly_its_versions_are_missing(holed):
    writer = holed.writer
    write_before(writer)
    wait_until(lambda: holed.reconcile()[0] == 0, "the items in the lake")
    sleep(UNSURE_SECONDS)
    for key in keys("brief"):
        writer.put(key, 1)
    brief = {(key, 1) for key in keys("brief")}
    wait_until(lambda: brief <= item_versions.versions(holed.rows()), "the last items before the hole")
    with holed.not_streaming():
        write_in_the_hole(writer, HOLE_SECONDS)
        said = run("tools.status", *ENVIRONMENT, home=holed.home.root)
    write_after(writer)
    print(said.stdout)

    assert said.returncode == 1
    assert "streaming is DISABLED: changes from now on never reach the lake" in said.stdout
    (command,) = re.findall(r"^ *(python -m tools\.backfill .*--since \S+)$", said.stdout, re.MULTILINE)
    code, report = holed.reconcile()
    # What was changed and not written again; what has come since came with its last change.
    wrong = {*keys("changed"), *keys("removed"), *keys("brief"), *keys("last-word"), *keys("made")}
    assert (code, sum(report["counts"].get(each, 0) for each in ("missing", "extra", "different"))) == (1, len(wrong))
    began = time.monotonic()
    healed = shell(f"{command} --yes --json", holed.home.root)
    assert healed.returncode == 0, healed.stderr
    took = time.monotonic() - began
    done_exports = json.loads(healed.stdout)

    code, report = holed.reconcile()
    assert code == 0, report
    windows = list(holed.windows(done_exports["exports"]))
    lost = item_versions.lost(writer.log, windows)
    written = {(write.key, write.version) for write in writer.log if write.version is not None}
    found = holed.rows()
    # What reconcile writes to see how far the lake is has no version.
    assert written - item_versions.versions(found) == lost
    assert item_versions.versions(found) - written == set()
    assert {key for key, _ in lost} == {
        key for kind in ("changed", "later", "made", "last-word", "fleeting") for key in keys(kind)
    }
    table = {item["id"]["S"]: int(item["version"]["N"]) for item in holed.dynamodb.scan(TableName=TABLE)["Items"]}
    assert item_versions.latest(found) == table
    gap = done_exports["gap"]
    for key in ("changed-1", "made-1", "removed-1", "later-1"):
        shown, warned = holed.history(key)
        assert set(shown) == {row.version for row in found if row.key == key}
        assert f"versions between {gap['since']} and {gap['until']}" in warned
    print(
        f"{HOLE_SECONDS} s without streaming: healed in {took:.0f} s by `{command}`; windows {windows}; "
        f"{len(writer.log)} writes, {len(lost)} versions lost, {len(found)} rows"
    )

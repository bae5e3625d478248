"""An hour of heavy writing: `reconcile` says again and again that the lake equals the table, and no alarm is raised.

`make prove-hour MINUTES=60 RATE=120` runs it. It has no short form: tests/system/test_reconcile.py compares while
changes are written, too.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.system.commands import done, run
from tests.system.faults import judge
from tests.system.faults.test_every_alarm import outputs_of
from tests.system.hour import watching
from tests.system.hour.changes import KEY
from tests.system.hour.writing import Writers
from tools import paths
from tools.deployments.aws import Aws
from tools.deployments.outputs import Outputs, parse_outputs
from tools.localaws import service
from tools.localaws.state_folder import StateFolder

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("hour"),
    pytest.mark.timeout(4 * 3600),
    pytest.mark.long,
]

MINUTES = float(os.environ.get("HOUR_MINUTES", "60"))
RATE = float(os.environ.get("HOUR_RATE", "120"))
KEYS = int(os.environ.get("HOUR_KEYS", "20000"))
PAUSE_SECONDS = 20
"""Between two runs of reconcile."""

MARGINS = (60, 2)
"""The margins of reconcile in turn: its own, and one in which few keys count as in flux."""

BUSY, QUIET = "busy", "quiet"
DEPLOY = ("tools.deploy", "single-account", "--local", "--yes", "--var-file", "tests/system/hour/hour.tfvars")
UNMERGED = f"hour/table/{BUSY}/state-late"
"""The alarm that is raised where no merge runs, as none does on local AWS."""


@dataclass
class Deployed:
    """The deployment, where it is, and since when."""

    home: Path
    aws: Aws
    outputs: Outputs
    since: datetime


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    home, since = tmp_path_factory.mktemp("hour"), datetime.now(UTC)
    done("tools.local", "up", home=home, timeout=600)
    try:
        done(*DEPLOY, home=home, timeout=1800)
        aws = Aws(service.connect(home).environment(service.SINGLE_ACCOUNT))
        yield Deployed(home, aws, parse_outputs("single-account", outputs_of(home)), since)
    finally:
        service.purge(home)


def reconcile(deployed, margin):
    """Runs the verb on the busy table, and returns its report."""
    options = ("--table", BUSY, "--margin", str(margin), "--jobs", "1", "--counter", "version", "--json")
    ended = run("tools.reconcile", "single-account", "--local", *options, home=deployed.home, timeout=1800)
    assert ended.returncode in (0, 1), ended.stderr
    report = json.loads(ended.stdout)
    print(f"{datetime.now(UTC):%H:%M:%S} margin {margin}: {report['seconds']} s, {report['counts']}", flush=True)
    return report


def reconcile_until(deployed, ends_at):
    """Runs reconcile again and again, and returns the reports."""
    reports = []
    while monotonic() < ends_at:
        reports.append(reconcile(deployed, MARGINS[len(reports) % len(MARGINS)]))
        sleep(PAUSE_SECONDS)
    return reports


class Arrived:
    """What lies in the lake of the items, without the markers of reconcile, and how many changes that is."""

    def __init__(self, deployed):
        self._objects = judge.read_objects(deployed.aws.client("s3"), deployed.outputs.bucket_name, f"data/{BUSY}/")
        self.changes = set()

    def rows(self):
        for row in judge.rows(self._objects, KEY):
            self.changes.add((row.key, row.order))
            yield row


@contextmanager
def noted(file):
    """A file of the looks, which stays in build/."""
    paths.BUILD.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    yield file
    print(f"looks: {file.relative_to(paths.REPOSITORY)}")


def test_an_hour_of_heavy_writing_raises_no_alarm_and_reconcile_finds_no_difference(deployed):
    writers = Writers(deployed.aws.client("dynamodb"), BUSY, keys=KEYS, rate=RATE)
    began = datetime.now(UTC)
    with noted(paths.BUILD / "hour.jsonl") as file:
        watch = watching.Watch(StateFolder(deployed.home), file)
        with watch.at_work(), writers.at_work(QUIET):
            reports = reconcile_until(deployed, monotonic() + MINUTES * 60)
    print(f"{writers.changes:,} changes, {writers.changes / writers.seconds:.0f}/s, {writers.removals:,} removals")
    print(watching.summary(watch.samples))
    ages = watching.freshness(deployed.aws, deployed.outputs.tables[BUSY].delivery_stream_name, began)
    print(f"oldest change on its way: {ages[len(ages) // 2]:.0f} s in the middle, {ages[-1]:.0f} s at most")
    changes = watching.state_changes(deployed.aws, deployed.outputs.monitoring.alarm_names)
    raised = watching.raised(changes, deployed.since)
    print(f"{len(changes)} changes of state of {len(deployed.outputs.monitoring.alarm_names)} alarms; raised: {raised}")

    last = reconcile(deployed, margin=2)
    assert [report for report in (*reports, last) if not report["equal"]] == []
    assert (last["counts"].keys(), last["items"]) == ({"equal"}, writers.held)
    arrived = Arrived(deployed)
    assert judge.faults(arrived.rows(), writers.versions) == []
    assert len(arrived.changes) == writers.changes
    assert raised.keys() == {UNMERGED}

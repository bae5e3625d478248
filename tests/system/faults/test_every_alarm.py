"""Every alarm of a deployment is raised once by what it is for, and is over after the repair."""

from __future__ import annotations

import json
import subprocess
import threading
import uuid
from contextlib import contextmanager
from time import monotonic, sleep

import pytest

from tests.system.commands import done
from tests.system.faults import alarm_causes as causes
from tools.deployments.aws import Aws
from tools.deployments.outputs import parse_outputs
from tools.localaws import service

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-alarms"),
    pytest.mark.timeout(3600),
    pytest.mark.long,
]

DEPLOY = ("tools.deploy", "single-account", "--local", "--yes", "--var-file", "tests/system/faults/alarms.tfvars")
LIMIT_SECONDS = 1500
TABLES = (causes.UNREAD, causes.UNWRITTEN, causes.BROKEN)


class Watched:
    """A deployment with its alarms by table and key, and the seconds that each took."""

    def __init__(self, home):
        self.aws = Aws(service.connect(home).environment(service.SINGLE_ACCOUNT))
        self.outputs = parse_outputs("single-account", outputs_of(home))
        self.alarms = {}
        for name in self.outputs.monitoring.alarm_names:
            _, *table, key = name.split("/")
            self.alarms[table[1] if table else "", key] = name
        self.raised, self.over = {}, {}

    def states(self):
        pages = self.aws.client("cloudwatch").get_paginator("describe_alarms")
        pages = pages.paginate(AlarmNamePrefix="alarms/", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        found = [
            alarm for page in pages for kind in ("MetricAlarms", "CompositeAlarms") for alarm in page.get(kind, [])
        ]
        by_name = {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}
        return {alarm: by_name[name] for alarm, name in self.alarms.items()}

    def wait(self, alarms, state):
        """Waits until all of `alarms` have a state, and notes when any was raised and when that was over."""
        began, left = monotonic(), set(alarms)
        while left:
            states, now = self.states(), monotonic()
            for alarm, found in states.items():
                if found == "ALARM":
                    self.raised.setdefault(alarm, now)
                elif alarm in self.raised:
                    self.over.setdefault(alarm, now)
            left = {alarm for alarm in left if states[alarm] != state}
            assert now - began < LIMIT_SECONDS, f"not {state}: {sorted(left)}"
            sleep(2)

    def put_by_hand(self):
        for metric in causes.BY_HAND.values():
            causes.put(self.aws.client, self.outputs, causes.BROKEN, metric)

    @contextmanager
    def writes(self):
        """Writes to all tables once a second."""
        stopped = threading.Event()

        def write():
            items = self.aws.client("dynamodb")
            while not stopped.wait(1):
                for table in TABLES:
                    items.put_item(TableName=table, Item={"id": {"S": uuid.uuid4().hex}})

        writer = threading.Thread(target=write)
        writer.start()
        try:
            yield
        finally:
            stopped.set()
            writer.join()


def outputs_of(home):
    state = home / "deployments" / "single-account" / "default" / "terraform.tfstate"
    command = ["terraform", "output", "-json", f"-state={state}"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    home = tmp_path_factory.mktemp("alarms")
    done("tools.local", "up", home=home, timeout=600)
    done(*DEPLOY, home=home, timeout=1200)
    yield Watched(home)
    service.purge(home)


def test_every_alarm_is_raised_by_what_it_is_for_and_is_over_after_the_repair(watched):
    by_hand = {(causes.BROKEN if (causes.BROKEN, key) in watched.alarms else "", key) for key in causes.BY_HAND}
    first = by_hand | causes.REAL.keys()
    with watched.writes():
        with causes.all_real_faults(watched.aws, watched.outputs):
            watched.put_by_hand()
            began = dict.fromkeys(first, monotonic())
            watched.wait(first, "ALARM")
        ended = dict.fromkeys(causes.REAL, monotonic())
        ended |= {alarm: began[alarm] for alarm in (*by_hand, causes.OVER_BY_ITSELF)}
        lag = causes.Metric("DynamoToLake", "StateLag", "Seconds", 10, lambda _, table: {"TableName": table})
        causes.put(watched.aws.client, watched.outputs, causes.BROKEN, lag)
        watched.wait(first, "OK")
        with causes.without_handler(watched.aws, watched.outputs.function_name):
            began |= dict.fromkeys(causes.OF_THE_FUNCTION, monotonic())
            watched.wait(causes.OF_THE_FUNCTION, "ALARM")
        ended |= dict.fromkeys(causes.OF_THE_FUNCTION, monotonic())
        watched.wait(causes.OF_THE_FUNCTION, "OK")

    how = {**dict.fromkeys(by_hand, "its metric, put by hand"), **causes.REAL, **causes.OF_THE_FUNCTION}
    for alarm, cause in how.items():
        raised, over = (
            round(seen[alarm] - since[alarm]) for seen, since in ((watched.raised, began), (watched.over, ended))
        )
        print(f"| `{alarm[1]}` | {cause} | {raised} | {over} |")
    assert {key for _, key in watched.alarms} == {key for _, key in how}

"""A small pipeline on local AWS whose processes can be started with faults, and what is written to it."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from unittest import mock

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.system.faults import judge
from tests.system.long_form import ROUNDS
from tests.system.test_delivery_worker import ACCOUNT, Pipeline, archive
from tests.system.waiting import wait_until
from tools.deployments.aws import Aws
from tools.deployments.outputs import LIVE, Outputs, Table
from tools.localaws import process, service
from tools.operations import reconcile_report, reconciled_table
from tools.operations.reconciling import Request, reconcile

FUNCTION = """
import base64, json

def handler(event, context):
    return {"records": [one(record) for record in event["records"]]}

def one(record):
    event = json.loads(base64.b64decode(record["data"]))
    change = event["dynamodb"]
    item = change.get("NewImage", change["Keys"])
    if "fails" in item:
        return {"recordId": record["recordId"], "result": "ProcessingFailed"}
    row = {
        "id": item["id"]["S"],
        "cdc_event": event["eventName"],
        "cdc_event_id": event["eventID"],
        "cdc_table": "t",
        "cdc_changed_at": "",
        "cdc_changed_at_us": int(change["ApproximateCreationDateTime"] * 1_000_000),
        "cdc_sequence_number": record.get("kinesisRecordMetadata", {}).get("sequenceNumber"),
        "cdc_key": json.dumps({"id": item["id"]["S"]}, separators=(",", ":")),
        "cdc_ttl": False,
    }
    if "version" in item:
        row |= {"version": int(item["version"]["N"]), "text": item["text"]["S"]}
    data = base64.b64encode(json.dumps(row).encode() + b"\\n").decode()
    return {"recordId": record["recordId"], "result": "Ok", "data": data}
"""
MODULE = "tests.system.faults.launcher"
KEY, KEYS = "key-", 10
FAILING, EVERY = 3, 7
"""Of so many turns one writes a change that its transformation fails."""

RECONCILE = Request("scan", None, markers=True, margin=2, counter=None, sample=5, jobs=1, timeout=None)
NUMBERS = count()


class Lake(Pipeline):
    """Items with version counters flow through it; `check` says whether all of them arrived as they were written."""

    def __init__(self, home, function=FUNCTION):
        super().__init__(home, f"faults-{next(NUMBERS)}")
        self.replace_function(function)
        version = self.functions.publish_version(FunctionName=f"{self.name}-function")["Version"]
        self.functions.create_alias(FunctionName=f"{self.name}-function", Name=LIVE, FunctionVersion=version)
        self.connect()
        self.versions = {}
        self.settings = []
        self.turn = 0
        self.margin = RECONCILE.margin

    def replace_function(self, source):
        self.functions.update_function_code(FunctionName=f"{self.name}-function", ZipFile=archive(source))

    def connect(self):
        """Makes clients that do not try again: what is refused is seen."""
        local = service.connect(self.home.root)
        self.dynamodb, self.s3, self.kinesis, self.logs, self.kms = (
            boto3.client(
                name,
                endpoint_url=local.endpoint_url,
                region_name=local.region,
                verify=str(local.ca_bundle),
                aws_access_key_id=ACCOUNT,
                aws_secret_access_key=local.secret,
                config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
            )
            for name in ("dynamodb", "s3", "kinesis", "logs", "kms")
        )

    def up(self, **faults):
        """Starts what does not run, the parts named with a fault each."""
        with started_with(**faults):
            service.up(self.home.root)
        self.connect()
        self.adopt()

    def adopt(self):
        """Counts a change that was not acknowledged and is in the table nevertheless: it must arrive like others."""
        key = f"{KEY}{self.turn % KEYS}"
        item = self.dynamodb.get_item(TableName=self.table, Key={"id": {"S": key}}, ConsistentRead=True).get("Item")
        if item and int(item["version"]["N"]) == self.versions.get(key, 0) + 1:
            self.versions[key] = int(item["version"]["N"])
            self.turn += 1

    def write_one(self, **more):
        """Writes the next version of the next key, every seventh so that its transformation fails."""
        key = f"{KEY}{self.turn % KEYS}"
        version = self.versions.get(key, 0) + 1
        item = {"id": {"S": key}, "version": {"N": str(version)}, "text": {"S": judge.text_of(key, version)}}
        if self.turn % EVERY == FAILING:
            item["fails"] = {"BOOL": True}
        self.dynamodb.put_item(TableName=self.table, Item=item | more)
        self.versions[key] = version
        self.turn += 1

    def write(self, number):
        for _ in range(number):
            self.write_one()

    def write_until(self, condition, also=None):
        """Writes until `condition()` holds; what is refused or not answered is written again, with the same version."""

        def attempt():
            try:
                self.write_one()
                if also:
                    also()
            except (BotoCoreError, ClientError):
                return condition()
            return condition()

        wait_until(attempt, "what writing waits for")

    def set_one(self):
        """Makes a setting, a log group."""
        name = f"{self.name}-{len(self.settings)}-{self.turn}"
        self.logs.create_log_group(logGroupName=name)
        self.settings.append(name)

    def is_gone(self, part):
        return process.find_recorded(self.home.process_file(part)) is None

    def end(self, part):
        """Kills a process, if it runs, and waits until it is gone."""
        self.kill(part)
        wait_until(lambda: self.is_gone(part), f"the end of {part}")

    def signal(self, part, number):
        os.kill(process.find_recorded(self.home.process_file(part)).pid, number)

    @contextmanager
    def frozen(self, part):
        self.signal(part, signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(part, signal.SIGCONT)

    def found(self):
        """Returns what lies in the bucket: a damaged object is an error."""
        return list(judge.rows(judge.read_objects(self.s3, self.bucket), KEY))

    def faults(self):
        try:
            return judge.faults(self.found(), self.versions)
        except BotoCoreError as error:
            return [f"missing: all, for now ({error})"]

    def check(self):
        """Waits until everything written has arrived, and fails where something is lost, altered or out of order."""
        wait_until(lambda: not judge.missing(self.faults()), lambda: "; ".join([*self.faults(), self.last_error()]))
        wrong = self.faults()
        items = [
            item
            for page in self.dynamodb.get_paginator("scan").paginate(TableName=self.table)
            for item in page["Items"]
        ]
        wrong += judge.table_faults(items, self.versions)
        groups = {
            group["logGroupName"]
            for page in self.logs.get_paginator("describe_log_groups").paginate()
            for group in page["logGroups"]
        }
        wrong += [f"no log group {name}" for name in set(self.settings) - groups]
        assert not wrong, "; ".join(wrong)
        if ROUNDS:
            self.reconcile()

    def reconcile(self):
        """Has the project itself say that the lake equals the table.

        Before, each item is written once more, so that no item's last change has failed, and none has a time that is
        still to come, because a clock went forward and back.
        """
        wait_until(lambda: self.newest_us() < time.time() * 1_000_000, "the time of the last change")
        end = self.turn + 2 * KEYS
        while self.turn < end:
            self.turn += self.turn % EVERY == FAILING
            self.write_one()
        report = self.report()
        assert report["equal"], report

    def newest_us(self):
        """Returns the time of the newest change that has arrived, in microseconds since the epoch."""
        return max((row.order[0] for row in self.found() if row.order), default=0)

    def report(self):
        """Returns what `reconcile` finds."""
        aws = Aws(service.connect(self.home.root).environment(ACCOUNT))
        described = Table(
            f"{self.name}-delivery-stream", "", "data/t/", "errors/t/", stream_name=self.stream, existing=False
        )
        outputs = Outputs(
            "us-east-1",
            ACCOUNT,
            bucket_name=self.bucket,
            kms_key_arn=self.key,
            function_name=f"{self.name}-function",
            tables={self.table: described},
        )
        deployment = SimpleNamespace(outputs=lambda: outputs, aws=lambda _: aws)
        table = reconciled_table.find(deployment, deployment, self.table)
        return json.loads(reconcile_report.as_json(reconcile(table, replace(RECONCILE, margin=self.margin)), 0))


@contextmanager
def started_with(**faults):
    """Processes of the parts named that are started meanwhile have a fault (see `launcher`)."""
    start = process.start

    def start_with_fault(command, environment, folder, log, process_file):
        fault = faults.get(process_file.parent.name)
        if fault:
            position = command.index("-m") + 1
            command = [*command[:position], MODULE, json.dumps(fault), *command[position:]]
        return start(command, environment, folder, log, process_file)

    with mock.patch.object(process, "start", start_with_fault):
        yield

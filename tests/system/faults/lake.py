"""A small pipeline on local AWS whose processes can be started with faults, and what is written to it."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from itertools import count
from unittest import mock

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.system.faults import judge
from tests.system.test_delivery_worker import ACCOUNT, Pipeline, archive
from tests.system.waiting import wait_until
from tools.localaws import process, service

FUNCTION = """
import base64, json

def handler(event, context):
    return {"records": [one(record) for record in event["records"]]}

def one(record):
    change = json.loads(base64.b64decode(record["data"]))["dynamodb"]
    item = change["NewImage"]
    if "fails" in item:
        return {"recordId": record["recordId"], "result": "ProcessingFailed"}
    row = {
        "id": item["id"]["S"],
        "version": int(item["version"]["N"]),
        "text": item["text"]["S"],
        "cdc_changed_at_us": int(change["ApproximateCreationDateTime"] * 1_000_000),
        "cdc_sequence_number": record["kinesisRecordMetadata"]["sequenceNumber"],
    }
    data = base64.b64encode(json.dumps(row).encode() + b"\\n").decode()
    return {"recordId": record["recordId"], "result": "Ok", "data": data}
"""
MODULE = "tests.system.faults.launcher"
KEYS = 10
NUMBERS = count()


class Lake(Pipeline):
    """Items with version counters flow through it; `check` says whether all of them arrived as they were written."""

    def __init__(self, home, function=FUNCTION):
        super().__init__(home, f"faults-{next(NUMBERS)}")
        self.replace_function(function)
        self.connect()
        self.versions = {}
        self.settings = []
        self.turn = 0

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
        key = f"key-{self.turn % KEYS}"
        item = self.dynamodb.get_item(TableName=self.table, Key={"id": {"S": key}}, ConsistentRead=True).get("Item")
        if item and int(item["version"]["N"]) == self.versions.get(key, 0) + 1:
            self.versions[key] = int(item["version"]["N"])
            self.turn += 1

    def write_one(self, **more):
        """Writes the next version of the next key, every seventh so that its transformation fails."""
        key = f"key-{self.turn % KEYS}"
        version = self.versions.get(key, 0) + 1
        item = {"id": {"S": key}, "version": {"N": str(version)}, "text": {"S": judge.text_of(key, version)}}
        if self.turn % 7 == 3:
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
        return list(judge.rows(judge.read_objects(self.s3, self.bucket)))

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

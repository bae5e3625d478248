"""Local AWS with the data of the conformance suite, and what it answers to all of its queries."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import pytest
import yaml

from tests.system.commands import done
from tools.deployments.aws import Aws
from tools.localaws import service

HERE = Path(__file__).parent
BUCKET = "of-the-conformance-suite"
DATABASE = "conformance"
DATA = yaml.safe_load((HERE / "data.yaml").read_text().replace("BUCKET", BUCKET))
QUERIES = {each["name"]: each for each in yaml.safe_load((HERE / "queries.yaml").read_text().replace("BUCKET", BUCKET))}


@dataclass
class Answer:
    """What came of a query."""

    execution: dict
    columns: list[dict] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)

    @property
    def state(self):
        return self.execution["Status"]["State"]

    @property
    def reason(self):
        return self.execution["Status"].get("StateChangeReason", "")


class Athena:
    """Asks queries as an account's root, or as whom `keys` are of."""

    def __init__(self, environment):
        self.aws = Aws(environment)
        self.client = self.aws.client("athena")

    def start(self, sql, **request):
        request = {
            "QueryExecutionContext": {"Database": DATABASE},
            "ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/results/"},
            **request,
        }
        return self.client.start_query_execution(QueryString=sql, **request)["QueryExecutionId"]

    def wait(self, query):
        deadline = monotonic() + 60
        while True:
            execution = self.client.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution
            assert monotonic() < deadline, execution
            sleep(0.02)

    def ask(self, sql, **request):
        execution = self.wait(self.start(sql, **request))
        if execution["Status"]["State"] != "SUCCEEDED":
            return Answer(execution)
        found = self.client.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
        rows = [[each.get("VarCharValue") for each in row["Data"]] for row in found["Rows"]]
        return Answer(execution, found["ResultSetMetadata"]["ColumnInfo"], rows)


@pytest.fixture(scope="package")
def local(tmp_path_factory):
    home = tmp_path_factory.mktemp("athena")
    done("tools.local", "up", home=home, timeout=600)
    yield service.connect(home)
    done("tools.local", "down", home=home)


@pytest.fixture(scope="package")
def athena(local):
    """Athena over the data of the suite, as the account's root."""
    asking = Athena(local.environment(service.SINGLE_ACCOUNT))
    s3, glue = asking.aws.client("s3"), asking.aws.client("glue")
    s3.create_bucket(Bucket=BUCKET)
    for key, text in DATA["objects"].items():
        body = text.encode()
        s3.put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(body) if key.endswith(".gz") else body)
    glue.create_database(DatabaseInput={"Name": DATABASE})
    for statement in DATA["tables"]:
        answer = asking.ask(statement)
        assert answer.state == "SUCCEEDED", (statement, answer.reason)
    for table, partitions in DATA["partitions"].items():
        for value, prefix in partitions.items():
            storage = {"Location": f"s3://{BUCKET}/{prefix}"}
            wanted = {"Values": [value], "StorageDescriptor": storage}
            glue.create_partition(DatabaseName=DATABASE, TableName=table, PartitionInput=wanted)
    return asking


@pytest.fixture(scope="package")
def answers(athena):
    """Name of a query -> its answer; four are asked at a time."""

    def ask(query):
        given = {"ExecutionParameters": query["parameters"]} if "parameters" in query else {}
        return athena.ask(query["sql"], **given)

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(QUERIES, pool.map(ask, QUERIES.values()), strict=True))

"""A current state as its state machine keeps it, with DuckDB in the place of Athena."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import duckdb
from botocore.exceptions import ClientError

from tests.plan.jsonata import StateError
from tests.plan.lake_tables import translated
from tests.plan.reading import of_type
from tests.plan.state_machine import Machine, instant
from tests.unit.tools.lake.versioned_bucket import NAME, Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import tftest

    from tests.plan.lake_tables import Database
    from tests.plan.state_machine import Execution, Kill

_COLUMN: Final = re.compile(r"(`\w+` [^`]+?)(?:, (?=`)|\)$)")
_TIDYING: Final = ("OPTIMIZE", "VACUUM")


def machine(plan: tftest.TerraformPlanOutput) -> dict[str, Any]:
    """Returns the one state machine of a plan."""
    (found,) = of_type(plan, "aws_sfn_state_machine").values()
    return dict(found)


def steps(machine: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what a state machine does while it holds the lease: its first state, and all by their names."""
    (found,) = json.loads(machine["definition"])["States"]["WhileHeld"]["Branches"]
    return dict(found)


class StateTable:
    """A current state, in the database of the tables and views that it is made from, and the bucket with its lease."""

    def __init__(self, lake: Database, machine: Mapping[str, Any]) -> None:
        """`machine` has name and definition of the state machine that keeps the state, and its ARN once deployed."""
        self.lake = lake
        self.bucket = Bucket()
        self.statements: list[str] = []
        self.failing = ""
        self.states: dict[str, Any] = steps(machine)["States"]
        place = re.search(r'FROM ("[^"]+"\."[^"]+)"', self.states["FindMark"]["Arguments"]["QueryString"])
        assert place
        self.place, self.view = f'{place[1]}"', f'{place[1]}_current"'
        hours = re.search(r"\$mark - (\d+)", self.states["ChooseFolders"]["Assign"]["since"])
        assert hours
        self.overlap = timedelta(milliseconds=int(hours[1]))
        self.lags: list[float] = []
        self._results: list[dict[str, Any]] = []
        self.machine = Machine(
            machine.get("stateMachineArn") or f"arn:aws:states:us-east-1:222222222222:stateMachine:{machine['name']}",
            json.loads(machine["definition"]),
            {
                "athena:startQueryExecution.sync": self._start,
                "athena:getQueryResults": self._read,
                "aws-sdk:glue:getTable": self._describe,
                "aws-sdk:cloudwatch:putMetricData": self._tell,
                "aws-sdk:s3:putObject": self._put,
                "aws-sdk:s3:getObject": self._get,
                "aws-sdk:s3:deleteObject": self._delete,
            },
            self.bucket,
        )

    def run(self, started: datetime, kill: Kill | None = None) -> Execution:
        """Runs the machine once.

        Raises:
            KilledError: as `kill` says.
        """
        self.bucket.now = started
        return self.machine.run(kill)

    def forget(self) -> None:
        """Takes everything back: table, view, lease and executions."""
        self.drop()
        self.bucket.versions.clear()
        self.bucket.calls.clear()
        self.machine.executions.clear()
        self.statements.clear()
        self.lags.clear()
        self.failing = ""

    def drop(self) -> None:
        """Drops the table and its view, if they are there."""
        self.lake.run(f"DROP VIEW IF EXISTS {self.view}")
        self.lake.run(f"DROP TABLE IF EXISTS {self.place}")

    def rows(self) -> dict[str, dict[str, Any]]:
        """Returns the rows of the table by their key."""
        found = self.lake.rows(f"SELECT * FROM {self.place}")  # noqa: S608
        assert len(found) == len({row["cdc_key"] for row in found}), "a key is there twice"
        return {row["cdc_key"]: row for row in found}

    def current(self) -> dict[str, dict[str, Any]]:
        """Returns the rows of the view by their key."""
        return {row["cdc_key"]: row for row in self.lake.rows(f"SELECT * FROM {self.view}")}  # noqa: S608

    def _start(self, arguments: Any) -> Any:
        statement = arguments["QueryString"]
        verb = statement.split()[0]
        self.statements.append(statement)
        if verb == self.failing:
            raise StateError("States.TaskFailed", f"{verb} fails")
        if statement.startswith("SELECT"):
            self._results = self.lake.rows(statement)
        elif verb not in _TIDYING:
            for each in _one_by_one(statement):
                try:
                    self.lake.run(translated(each))
                except duckdb.Error as error:
                    raise StateError("States.TaskFailed", str(error)) from error
        return {"QueryExecution": {"QueryExecutionId": str(len(self.statements))}}

    def _read(self, _: Any) -> Any:
        cells = [list(self._results[0]), *([str(value) for value in row.values()] for row in self._results)]
        return {"ResultSet": {"Rows": [{"Data": [{"VarCharValue": cell} for cell in row]} for row in cells]}}

    def _describe(self, _: Any) -> Any:
        columns = [{"Name": row["column_name"], "Parameters": {}} for row in self.lake.rows(f"DESCRIBE {self.place}")]
        gone = {"Name": "gone", "Parameters": {"iceberg.field.current": "false"}}
        return {"Table": {"StorageDescriptor": {"Columns": [*columns, gone]}}}

    def _tell(self, arguments: Any) -> Any:
        self.lags += [each["Value"] for each in arguments["MetricData"]]
        return {}

    def _put(self, arguments: Any) -> Any:
        request = {name: value for name, value in arguments.items() if name != "ContentType"}
        return self._s3("put_object", {**request, "Body": json.dumps(arguments["Body"]).encode()})

    def _get(self, arguments: Any) -> Any:
        answer = self._s3("get_object", arguments)
        return {**answer, "Body": answer["Body"].read().decode(), "LastModified": instant(answer["LastModified"])}

    def _delete(self, arguments: Any) -> Any:
        return self._s3("delete_object", arguments)

    def _s3(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = getattr(self.bucket, operation)(**{**request, "Bucket": NAME})
        except ClientError as error:
            raise StateError("S3.S3Exception", str(error)) from error
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _one_by_one(statement: str) -> list[str]:
    """Returns a statement of Athena's as DuckDB takes it: without place and properties, one column at a time."""
    head, added, columns = statement.partition("ADD COLUMNS (")
    if added:
        return [f"{head}ADD COLUMN {column}" for column in _COLUMN.findall(columns)]
    return [statement.partition("\nLOCATION")[0]]

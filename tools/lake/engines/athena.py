"""Asks Amazon Athena, in the workgroup of the lake, and reads the answer in constant memory."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError, StoppedError
from tools.lake.engines import interruption, result_csv
from tools.lake.engines.results import Column, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_s3 import S3Client

    from tools.lake.engines.results import Query, Row

FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 2.0
PAGE: Final = 1000
"""Rows of a page (Athena API: "GetQueryResults", MaxResults)."""

USD_A_TERABYTE: Final = 5
LEAST_BYTES: Final = 10 * 1024 * 1024
"""What is paid for at least, and how much a terabyte is (Amazon Athena pricing, us-east-1)."""

_CHUNK: Final = 256 * 1024


@dataclass(frozen=True)
class Athena:
    """A workgroup and a database to ask in.

    `tell` is called with how far a query is; `costs` says whether it costs money, as it does in an account.
    """

    athena: AthenaClient
    s3: S3Client
    workgroup: str
    database: str
    tell: Callable[[str], None]
    costs: bool = True

    def ask(self, query: Query) -> Result:
        """Returns the answer to a query, once Athena has found all of it.

        Raises:
            LakeError: Athena refuses the query, or it fails.
            StoppedError: the user interrupted; Athena was told to stop.
        """
        started = monotonic()
        identifier = ""
        try:
            # Of a request that is interrupted nobody would know which query it began.
            with interruption.held_back():
                identifier = self._start(query)
            execution = self._wait(identifier, started)
        except KeyboardInterrupt:
            raise StoppedError(self._stop(identifier) if identifier else "interrupted") from None
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"Athena no longer says how query {identifier} gets on: {reason(error)}") from None
        return self._result(execution, monotonic() - started)

    def _start(self, query: Query) -> str:
        parameters: dict[str, Any] = (
            {"ExecutionParameters": [literal(text) for text in query.parameters]} if query.parameters else {}
        )
        try:
            answer = self.athena.start_query_execution(
                QueryString=query.sql,
                QueryExecutionContext={"Database": self.database, "Catalog": "AwsDataCatalog"},
                WorkGroup=self.workgroup,
                **parameters,
            )
        except ClientError as error:
            raise LakeError(f"Athena refused the query: {_message(error)}") from None
        except BotoCoreError as error:
            raise LakeError(f"Athena cannot be asked: {reason(error)}") from None
        return answer["QueryExecutionId"]

    def _wait(self, identifier: str, started: float) -> Any:  # noqa: ANN401  # a QueryExecution
        wait = FIRST_WAIT_SECONDS
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
            state = execution["Status"]["State"]
            if state == "SUCCEEDED":
                return execution
            if state in ("FAILED", "CANCELLED"):
                raise LakeError(failure(state, execution["Status"].get("StateChangeReason", "")))
            self.tell(f"Athena: {state.lower()}, {monotonic() - started:.0f} s")
            sleep(wait)
            wait = min(wait * 1.5, LONGEST_WAIT_SECONDS)

    def _stop(self, identifier: str) -> str:
        try:
            self.athena.stop_query_execution(QueryExecutionId=identifier)
        except (BotoCoreError, ClientError) as error:
            return (
                f"interrupted, but Athena does not take the stop ({reason(error)}): the query goes on; stop it with: "
                f"aws athena stop-query-execution --query-execution-id {identifier}"
            )
        return f"interrupted; Athena was told to stop query {identifier}"

    def _result(self, execution: Any, seconds: float) -> Result:  # noqa: ANN401  # as above
        identifier = execution["QueryExecutionId"]
        try:
            page = self.athena.get_query_results(QueryExecutionId=identifier, MaxResults=PAGE)
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"the results of query {identifier} cannot be read: {reason(error)}") from None
        columns = tuple(
            Column(each["Name"], _type(each)) for each in page["ResultSet"]["ResultSetMetadata"].get("ColumnInfo", ())
        )
        location = execution.get("ResultConfiguration", {}).get("OutputLocation", "")
        rows = _page_rows(page)
        # Of a SELECT the first row is the names of the columns, on the first page and in the file.
        names = tuple(column.name for column in columns)
        if execution.get("StatementType") == "DML" and rows[:1] == [names]:
            rows = rows[1:]
        if "NextToken" not in page:
            found = iter(rows)
        elif location.endswith(".csv"):
            found = islice(self._file(location), 1, None)
        else:
            found = self._pages(identifier, rows, page["NextToken"])
        scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
        return Result(columns, found, told(identifier, seconds, scanned if self.costs else None))

    def _file(self, location: str) -> Iterator[Row]:
        place = urlsplit(location)
        try:
            body: Any = self.s3.get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))["Body"]
            yield from result_csv.read(iter(lambda: body.read(_CHUNK), b""))
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"the results in {location} cannot be read: {reason(error)}") from None

    def _pages(self, identifier: str, rows: Sequence[Row], token: str | None) -> Iterator[Row]:
        yield from rows
        while token:
            page = self.athena.get_query_results(QueryExecutionId=identifier, MaxResults=PAGE, NextToken=token)
            yield from _page_rows(page)
            token = page.get("NextToken")


def literal(text: str) -> str:
    """Returns text as a literal of SQL, which is what Athena takes for the value of a `?`.

    Amazon Athena User Guide, "Use parameterized queries": strings stand in single quotes.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def failure(state: str, why: str) -> str:
    """Returns the line that says why a query ended as FAILED or CANCELLED."""
    line = (
        f"the query {'failed' if state == 'FAILED' else 'was cancelled'}: {' '.join(why.split()) or 'no reason given'}"
    )
    if "denied" in why.lower() and "/errors/" in why:
        return f"{line}; failed records are closed to analysts: ask as a role that may read errors/"
    return line


def told(identifier: str, seconds: float, scanned: int | None) -> str:
    """Returns what is said of a finished query: how long it took and, where it costs money, what.

    `scanned` is in bytes; None where nothing is paid.
    """
    line = f"Athena: query {identifier}, {seconds:.1f} s"
    if scanned is None:
        return line
    usd = max(scanned, LEAST_BYTES) / 1_000_000_000_000 * USD_A_TERABYTE
    return f"{line}, {scanned / 1024 / 1024:.1f} MiB read, about {usd:.5f} USD"


def _page_rows(page: Any) -> list[Row]:  # noqa: ANN401  # a GetQueryResultsOutput
    # A null has no VarCharValue.
    return [
        tuple(cell.get("VarCharValue") for cell in row.get("Data", ())) for row in page["ResultSet"].get("Rows", ())
    ]


def _type(column: Any) -> str:  # noqa: ANN401  # a ColumnInfo
    name = str(column["Type"]).lower()
    return f"decimal({column['Precision']},{column['Scale']})" if name == "decimal" and "Precision" in column else name


def _message(error: ClientError) -> str:
    return " ".join(str(error.response["Error"].get("Message") or error).split())

from __future__ import annotations

import _thread
import io

import pytest

from tests.unit.tools.aws_answers import failed
from tools.errors import LakeError, StoppedError
from tools.lake.engines import athena
from tools.lake.engines.athena import Athena
from tools.lake.engines.results import Query

OUTPUT = "s3://lake/results/q-1.csv"


class Client:
    """Athena, which finds these rows after these states; "Ctrl-C" among the states is the user's."""

    def __init__(self, pages=(), states=("SUCCEEDED",), why="", kind="DML"):
        self.pages, self.states, self.why, self.kind = list(pages), list(states), why, kind
        self.started, self.stopped, self.asked = [], [], []
        self.refusal = None

    def start_query_execution(self, **request):
        if self.refusal:
            raise self.refusal
        self.started.append(request)
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, **request):
        state = self.states.pop(0)
        if state == "Ctrl-C":
            raise KeyboardInterrupt
        return {
            "QueryExecution": {
                **request,
                "Status": {"State": state, "StateChangeReason": self.why},
                "StatementType": self.kind,
                "ResultConfiguration": {"OutputLocation": OUTPUT},
                "Statistics": {"DataScannedInBytes": 20 * 1024 * 1024},
            }
        }

    def get_query_results(self, **request):
        self.asked.append(request.get("NextToken"))
        at = int(request.get("NextToken", 0))
        info = [
            {"Name": "id", "Type": "varchar", "Precision": 2147483647, "Scale": 0},
            {"Name": "price", "Type": "decimal", "Precision": 38, "Scale": 2},
        ]
        rows = [{"Data": [{} if each is None else {"VarCharValue": each} for each in row]} for row in self.pages[at]]
        more = {"NextToken": str(at + 1)} if at + 1 < len(self.pages) else {}
        return {"ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": info}}, **more}

    def stop_query_execution(self, **request):
        if self.refusal:
            raise self.refusal
        self.stopped.append(request["QueryExecutionId"])


class S3:
    def __init__(self, data=b""):
        self.data = data

    def get_object(self, **request):
        assert "s3://{Bucket}/{Key}".format(**request) == OUTPUT
        return {"Body": io.BytesIO(self.data)}


HEADER = ("id", "price")
ONE = Query("SELECT 1")


@pytest.fixture(autouse=True)
def slept(monkeypatch):
    waits = []
    monkeypatch.setattr(athena, "sleep", waits.append)
    return waits


def ask(client, s3=None, query=ONE, **more):
    return Athena(client, s3 or S3(), "group", "shop", more.pop("tell", lambda _state: None), **more).ask(query)


def test_a_query_runs_in_the_workgroup_with_its_parameters_as_literals_beside_it():
    client = Client([[HEADER]])

    ask(client, query=Query("SELECT * FROM t WHERE id = ? AND x = ?", ("it's", "7")))

    (request,) = client.started
    assert request["QueryString"] == "SELECT * FROM t WHERE id = ? AND x = ?"
    assert request["ExecutionParameters"] == ["'it''s'", "'7'"]
    assert request["WorkGroup"] == "group"
    assert request["QueryExecutionContext"]["Database"] == "shop"
    assert "ResultConfiguration" not in request


def test_rows_of_one_page_come_without_the_names_and_with_null_apart_from_empty_text():
    result = ask(Client([[HEADER, ("a", "1.10"), ("", None)]]))

    assert [(column.name, column.type) for column in result.columns] == [("id", "varchar"), ("price", "decimal(38,2)")]
    assert list(result.rows) == [("a", "1.10"), ("", None)]


def test_more_rows_than_a_page_holds_are_read_from_the_file_and_not_page_by_page():
    client = Client([[HEADER, ("a", "1.10")], [("b", None)]])

    result = ask(client, S3(b'"id","price"\n"a","1.10"\n"b",\n"","2"\n'))

    assert list(result.rows) == [("a", "1.10"), ("b", None), ("", "2")]
    assert client.asked == [None]


def test_what_a_utility_prints_has_no_names_in_it():
    assert list(ask(Client([[HEADER, ("orders", None)]], kind="UTILITY")).rows) == [HEADER, ("orders", None)]


def test_waiting_tells_the_state_and_grows_longer_up_to_a_limit(slept):
    told = []

    ask(Client([[HEADER]], states=["QUEUED", *["RUNNING"] * 12, "SUCCEEDED"]), tell=told.append)

    assert told[0].startswith("Athena: queued")
    assert told[-1].startswith("Athena: running")
    assert slept == sorted(slept)
    assert (slept[0], slept[-1]) == (0.1, 2.0)


def test_ctrl_c_stops_the_query_at_aws_too_and_says_so():
    client = Client(states=["RUNNING", "Ctrl-C"])

    with pytest.raises(StoppedError, match="Athena was told to stop query q-1"):
        ask(client)
    assert client.stopped == ["q-1"]


def test_ctrl_c_while_a_query_is_being_started_stops_it_too():
    client = Client(states=["RUNNING"])
    start = client.start_query_execution

    def start_slowly(**request):
        _thread.interrupt_main()
        return start(**request)

    client.start_query_execution = start_slowly
    with pytest.raises(StoppedError, match="Athena was told to stop query q-1"):
        ask(client)
    assert client.stopped == ["q-1"]


def test_a_second_ctrl_c_does_not_wait_for_a_request_that_hangs():
    client = Client(states=["RUNNING"])

    def hang(**_):
        _thread.interrupt_main()
        _thread.interrupt_main()
        pytest.fail("the second one was held back")

    client.start_query_execution = hang
    with pytest.raises(StoppedError, match=r"^interrupted$"):
        ask(client)


def test_ctrl_c_that_athena_does_not_take_says_how_to_stop_the_query():
    client = Client(states=["Ctrl-C"])
    athena_ = Athena(client, S3(), "group", "shop", lambda _state: None)
    start = client.start_query_execution

    def start_then_refuse(**request):
        answer = start(**request)
        client.refusal = failed("StopQueryExecution", 403, "AccessDenied")
        return answer

    client.start_query_execution = start_then_refuse
    with pytest.raises(StoppedError, match=r"the query goes on; .*stop-query-execution --query-execution-id q-1"):
        athena_.ask(Query("SELECT 1"))


@pytest.mark.parametrize(
    ("state", "why", "says"),
    [
        ("FAILED", "SYNTAX_ERROR: line 1:1:\n nothing", "^the query failed: SYNTAX_ERROR: line 1:1: nothing$"),
        (
            "CANCELLED",
            "Bytes scanned limit was exceeded",
            "^the query was cancelled: Bytes scanned limit was exceeded$",
        ),
        ("FAILED", "Access Denied: s3://lake/errors/orders/x", "failed records are closed to analysts"),
        ("FAILED", "", "no reason given"),
    ],
)
def test_a_query_that_fails_says_why_in_one_line(state, why, says):
    with pytest.raises(LakeError, match=says):
        ask(Client(states=[state], why=why))


def test_a_query_that_is_refused_says_what_athena_says():
    client = Client()
    client.refusal = failed("StartQueryExecution", 400, "InvalidRequestException")
    client.refusal.response["Error"]["Message"] = "Queries of this type are not supported"

    with pytest.raises(LakeError, match=r"^Athena refused the query: Queries of this type are not supported$"):
        ask(client)


def test_what_was_read_and_paid_is_told_where_it_costs():
    assert "20.0 MiB read, about 0.00010 USD" in ask(Client([[HEADER]])).told
    assert "USD" not in ask(Client([[HEADER]]), costs=False).told

"""What `query` answers, by Athena and by DuckDB, beside what the table held and what was written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from time import sleep

import pytest

from tests.system.test_flow import ARTICLE, change, lines_under
from tests.system.waiting import wait_until
from tools import paths
from tools.errors import LakeError
from tools.operations.query_request import Request
from tools.operations.querying import Lake

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

ENGINES = ("athena", "duckdb")
TICK_SECONDS = 1.2
"""The times of changes are whole seconds here: an instant between two changes needs a second between them."""

DIGITS = ("12345678901234567890123456789012345678", "0.1234567890123456789012345678901234567", "-7", "1E+20")
FRACTIONS = ("0.12345678901234567890123456789012345678", "-0.5", "0")
SLOW = (
    "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b (y) "
    "CROSS JOIN UNNEST(sequence(1, 10000)) AS c (z) WHERE (x * y + z) % 7 = 3"
)


def item(number, version):
    return {
        "id": {"S": f"query-{number}"},
        "note": {"S": ["", 'it\'s "quoted"', "line\nbreak \u2028", "日本"][(number + version) % 4]},
        "amount": {"N": ["1.10", "99999999999999999999999999999999.99", "-0.05"][(number + version) % 3]},
        "digits": {"N": DIGITS[(number + version) % 4]},
        "fraction_38": {"N": FRACTIONS[(number + version) % 3]},
        **({"paid": {"BOOL": version % 2 == 0}} if number % 2 else {}),
    }


class Driver:
    """Writes items, and keeps what it did: each change, and what the table held at instants between."""

    def __init__(self, dynamodb):
        self.dynamodb = dynamodb
        self.log = []
        self.held = {}
        self.instants = []

    def put(self, number, version):
        event = "MODIFY" if f"query-{number}" in self.held else "INSERT"
        written = item(number, version)
        self.dynamodb.put_item(TableName=ARTICLE, Item=written)
        self.held[f"query-{number}"] = written
        self.log.append((f"query-{number}", event, written))

    def remove(self, number):
        written = self.held.pop(f"query-{number}")
        self.dynamodb.delete_item(TableName=ARTICLE, Key={"id": written["id"]})
        self.log.append((f"query-{number}", "REMOVE", written))

    def tick(self):
        sleep(TICK_SECONDS)
        self.instants.append((datetime.now(UTC).isoformat(), dict(self.held)))
        sleep(TICK_SECONDS)


@pytest.fixture(scope="module")
def driver(deployed):
    """Changes that have arrived, some of them twice and some an hour later than the changes after them."""
    driver = Driver(deployed.client("dynamodb"))
    known = deployed.keys(f"data/{ARTICLE}/")
    for number in range(6):
        driver.put(number, 1)
    driver.tick()
    driver.put(0, 2)
    driver.put(0, 3)
    driver.put(1, 2)
    driver.remove(2)
    driver.remove(3)
    driver.put(3, 2)
    driver.tick()
    driver.put(2, 4)
    driver.remove(4)
    driver.tick()

    def arrived():
        rows = map(json.loads, lines_under(deployed, f"data/{ARTICLE}/", known))
        return len({row["cdc_event_id"] for row in rows if row["id"].startswith("query-")}) == len(driver.log)

    wait_until(arrived, f"{len(driver.log)} changes")
    repeat_and_delay(deployed, [key for key in deployed.keys(f"data/{ARTICLE}/") if key not in known])
    return driver


def repeat_and_delay(deployed, keys):
    """Puts each other object where a second delivery would lie, and moves the others to where a late one would."""
    s3, bucket = deployed.client("s3"), deployed.outputs.bucket_name
    for number, key in enumerate(keys):
        folder, _, name = key.rpartition("/")
        other = 22 if folder.endswith("=23") else 23
        s3.copy_object(
            Bucket=bucket, Key=f"{folder[:-2]}{other}/again-{name}", CopySource={"Bucket": bucket, "Key": key}
        )
        if number % 2:
            s3.delete_object(Bucket=bucket, Key=key)


@pytest.fixture(scope="module")
def query(deployed):
    """Runs the verb and returns the rows of this test's items."""

    def query(engine, *arguments, table=True):
        chosen = ("--table", ARTICLE) if table else ()
        result = deployed.verb("query", *arguments, *chosen, "--engine", engine, "--json")
        assert result.returncode == 0, result.stderr
        return [
            row
            for row in map(json.loads, filter(None, result.stdout.split("\n")))
            if row.get("id", "query-").startswith("query-")
        ]

    return query


def columns(typed):
    """Returns what an item's columns must read, of the types in tests/system/columns; DynamoDB drops zeros behind."""
    return {
        "id": typed["id"]["S"],
        "note": typed["note"]["S"],
        "amount": decimal(typed["amount"]["N"], 2),
        "digits": format(Decimal(typed["digits"]["N"]), "f"),
        "fraction_38": decimal(typed["fraction_38"]["N"], 38),
        "paid": typed["paid"]["BOOL"] if "paid" in typed else None,
    }


def decimal(digits, scale):
    whole, _, behind = digits.partition(".")
    assert len(behind) <= scale
    return f"{whole}.{behind.ljust(scale, '0')}"


def own(row):
    return {name: row[name] for name in ("id", "note", "amount", "digits", "fraction_38", "paid")}


def by_id(rows):
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: own(row) for row in rows}


@pytest.mark.parametrize("engine", ENGINES)
def test_current_equals_the_table_digit_for_digit(deployed, driver, query, engine):
    held = {}
    for key in {key for key, _, _ in driver.log}:
        found = deployed.client("dynamodb").get_item(TableName=ARTICLE, Key={"id": {"S": key}}, ConsistentRead=True)
        if "Item" in found:
            held[key] = columns(found["Item"])

    assert held == {key: columns(written) for key, written in driver.held.items()}
    assert by_id(query(engine, "--current")) == held


@pytest.mark.parametrize("engine", ENGINES)
def test_as_of_equals_what_the_table_held_then(driver, query, engine):
    """`test_truth.py` asks for more instants."""
    instant, held = driver.instants[1]

    assert by_id(query(engine, "--as-of", instant)) == {key: columns(written) for key, written in held.items()}


@pytest.mark.parametrize("engine", ENGINES)
def test_history_and_changes_of_an_item_are_what_was_done_to_it(driver, query, engine):
    """`test_truth.py` asks for more items."""
    for question, key in (("--history", "query-2"), ("--changes", "query-3")):
        done = [(event, columns(written)) for each, event, written in driver.log if each == key]

        assert [(row["cdc_event"], own(row)) for row in query(engine, question, key)] == done


@pytest.mark.parametrize("engine", ENGINES)
def test_sql_with_a_parameter_answers_the_same_by_either(deployed, driver, query, engine):
    view = f"{deployed.outputs.tables[ARTICLE].catalog_table}_current"
    sql = " ".join(["SELECT id, amount FROM", view, "WHERE note = ? ORDER BY id"])

    rows = query(engine, sql, "--param", 'it\'s "quoted"', table=False)

    held = (columns(written) for _, written in sorted(driver.held.items()))
    assert rows == [{"id": each["id"], "amount": each["amount"]} for each in held if each["note"] == 'it\'s "quoted"']
    assert rows


@pytest.mark.parametrize("engine", ENGINES)
def test_an_answer_of_several_pages_comes_whole_and_in_its_order(query, engine):
    sql = "SELECT x, CASE WHEN x % 2 = 0 THEN '' END AS empty FROM UNNEST(sequence(1, 2500)) AS t (x) ORDER BY x"

    rows = query(engine, sql, table=False)

    assert rows == [{"x": number, "empty": None if number % 2 else ""} for number in range(1, 2501)]


def test_failed_records_are_told_with_their_reason(deployed, query):
    stream = deployed.outputs.tables[ARTICLE].stream_name
    known = deployed.keys(f"errors/{ARTICLE}/")
    deployed.client("kinesis").put_record(StreamName=stream, Data=b"not a change either", PartitionKey="same")
    wait_until(lambda: set(deployed.keys(f"errors/{ARTICLE}/")) - set(known), "a line under errors/")

    for engine in ENGINES:
        rows = query(engine, "--failed")
        assert rows
        assert all(row["errorcode"] and row["errormessage"] and "rawdata" not in row for row in rows)


def test_what_is_listed_can_be_downloaded_and_is_what_s3_has(deployed, driver, query, tmp_path):
    keys = deployed.keys(f"data/{ARTICLE}/")

    listed = [row["key"] for row in query("athena", "--list")]
    result = deployed.verb("query", "--table", ARTICLE, "--download", str(tmp_path))
    again = deployed.verb("query", "--table", ARTICLE, "--download", str(tmp_path))

    assert listed == keys
    assert result.returncode == 0, result.stderr
    assert f"0 objects copied to {tmp_path}, 0.0 MiB; {len(keys)} were there already" in again.stderr
    s3, bucket = deployed.client("s3"), deployed.outputs.bucket_name
    for key in keys:
        assert (tmp_path / key).read_bytes() == s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def start(deployed, *arguments):
    """Starts the verb as a terminal does: a Ctrl-C that this process ignores would be ignored there too."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "tools.query", "single-account", "--local", *arguments],
            cwd=paths.REPOSITORY,
            env={**environment, "LAKE_LOCAL_HOME": str(deployed.home), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, own)


def test_tail_tells_a_change_that_comes_while_it_runs(deployed):
    following = start(deployed, "--tail", "--table", ARTICLE, "--json", "--since", f"{datetime.now(UTC):%Y-%m-%d}")
    try:
        following.stdout.readline()
        stream = deployed.outputs.tables[ARTICLE].stream_name
        deployed.client("kinesis").put_record(StreamName=stream, Data=change("tailed"), PartitionKey="1")
        assert any(json.loads(line)["id"] == "tailed" for line in following.stdout)
    finally:
        following.send_signal(signal.SIGINT)
        following.communicate(timeout=60)
    assert following.returncode == 130


def test_ctrl_c_stops_the_query_at_athena_too(deployed):
    athena, workgroup = deployed.client("athena"), deployed.outputs.workgroup_name
    known = set(athena.list_query_executions(WorkGroup=workgroup)["QueryExecutionIds"])
    running = start(deployed, SLOW)

    def started():
        new = set(athena.list_query_executions(WorkGroup=workgroup)["QueryExecutionIds"]) - known
        return next((each for each in new if state(athena, each) == "RUNNING"), None)

    identifier = wait_until(started, "a running query")
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)

    assert running.returncode == 130
    assert f"Athena was told to stop query {identifier}" in told.replace("\n", " ")
    wait_until(lambda: state(athena, identifier) == "CANCELLED", "the query to be cancelled")


def state(athena, identifier):
    return athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]["State"]


@pytest.fixture(scope="module")
def analyst(deployed):
    """The lake as a role sees it that has the deployment's policy for readers and nothing else."""
    account = deployed.outputs.account_id
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    iam = deployed.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.put_role_policy(RoleName="reader", PolicyName="reader", PolicyDocument=deployed.outputs.reader_policy_json)
    yield Lake(deployed.session(arn), deployed.outputs, "single-account", is_local=True)
    iam.delete_role_policy(RoleName="reader", PolicyName="reader")
    iam.delete_role(RoleName="reader")


def rows_of(lake, engine, cache, **asked):
    request = Request(table=ARTICLE, engine=engine, cache=cache, cache_bytes=1 << 30, **asked)
    result = lake.answer(request, lambda _state: None)
    return [dict(zip([column.name for column in result.columns], row, strict=True)) for row in result.rows]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_analyst_may_ask_for_what_was_delivered_and_not_for_what_failed(driver, analyst, tmp_path, engine):
    history = rows_of(analyst, engine, tmp_path, history="query-0")

    assert [row["cdc_event"] for row in history] == ["INSERT", "MODIFY", "MODIFY"]
    assert [row["key"] for row in rows_of(analyst, engine, tmp_path, lists=True)]
    with pytest.raises(LakeError, match="failed records are closed to analysts") as error:
        rows_of(analyst, engine, tmp_path, failed=True)
    assert "\n" not in str(error.value)


def test_both_serdes_read_decimals_and_text_alike(deployed, driver, query):
    glue, outputs = deployed.client("glue"), deployed.outputs
    name = outputs.tables[ARTICLE].catalog_table
    described = glue.get_table(DatabaseName=outputs.database_name, Name=name)["Table"]
    kept = ("Parameters", "PartitionKeys", "StorageDescriptor", "TableType")
    other = {each: described[each] for each in kept} | {"Name": f"{name}_openx"}
    other["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] = "org.openx.data.jsonserde.JsonSerDe"
    glue.create_table(DatabaseName=outputs.database_name, TableInput=other)
    try:
        sql = "SELECT cdc_event_id, id, note, amount, fraction_38, paid FROM {} WHERE id LIKE 'query-%' ORDER BY 1, 2"
        hive = query("athena", sql.format(name), table=False)
        assert hive
        assert query("athena", sql.format(f"{name}_openx"), table=False) == hive
        assert query("duckdb", sql.format(f"{name}_openx"), table=False) == hive
    finally:
        glue.delete_table(DatabaseName=outputs.database_name, Name=f"{name}_openx")

"""The columns of a deployed lake: what is new, what no longer reads back, and the very rows that show it."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.system.commands import done
from tests.system.waiting import wait_until
from tools import paths
from tools.lake import objects

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

TABLE = "customers"


def put(deployed, number, **attributes):
    deployed.client("dynamodb").put_item(TableName=TABLE, Item={"CustomerId": {"N": str(number)}, **attributes})


def lines(deployed):
    """Returns the lines of the table's objects: key of the object -> lines."""
    s3, bucket = deployed.client("s3"), deployed.outputs.bucket_name
    return {key: objects.read_lines(s3, bucket, key) for key in deployed.keys(f"data/{TABLE}/")}


def arrived(deployed, number):
    return any(f'"customerid":{number},' in line for found in lines(deployed).values() for line in found)


def schema(deployed, folder, *options):
    return deployed.verb("schema", "--table", TABLE, "--columns", str(folder), *options)


def column(result, name):
    (table,) = json.loads(result.stdout)
    (found,) = [each for each in table["columns"] if each["name"] == name]
    return found


@pytest.fixture
def columns(deployed, tmp_path):
    """A copy of the folder that the lake is deployed with, and that folder again afterwards."""
    folder = tmp_path / "columns"
    shutil.copytree(paths.REPOSITORY / "tests" / "system" / "columns", folder)
    yield folder
    deployed.redeploy()


def asked(deployed, sql, *options):
    """Returns what a query answers: value of the first column -> values of the others."""
    result = deployed.verb("query", sql, "--json", *options)
    assert result.returncode == 0, result.stderr
    rows = (list(json.loads(line).values()) for line in result.stdout.splitlines())
    return {first: tuple(others) for first, *others in rows}


def read_by_openx(deployed, database):
    """Returns the name of another table over the same objects, with the other SerDe."""
    glue = deployed.client("glue")
    described = glue.get_table(DatabaseName=database, Name=TABLE)["Table"]
    storage = described["StorageDescriptor"]
    storage["SerdeInfo"]["SerializationLibrary"] = "org.openx.data.jsonserde.JsonSerDe"
    table = {name: described[name] for name in ("StorageDescriptor", "PartitionKeys", "TableType", "Parameters")}
    glue.create_table(DatabaseName=database, TableInput={"Name": f"{TABLE}_openx", **table})
    return f"{TABLE}_openx"


def test_new_attributes_and_a_number_that_turns_to_text_are_found_and_after_a_deploy_read_as_written(deployed, columns):
    balances = {9000: "1.5", 9001: "9001.25", 9002: "123456789012345678901234567890123456.07"}
    put(deployed, 9000, balance={"N": balances[9000]})
    for number in (9001, 9002):
        more = {"score": {"N": str(10**17 + number)}, "address": {"M": {"city": {"S": "Oslo"}}}}
        put(deployed, number, balance={"N": balances[number]}, **more)
    put(deployed, 9003, balance={"S": "none"})
    wait_until(lambda: all(arrived(deployed, number) for number in range(9000, 9004)), "four items")

    refused = schema(deployed, columns, "--check")
    assert refused.returncode == 3
    assert "not declared: " in refused.stderr
    assert "not read back with the deployed type: 1 value (balance)" in refused.stderr
    found = schema(deployed, columns, "--json", "--numbers", "typed")
    assert json.loads(found.stdout)[0]["rows"] == sum(map(len, lines(deployed).values()))
    assert (column(found, "score")["proposed"], column(found, "score")["kinds"]) == ("bigint", {"number": 2})
    told = column(found, "balance")
    assert (told["status"], told["lost"], told["proposed"]) == ("conflict", {"null": 1}, "string")
    (example,) = told["examples"]
    row = json.loads(lines(deployed)[example["object"]][example["line"] - 1])
    assert (row["balance"], row["cdc_key"]) == ("none", example["cdc_key"]) == ("none", '{"CustomerId":9003}')
    sql = f"SELECT cdc_key, balance FROM {TABLE} WHERE cdc_key LIKE '%:900_}}'"  # noqa: S608
    assert asked(deployed, sql)[example["cdc_key"]] == (None,)

    written = schema(deployed, columns, "--numbers", "typed", "--write", "--yes")
    assert written.returncode == 0, written.stderr
    declared = json.loads((columns / f"{TABLE}.json").read_text())
    own = {"address__city": "string", "balance": "string", "score": "bigint"}
    # Other tests write other columns to this table.
    assert {name: declared.get(name) for name in own} == own
    done(*deployed.deploy[:-1], f"columns_directory={columns}", home=deployed.home)
    assert schema(deployed, columns, "--check").returncode == 0
    oslo = {number: (balances[number], 10**17 + number, "Oslo") for number in (9001, 9002)}
    values = {9000: (balances[9000], None, None), **oslo, 9003: ("none", None, None)}
    wanted = {f'{{"CustomerId":{number}}}': found for number, found in values.items()}
    sql = sql.replace("balance", "balance, score, address__city")
    current = sql.replace(f"FROM {TABLE}", f"FROM {TABLE}_current")
    assert asked(deployed, current, "--engine", "duckdb") == wanted
    openx = read_by_openx(deployed, deployed.outputs.database_name)
    by_openx = sql.replace("cdc_key,", "concat('openx ', cdc_key),").replace(f"FROM {TABLE}", f"FROM {openx}")
    try:
        both = asked(deployed, f"{sql} UNION ALL {by_openx}")
    finally:
        deployed.client("glue").delete_table(DatabaseName=deployed.outputs.database_name, Name=openx)
    assert both == wanted | {f"openx {key}": found for key, found in wanted.items()}


def test_items_that_no_change_has_shown_are_found_in_a_sample_of_the_table(deployed, tmp_path):
    put(deployed, 9101, sampled={"BOOL": True})

    # Of a day before there was a lake: what is found is from the table.
    found = schema(deployed, tmp_path, "--json", "--until", "2000-01-01", "--sample-table", "1000")

    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)[0]["objects"] == 0
    assert column(found, "sampled")["proposed"] == "boolean"


def test_the_models_for_dbt_are_answered_as_they_are_written(deployed, tmp_path):
    put(deployed, 9201, seen={"BOOL": True})
    put(deployed, 9202, seen={"BOOL": True})
    wait_until(lambda: arrived(deployed, 9201) and arrived(deployed, 9202), "both items")

    written = schema(deployed, tmp_path, "--dbt", str(tmp_path / "models"))
    assert written.returncode == 0, written.stderr

    answers = {}
    for model in ("current", "history", "changes_a_day"):
        sql = (tmp_path / "models" / f"lake_{TABLE}_{model}.sql").read_text().partition("\n\n")[2]
        asked = re.sub(r"\{\{ source\('lake', '(\w+)'\) \}\}", r"\1", sql)
        result = deployed.verb("query", asked, "--json")
        assert result.returncode == 0, result.stderr
        answers[model] = [json.loads(line) for line in result.stdout.splitlines()]
    keys = {f'{{"CustomerId":{number}}}' for number in (9201, 9202)}
    assert keys <= {row["cdc_key"] for row in answers["current"]}
    assert keys <= {row["cdc_key"] for row in answers["history"] if row["is_current"]}
    changes = {json.loads(line)["cdc_event_id"] for found in lines(deployed).values() for line in found}
    assert sum(row["changes"] for row in answers["changes_a_day"]) == len(changes)
    again = schema(deployed, tmp_path, "--dbt", str(tmp_path / "models"))
    assert again.returncode == 0, "what it wrote itself it writes again"
    (tmp_path / "models" / "sources.yml").write_text("version: 2\n")
    again = schema(deployed, tmp_path, "--dbt", str(tmp_path / "models"))
    assert again.returncode == 3
    assert "sources.yml" in again.stderr

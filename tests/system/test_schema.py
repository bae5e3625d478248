"""The columns of a deployed lake: what is new, what no longer reads back, and the very rows that show it."""

from __future__ import annotations

import json
import re

import pytest

from tests.system.waiting import wait_until
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


def test_a_new_attribute_is_found_and_a_number_that_turns_to_text_is_named_with_its_row(deployed, tmp_path):
    for number in (9001, 9002):
        put(deployed, number, balance={"N": f"{number}.25"}, address={"M": {"city": {"S": "Oslo"}}})
    wait_until(lambda: arrived(deployed, 9001) and arrived(deployed, 9002), "both items")

    found = schema(deployed, tmp_path, "--json", "--numbers", "typed")
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)[0]["rows"] == sum(map(len, lines(deployed).values()))
    assert column(found, "balance")["kinds"] == {"number": 2}
    assert column(found, "customerid")["status"] == "same"
    missing = schema(deployed, tmp_path, "--check")
    assert missing.returncode == 3
    assert "balance" in missing.stderr

    written = schema(deployed, tmp_path, "--numbers", "typed", "--write", "--yes")
    assert written.returncode == 0, written.stderr
    declared = json.loads((tmp_path / f"{TABLE}.json").read_text())
    assert (declared["balance"], declared["address__city"]) == ("decimal(38,2)", "string")
    assert schema(deployed, tmp_path, "--check").returncode == 0

    put(deployed, 9003, balance={"S": "none"})
    wait_until(lambda: arrived(deployed, 9003), "the third item")
    refused = schema(deployed, tmp_path, "--check")
    assert refused.returncode == 3
    assert "1 value (balance)" in refused.stderr
    told = column(schema(deployed, tmp_path, "--json"), "balance")
    assert (told["status"], told["lost"], told["proposed"]) == ("conflict", {"null": 1}, "string")
    (example,) = told["examples"]
    row = json.loads(lines(deployed)[example["object"]][example["line"] - 1])
    assert (row["balance"], row["cdc_key"]) == ("none", example["cdc_key"]) == ("none", '{"CustomerId":9003}')


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

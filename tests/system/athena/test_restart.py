"""Queries, views and prepared statements are there again after local AWS was stopped."""

from __future__ import annotations

import pytest

from tests.system.athena.conftest import Athena
from tests.system.commands import done
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("athena")]

PLACE = {"ResultConfiguration": {"OutputLocation": "s3://of-the-restart/results/"}}


def test_what_athena_keeps_outlives_a_restart(tmp_path_factory):
    home = tmp_path_factory.mktemp("restart")
    done("tools.local", "up", home=home, timeout=600)
    before = Athena(service.connect(home).environment(service.SINGLE_ACCOUNT))
    before.aws.client("s3").create_bucket(Bucket="of-the-restart")
    before.aws.client("glue").create_database(DatabaseInput={"Name": "conformance"})
    for statement in (
        "CREATE VIEW kept AS SELECT CAST(1.10 AS decimal(38,2)) AS price, TIMESTAMP '2026-03-01 07:00:00' AS moment",
        "PREPARE kept FROM SELECT price FROM kept WHERE price > ?",
    ):
        assert before.ask(statement, **PLACE).reason == ""
    done_before = before.ask("SELECT * FROM kept", **PLACE)
    endless = before.start(
        "SELECT count(*) FROM UNNEST(sequence(1, 1000000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 1000000)) AS b (y) "
        "WHERE x * 7 % 13 = y * 11 % 17",
        **PLACE,
    )

    done("tools.local", "down", home=home)
    done("tools.local", "up", home=home, timeout=600)

    after = Athena(service.connect(home).environment(service.SINGLE_ACCOUNT))
    query = done_before.execution["QueryExecutionId"]
    rows = after.client.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    assert [[each["VarCharValue"] for each in row["Data"]] for row in rows] == done_before.rows
    assert after.wait(endless)["Status"]["State"] == "FAILED"
    assert after.ask("EXECUTE kept USING 1", **PLACE).rows == [["price"], ["1.10"]]
    done("tools.local", "down", home=home)

"""Destroying names what is lost, refuses to lose the lake by accident, and leaves nothing behind.

Runs last (files run in the order of their names): it takes down what the other tests share.
"""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]


def test_destroy_keeps_a_lake_that_holds_objects_and_says_how_many(deployed):
    result = deployed.verb("destroy", "--yes")

    assert result.returncode == 3
    assert "object versions" in result.stderr
    assert "--purge-bucket" in result.stderr
    assert deployed.keys("data/")


def test_destroy_asks_and_without_a_terminal_does_nothing(deployed):
    result = deployed.verb("destroy", "--purge-bucket")

    assert result.returncode == 2
    assert "pass --yes" in result.stderr
    assert "table   blog-srsa-ddb-table and every item in it" in result.stdout
    assert deployed.keys("data/")


def test_destroy_with_purge_removes_every_version_but_never_a_table_that_was_there_before(deployed):
    result = deployed.verb("destroy", "--yes", "--purge-bucket", timeout=600)

    assert result.returncode == 0, result.stdout + result.stderr
    assert deployed.client("s3").list_buckets()["Buckets"] == []
    assert deployed.client("dynamodb").list_tables()["TableNames"] == ["customers"]
    assert deployed.client("kinesis").list_streams()["StreamNames"] == []


def test_what_is_destroyed_is_no_longer_deployed(deployed):
    result = deployed.verb("verify")

    assert result.returncode == 1
    assert "not deployed here; deploy it first" in result.stderr

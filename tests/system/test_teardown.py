"""Destroying names what is lost, refuses to lose the lake by accident, and leaves nothing behind.

Runs last (files run in the order of their names): it takes down what the other tests share.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.system.faults import judge
from tests.system.waiting import wait_until
from tools import paths

LAUNCHER = "tests.system.faults.launcher"
DESTROY = ("single-account", "--local", "--yes", "--purge-bucket")

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]


@pytest.fixture(scope="module")
def filled(deployed):
    """The deployment with something in its lake, also where no other test has written."""
    deployed.client("dynamodb").put_item(TableName="orders", Item={"Customer": {"S": "first"}, "PlacedAt": {"N": "1"}})
    wait_until(lambda: deployed.keys("data/"), "an object in the lake")
    return deployed


def test_destroy_keeps_a_lake_that_holds_objects_and_says_how_many(filled):
    result = filled.verb("destroy", "--yes")

    assert result.returncode == 3
    assert "object versions" in result.stderr
    assert "--purge-bucket" in result.stderr
    assert filled.keys("data/")


def test_destroy_asks_and_without_a_terminal_does_nothing(filled):
    result = filled.verb("destroy", "--purge-bucket")

    assert result.returncode == 2
    assert "pass --yes" in result.stderr
    assert "table   blog-srsa-ddb-table and every item in it" in result.stdout
    assert filled.keys("data/")


def test_the_last_change_before_a_destroy_comes_to_the_lake_and_a_killed_destroy_goes_on(deployed, tmp_path):
    """Killed just before the lake is emptied, so that it can be looked at."""
    fault = {"function": "tools.lake.purge:purge", "when": "before", "mark": str(tmp_path / "killed")}
    item = {"Customer": {"S": "the-last-change"}, "PlacedAt": {"N": "1"}}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    destroy = subprocess.Popen(
        [sys.executable, "-u", "-m", LAUNCHER, json.dumps({"kill": fault}), "tools.destroy", *DESTROY],
        cwd=paths.REPOSITORY,
        env={**environment, "LAKE_LOCAL_HOME": str(deployed.home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in destroy.stdout:
        if line.startswith("==> stop changes"):
            deployed.client("dynamodb").put_item(TableName="orders", Item=item)
            break
    printed, _ = destroy.communicate(timeout=600)

    assert destroy.returncode == -signal.SIGKILL, printed
    assert "s in the buffers of" in printed
    objects = judge.read_objects(deployed.client("s3"), deployed.outputs.bucket_name).values()
    assert any(b"the-last-change" in content for content in objects)
    assert deployed.client("dynamodb").describe_table(TableName="orders")["Table"]["DeletionProtectionEnabled"]


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

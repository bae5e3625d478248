from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.tools.plan_review.plans import planned
from tools.deployments import environments
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.deployments.outputs import Outputs, Table
from tools.deployments.settings import Claim
from tools.lake.purge import Contents
from tools.operations import removal_report
from tools.plan_review.removal import Removal

A = "111111111111"


@pytest.fixture
def dev(tmp_path):
    home = DeploymentFolder(tmp_path / "single-account" / "dev")
    return Deployment(environments.find("single-account"), home, home.terraform_folder, home.data_folder, {})


def test_what_would_go_is_named_with_its_account_region_and_tables(dev):
    table = Table("s", "arn:role", "data/", "errors/")
    outputs = Outputs("eu-west-1", A, tables={"orders": table, "events": table})

    said = removal_report.describe(dev, outputs)

    named = f"(deployment dev in account {A}, eu-west-1; tables: events, orders)"
    assert said == f"single-account --deployment dev {named}"
    without_outputs = replace(dev, claim=Claim(A, "eu-west-1", None, ("orders",)))
    assert "tables: orders)" in removal_report.describe(without_outputs, Outputs("eu-west-1", A))


def test_what_holds_data_is_named_and_how_long_an_account_takes(dev, capsys):
    removed = Removal(
        tables=("orders",),
        protected_tables=("orders",),
        buckets={"lake": "us-east-1"},
        key_arns=("arn:key",),
        functions=("f",),
    )

    removal_report.announce(planned(), dev, removed, {"lake": Contents(3, 1, 2**20)}, "dev")
    said = capsys.readouterr().out

    assert "  table   orders and every item in it; its deletion protection is lifted for that\n" in said
    assert "  bucket  lake with 3 object versions and 1 delete markers (1.0 MiB)\n" in said
    assert "  key     arn:key (scheduled for deletion)\n" in said
    assert "20 to 60 minutes" in said
    removal_report.announce(planned(), replace(dev, is_local=True), removed, {"lake": Contents()}, "dev")
    assert "20 to 60 minutes" not in capsys.readouterr().out


def test_of_two_buckets_each_is_named_with_its_region(dev, capsys):
    removed = Removal(buckets={"lake": "us-east-1", "copy": "us-west-2"})

    removal_report.announce(planned(), dev, removed, {"lake": Contents(3), "copy": Contents(2, 1)}, "dev")

    said = capsys.readouterr().out
    assert "  bucket  lake in us-east-1 with 3 object versions" in said
    assert "  bucket  copy in us-west-2 with 2 object versions and 1 delete markers" in said

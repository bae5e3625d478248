"""What a deploy made stays as it was made, and what somebody changes by hand is found."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.system import test_flow as flow
from tests.system.commands import LAKE_SETTINGS, kept_plan

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]


def test_a_second_plan_changes_nothing_but_what_the_emulator_is_known_to_forget(deployed):
    result = deployed.verb("deploy", "--native", "--plan-only", *LAKE_SETTINGS)

    assert result.returncode == 0, result.stdout + result.stderr
    assert kept_plan(deployed.home, "single-account") == ()


def test_the_plan_that_was_kept_is_applied_once(deployed, tmp_path):
    file = tmp_path / "reviewed.tfplan"
    shutil.copy(deployed.home / "deployments" / "single-account" / "default" / "data" / "lake.tfplan", file)
    result = deployed.verb("deploy", "--apply", str(file), "--yes")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "no resource changes" in result.stdout
    again = deployed.verb("deploy", "--apply", str(file), "--yes")
    assert again.returncode == 1
    assert "has no plan that was kept, or it was applied" in again.stderr


def test_what_somebody_changes_by_hand_is_found_and_nothing_else_once_it_is_put_back(deployed):
    s3, bucket = deployed.client("s3"), deployed.outputs.bucket_name
    iam, role = deployed.client("iam"), deployed.outputs.tables[flow.ARTICLE].delivery_role_arn.rpartition("/")[2]
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    iam.put_role_policy(RoleName=role, PolicyName="by-hand", PolicyDocument=json.dumps(everything))
    try:
        result = deployed.verb("deploy", "--check-drift", *LAKE_SETTINGS)
        assert result.returncode == 3
        assert 'status: "Enabled" -> "Suspended"' in result.stdout
        assert "allow s3:* on *" in result.stdout
        assert "2 resource(s) were changed outside of Terraform" in result.stderr
    finally:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        iam.delete_role_policy(RoleName=role, PolicyName="by-hand")

    result = deployed.verb("deploy", "--check-drift", *LAKE_SETTINGS)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "nothing was changed outside of Terraform" in result.stdout


def test_drift_of_what_is_not_deployed_is_a_failure_and_not_an_answer(deployed):
    result = deployed.verb(
        "deploy", "--check-drift", *LAKE_SETTINGS, LAKE_LOCAL_HOME=str(deployed.home / "nothing-here")
    )

    assert result.returncode == 1
    assert "not running" in result.stderr or "not deployed" in result.stderr

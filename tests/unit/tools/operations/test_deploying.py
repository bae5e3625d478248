"""What stops a deploy between its plan and its question."""

from __future__ import annotations

import html
import shutil
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from tests.unit.tools.plan_review.plans import change, planned
from tests.unit.tools.plan_review.test_artifacts import OURS, function
from tools import paths
from tools.artifact.archive import Artifact
from tools.artifact.package_source import PreparedCode
from tools.deployments import environments
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.deployments.settings import Claim
from tools.errors import LakeError, RefusedError
from tools.operations import deploying, published_code
from tools.operations.deploying import DeployRequest
from tools.plan_review import guards
from tools.plan_review.budget import Budget
from tools.plan_review.guards import Allowed
from tools.plan_review.review import Gate

NAME = "consumer"
KEY = change("module.key.aws_kms_key.this", "aws_kms_key", ["create"], None, {})
LOSS = change("module.bucket.aws_s3_bucket.this", "aws_s3_bucket", ["delete"], {}, None)
WITH_OTHER_SCANS = pytest.mark.xdist_group("policy")
"""For what scans: a first scan in a process takes seconds more than those after it."""


def place(root):
    folder = root / "envs" / NAME
    return Deployment(environments.find(NAME), DeploymentFolder(root / NAME / "default"), folder, root / "data", {})


def request_(**given):
    defaults = {"allowed": guards.NOTHING, "plan_only": False, "reports": (), "yes": True}
    return DeployRequest(**{**defaults, **given})


@pytest.fixture
def terraform(tmp_path):
    file = tmp_path / "lake.tfplan"
    file.write_text("a plan")
    return SimpleNamespace(plan_file=file)


@pytest.fixture
def configuration(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")
    for folder in (paths.ENVIRONMENTS / NAME, paths.MODULES):
        target = tmp_path / folder.relative_to(paths.REPOSITORY)
        shutil.copytree(folder, target, ignore=shutil.ignore_patterns(".terraform", "tests", "*.tfstate*"))
    return tmp_path


@WITH_OTHER_SCANS
def test_the_gate_scans_the_configuration_that_is_planned_with_its_modules(configuration):
    assert deploying.run_gate(place(configuration)).findings == ()

    file = configuration / "modules" / "bucket" / "main.tf"
    file.write_text(file.read_text().replace("block_public_acls       = true", "block_public_acls       = false"))
    (first, *_) = deploying.run_gate(place(configuration)).findings
    assert "aws_s3_bucket" in first
    assert "modules/bucket/main.tf" in first


@WITH_OTHER_SCANS
def test_a_configuration_that_cannot_be_read_is_a_finding(configuration):
    (configuration / "envs" / NAME / "broken.tf").write_text("resource {{{")

    assert any("broken.tf cannot be read" in each for each in deploying.run_gate(place(configuration)).findings)


@pytest.mark.parametrize(
    ("changes", "gate", "options", "says"),
    [
        ([LOSS], Gate(1), {}, "in 1 place"),
        ([], Gate(1, ("open to all",)), {}, "the policy gate has 1 finding"),
        (
            [LOSS],
            Gate(1, ("open to all",)),
            {"allowed": Allowed(replace=(LOSS["address"],))},
            "the policy gate has 1 finding",
        ),
        ([LOSS], Gate(1), {"plan_only": True}, "in 1 place"),
        ([KEY], Gate(1), {"money": Budget(most=Decimal(0))}, "a month would cost more than it may"),
    ],
)
def test_a_refused_plan_is_shown_reported_and_thrown_away(tmp_path, terraform, capsys, changes, gate, options, says):
    reports = (tmp_path / "plan.md",)

    with pytest.raises(RefusedError, match=says):
        deploying.show(terraform, planned(*changes), place(tmp_path), request_(reports=reports, **options), gate)

    assert not terraform.plan_file.exists()
    assert "**Refused**" in reports[0].read_text()
    assert not options.get("money") or "--max-monthly" in reports[0].read_text()
    assert "policy gate: 1 checks passed" in capsys.readouterr().out


def test_a_plan_that_may_be_applied_is_kept(tmp_path, terraform):
    deploying.show(terraform, planned(), place(tmp_path), request_(), Gate(1))

    assert terraform.plan_file.exists()


def test_the_review_says_first_what_was_left_out_since_the_last_deploy(tmp_path, terraform, capsys):
    reports = (tmp_path / "plan.md", tmp_path / "plan.html")
    without = replace(place(tmp_path), left_out=("--var transform", "--var-file prod.tfvars"))

    deploying.show(terraform, planned(), without, request_(reports=reports), Gate(1))

    printed = capsys.readouterr().out
    assert printed.startswith("left out since the last deploy: --var transform, --var-file prod.tfvars\n")
    markdown, page = (file.read_text() for file in reports)
    assert markdown.index("`--var-file prod.tfvars`") < markdown.index("May be applied")
    assert page.index("<code>--var-file prod.tfvars</code>") < page.index("may be applied")


def test_credentials_of_another_account_than_the_deployments_are_refused(tmp_path):
    deployed = replace(place(tmp_path), claim=Claim("111111111111", "us-east-1"))

    deploying.refuse_other_account(deployed, "111111111111", {})
    deploying.refuse_other_account(place(tmp_path), "222222222222", {"account_id": "222222222222"})
    with pytest.raises(LakeError, match="are of account 222222222222, and account_id is 111111111111; use the right"):
        deploying.refuse_other_account(place(tmp_path), "222222222222", {"account_id": "111111111111"})
    with pytest.raises(RefusedError, match="of account 222222222222, and consumer is deployed in 111111111111"):
        deploying.refuse_other_account(deployed, "222222222222", {})


@pytest.mark.parametrize(
    ("is_local", "wanted", "looks"),
    [(False, True, 1), (False, False, 0), (True, True, 0)],
    ids=["account", "no", "local"],
)
def test_an_account_is_looked_at_and_local_aws_never_is(tmp_path, monkeypatch, is_local, wanted, looks):
    seen = []
    monkeypatch.setattr(deploying.looking, "check", lambda *arguments: seen.append(arguments))
    deployment = replace(place(tmp_path), is_local=is_local)

    deploying.look_at_account(deployment, None, {}, request_(look_at_account=wanted))

    assert len(seen) == looks


@pytest.mark.parametrize("native", [None, True, False])
def test_the_function_is_built_with_native_code_as_it_was_asked_for(monkeypatch, tmp_path, native):
    seen = {}
    monkeypatch.setattr(deploying.package_source, "prepare", lambda _given, **options: seen.update(options))
    home = DeploymentFolder(tmp_path / "producer" / "default")
    deployment = Deployment(environments.find("producer"), home, tmp_path, tmp_path, {})
    deploying.prepare_code(deployment, {}, None, native=native)

    assert seen["native"] is native


def test_an_environment_without_a_function_has_no_code(tmp_path, capsys):
    assert deploying.prepare_code(place(tmp_path), {}, None) == PreparedCode()
    assert "no function here" in capsys.readouterr().out


def test_the_review_says_once_which_code_the_function_will_run(tmp_path, terraform, capsys):
    reports = (tmp_path / "plan.md", tmp_path / "plan.html")
    package = Artifact(tmp_path / "lake.zip", 1234, OURS, has_native_code=False)
    plan = planned(function())
    code = published_code.identify(plan, None, package)
    deploying.show(terraform, plan, place(tmp_path), request_(reports=reports), Gate(1), code=code)

    line = f"lake.zip, sha256 {OURS}, 1,234 bytes, without native code: the function has this code already"
    for shown in (capsys.readouterr().out, reports[0].read_text(), html.unescape(reports[1].read_text())):
        assert shown.count("lake.zip") == shown.count(line) == 1

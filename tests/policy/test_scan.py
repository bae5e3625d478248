"""The gate over our own configuration, and its command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Final
from xml.etree import ElementTree

import pytest

from tools import paths
from tools.policy import scanner
from tools.scan import render

pytestmark = pytest.mark.xdist_group("policy")

PLACE: Final = re.compile(r"\((CKV\w+), ([\w./-]+:\d+)\)")
"""What a line of a skip ends its name with: the check, and the file and line of the resource."""


def scan(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tools.scan", *arguments],
        cwd=paths.REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def whole():
    """The scan of everything, which takes a while."""
    return scan("--skips")


def test_nothing_of_ours_fails_a_check(whole):
    result = whole

    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 findings" in result.stdout


def test_the_result_is_there_for_programs_too():
    as_json = json.loads(scan("consumer", "--output", "json").stdout)
    assert as_json["failed"] == []
    assert as_json["passed"] > 30
    result = scanner.scan([paths.ENVIRONMENTS / "consumer"], paths.REPOSITORY)
    sarif = json.loads(render(result, "sarif"))
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["tool"]["driver"]["name"]
    junit = ElementTree.fromstring(render(result, "junitxml"))  # noqa: S314  # our own
    assert int(junit.attrib["tests"]) > 30


def test_every_check_that_is_passed_over_says_why_where_it_is(whole):
    skips = [line for line in whole.stdout.splitlines() if line.startswith("skipped")]
    # Checkov names a resource with keys twice, by its module and by its instance: the place counts once.
    assert len({PLACE.search(line).group() for line in skips}) == 15
    assert not [file for file in paths.REPOSITORY.rglob(".checkov.y*ml") if ".venv" not in file.parts]


def test_a_skip_without_a_reason_is_a_finding(tmp_path):
    group = 'resource "aws_sqs_queue" "q" {\n  #checkov:skip=CKV_AWS_27:REASON\n  name = "q"\n}\n'
    (tmp_path / "main.tf").write_text(group.replace("REASON", "no need"))
    findings = scanner.scan([tmp_path], tmp_path).findings
    assert ["skipped without a reason" in each.check for each in findings if each.check_id == "CKV_AWS_27"] == [True]

    (tmp_path / "main.tf").write_text(group.replace("REASON", "the queue holds nothing but public prices"))
    result = scanner.scan([tmp_path], tmp_path)
    assert "CKV_AWS_27" not in {each.check_id for each in result.findings}
    assert [each.reason for each in result.skips] == ["the queue holds nothing but public prices"]


def test_a_skip_without_a_reason_is_a_finding_for_programs_too(tmp_path):
    (tmp_path / "main.tf").write_text(
        'resource "aws_sqs_queue" "q" {\n  #checkov:skip=CKV_AWS_27:no need\n  name = "q"\n}\n'
    )
    result = scanner.scan([tmp_path], tmp_path)

    sarif = json.loads(render(result, "sarif"))["runs"][0]["results"]
    assert [each["level"] for each in sarif if each["ruleId"] == "CKV_AWS_27"] == ["error"]
    assert "CKV_AWS_27" in [each["check_id"] for each in json.loads(render(result, "json"))["failed"]]


def test_what_one_environments_policy_says_is_not_taken_for_anothers(tmp_path):
    policy = """resource "aws_iam_role_policy" "p" {
      role   = "r"
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = ["ACTION"], Resource = "*" }]
      })
    }
    """
    for name, action in (
        ("narrow", "s3:ListAllMyBuckets"),
        ("wide", "iam:PutRolePolicy"),
        ("narrow-again", "s3:ListAllMyBuckets"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(policy.replace("ACTION", action))

    found = scanner.scan([tmp_path / name for name in ("narrow", "wide", "narrow-again")], tmp_path).findings

    assert "CKV_AWS_289" in {each.check_id for each in found if each.file == "wide/main.tf"}
    assert {each.file for each in found if each.check_id == "CKV_AWS_289"} == {"wide/main.tf"}


def test_a_module_is_counted_once_wherever_it_is_scanned(tmp_path):
    (tmp_path / "env").mkdir()
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "main.tf").write_text('resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n')
    (tmp_path / "env" / "main.tf").write_text('module "m" {\n  source = "../part"\n}\n')

    once = scanner.scan([tmp_path / "env"], tmp_path)
    both = scanner.scan([tmp_path / "env", tmp_path / "part"], tmp_path)

    assert once.findings
    assert both.findings == once.findings
    assert both.passed == once.passed
    assert {each.resource for each in both.findings} == {"module.m.aws_sqs_queue.q"}


def test_a_file_that_is_no_configuration_is_not_clean(tmp_path):
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" {{{\n')

    result = scanner.scan([tmp_path], tmp_path)

    assert result.unreadable == ["main.tf"]
    assert not result.is_clean


def test_an_unknown_environment_is_a_usage_error():
    result = scan("singel-account")

    assert result.returncode == 2
    assert "there is no environment 'singel-account'" in result.stderr

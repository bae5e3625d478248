"""The key of hashes is found again in the deployed function, and is shown nowhere on the way."""

from __future__ import annotations

from types import SimpleNamespace

import boto3
import pytest
from botocore.stub import Stubber

from tests.unit.tools.deployments.test_variables import told
from tools.deployments import environments, mask_key, memory
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.errors import LakeError, UsageError

KEY = "0123456789abcdef0123456789abcdef"
HASHING = {"tables": {"orders": {"rules": {"card.number": {"as": "hash"}}}}}
DEPLOYED = {"function_name": {"value": "f"}, "region": {"value": "eu-west-1"}}
ASKED = {"FunctionName": "f", "Qualifier": "live"}


@pytest.fixture
def place():
    """A place whose Lambda gives one answer: members, or an error's code; and the Regions that it was asked in."""

    def make(answer=None, *, is_local=False):
        made = boto3.client("lambda", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
        stubber = Stubber(made)
        if isinstance(answer, str):
            stubber.add_client_error("get_function_configuration", answer, expected_params=ASKED)
        elif answer is not None:
            stubber.add_response("get_function_configuration", answer, ASKED)
        stubber.activate()
        regions = []
        aws = SimpleNamespace(client=lambda _service: made)
        return SimpleNamespace(is_local=is_local, aws=lambda region: regions.append(region) or aws, regions=regions)

    return make


def test_rules_that_hash_get_the_key_of_the_deployed_function(place, capsys):
    here = place({"Environment": {"Variables": {"MASK_KEY": KEY, "LOG_LEVEL": "INFO"}}})

    assert mask_key.recall(here, HASHING, DEPLOYED) == {"mask_key": KEY}
    assert here.regions == ["eu-west-1"]
    said = capsys.readouterr()
    assert "mask_key is that of the deployed function f" in said.out
    assert KEY not in said.out + said.err


@pytest.mark.parametrize(
    "given",
    [{}, {"tables": {"orders": {"rules": {"email": {"as": "drop"}}}}}, {**HASHING, "mask_key": KEY}],
    ids=["no tables", "no rule that hashes", "a key"],
)
def test_nobody_is_asked_where_no_key_is_needed_or_one_is_given(place, given):
    here = place()

    assert mask_key.recall(here, given, DEPLOYED) == {}
    assert here.regions == []


@pytest.mark.parametrize(
    ("outputs", "answer"),
    [
        ({}, None),
        (DEPLOYED, {"Environment": {"Variables": {"LOG_LEVEL": "INFO"}}}),
        (DEPLOYED, {}),
        (DEPLOYED, "ResourceNotFoundException"),
    ],
    ids=["not deployed", "another variable", "no variables", "gone"],
)
@pytest.mark.parametrize("is_local", [True, False])
def test_without_any_key_the_rule_that_needs_one_is_named(place, outputs, answer, is_local):
    with pytest.raises(UsageError) as refusal:
        mask_key.recall(place(answer, is_local=is_local), HASHING, outputs)

    said = str(refusal.value)
    assert said.startswith('mask_key is not set, and tables.orders.rules["card.number"] hashes: make one with ')
    assert said.endswith(
        "give it in a --var-file that only you can read" + ("" if is_local else ", or export TF_VAR_mask_key")
    )


@pytest.mark.parametrize(
    "answer",
    [
        "AccessDeniedException",
        {"Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt"}}},
    ],
    ids=["the function", "its key"],
)
def test_a_key_that_may_not_be_read_is_told_with_the_permissions_that_it_takes(place, answer):
    with pytest.raises(LakeError, match=r"cannot read mask_key of function f .*AccessDenied.*kms:Decrypt"):
        mask_key.recall(place(answer), HASHING, DEPLOYED)


WRONG = [
    "hunter2",
    "hunter2" * 50,
    "hunter2 hunter2 hunter2 hunter2 hunter2",
    "hünter2-hunter2-hunter2-hunter2-hunter2",
]


@pytest.mark.parametrize("key", WRONG)
def test_a_key_that_is_none_is_told_without_it(capsys, tmp_path, monkeypatch, key):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.tfvars").write_text(f'region = "eu-west-1"\nmask_key = "{key}"\n')

    (line,) = told(capsys, "single-account", files=[tmp_path / "secret.tfvars"])

    assert line.startswith("mask_key (secret.tfvars, line 2): use 32 to 256 printable ASCII characters")
    assert "nter2" not in line


def test_a_key_is_taken_from_a_file_and_from_the_environment_and_from_no_command_line(capsys, tmp_path, monkeypatch):
    file = tmp_path / "secret.tfvars"
    file.write_text(f'mask_key = "{KEY}"\n')
    assert told(capsys, "single-account", files=[file]) == []
    assert told(capsys, "cross-account", files=[file]) == []

    (line,) = told(capsys, "single-account", f"mask_key={KEY}")
    assert line.startswith("mask_key (--var): others can read a command line; give it in a --var-file")
    assert KEY not in line
    assert len(told(capsys, "cross-account", f"mask_key={KEY}")) == 1

    monkeypatch.setenv("TF_VAR_mask_key", KEY)
    assert told(capsys, "single-account") == []


def test_an_exported_key_is_neither_remembered_nor_missed_the_next_time(tmp_path):
    home = DeploymentFolder(tmp_path / "single-account" / "default")
    environment = {"TF_VAR_mask_key": KEY, "TF_VAR_tags": "{}"}
    memory.keep_first_plan(Deployment(environments.find("single-account"), home, tmp_path, tmp_path, environment))

    assert '"tags"' in home.settings_file.read_text()
    assert "mask_key" not in home.settings_file.read_text()
    assert KEY not in home.settings_file.read_text()

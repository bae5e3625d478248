from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tools.deployments import recall
from tools.deployments.credentials import Identity
from tools.deployments.recall import Given, Purpose
from tools.deployments.settings import Claim, Settings
from tools.terraform.runner import Variables

PROD = Settings(
    var_files=("/etc/lake/prod.tfvars",),
    var_names=("transform",),
    environment_names=("vpc_cidr",),
    backend_config="/etc/lake/prod.s3.tfbackend",
    profile="prod",
    role_arn="arn:role",
    claim=Claim("111111111111", "eu-central-1"),
)


def there(_file):
    return True


def gone(_file):
    return False


def test_without_an_earlier_deploy_a_command_works_with_what_it_was_given():
    given = Given(Variables(pairs=("a=b",)))

    assert recall.recall(given, None, gone) == recall.Recalled(given)
    assert recall.left_out_variables(None, ()) == ()
    assert recall.known_variables(None, ()) == ()


def test_every_option_that_is_left_out_is_the_last_deploys_and_is_shown():
    recalled = recall.recall(Given(), PROD, there)

    assert recalled.given.variables.files == (Path("/etc/lake/prod.tfvars"),)
    assert recalled.given.backend_config == Path("/etc/lake/prod.s3.tfbackend")
    assert recalled.given.identity == Identity("prod", "arn:role")
    assert recalled.reused == (
        "--var-file /etc/lake/prod.tfvars",
        "--profile prod",
        "--assume-role-arn arn:role",
        "--backend-config /etc/lake/prod.s3.tfbackend",
    )
    assert recalled.left_out == ()


def test_an_option_that_is_given_wins_over_the_last_deploys():
    given = Given(Variables((Path("/etc/lake/prod.tfvars"),)), Path("/other.tfbackend"), Identity("other", "arn:other"))

    recalled = recall.recall(given, PROD, there)

    assert recalled.given == given
    assert (recalled.reused, recalled.left_out) == ((), ())


def test_a_var_file_that_others_stand_in_for_is_told():
    recalled = recall.recall(Given(Variables((Path("/etc/lake/dev.tfvars"),))), PROD, there)

    assert recalled.given.variables.files == (Path("/etc/lake/dev.tfvars"),)
    assert recalled.left_out == ("--var-file /etc/lake/prod.tfvars",)


def test_a_var_file_that_is_gone_is_told_and_a_backend_file_that_is_gone_changes_nothing():
    recalled = recall.recall(Given(), PROD, gone)

    assert recalled.given.variables.files == ()
    assert recalled.given.backend_config is None
    assert recalled.left_out == ("--var-file /etc/lake/prod.tfvars (there is no such file any more)",)


def test_another_profile_stands_in_for_the_last_ones_profile_and_role():
    recalled = recall.recall(Given(identity=Identity("other")), PROD, there)

    assert recalled.given.identity == Identity("other")
    assert recalled.left_out == ("--assume-role-arn arn:role",)


def test_files_that_served_both_halves_may_go_on_setting_what_one_half_does_not_have():
    last = Settings(var_files=("/both.tfvars",), shared_var_files=True)

    assert recall.recall(Given(), last, there).given.variables.shared


def test_a_file_in_this_folder_is_shown_as_it_would_be_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert recall.shown(str(tmp_path / "envs" / "prod.tfvars")) == "envs/prod.tfvars"
    assert recall.shown("/somewhere/else.tfvars") == "/somewhere/else.tfvars"


def test_a_variable_whose_value_was_not_kept_is_told_unless_something_gives_it_now():
    assert recall.left_out_variables(PROD, ()) == ("--var transform", "TF_VAR_vpc_cidr")
    assert recall.left_out_variables(PROD, {"transform"}) == ("TF_VAR_vpc_cidr",)
    assert recall.left_out_variables(PROD, {"transform", "vpc_cidr", "name"}) == ()


def test_account_and_region_of_what_is_deployed_hold_unless_they_are_given():
    assert recall.known_variables(PROD.claim, ()) == ("account_id=111111111111", "region=eu-central-1")
    assert recall.known_variables(PROD.claim, {"region"}) == ("account_id=111111111111",)


@pytest.mark.parametrize(
    ("purpose", "reused"),
    [
        (Purpose.RUN_TERRAFORM, ("--var-file /etc/lake/prod.tfvars", "--profile prod", "--assume-role-arn arn:role")),
        (Purpose.READ, ("--profile prod", "--assume-role-arn arn:role")),
    ],
)
def test_a_command_that_does_not_deploy_uses_only_what_it_needs(purpose, reused):
    assert recall.recall(Given(), recall.relevant(PROD, purpose), there).reused == reused


def test_of_variables_only_names_are_kept_and_of_files_only_paths():
    secret = "t0p-secret"
    given = Given(
        Variables((Path("/a.tfvars"),), (f"tags={{key={secret}}}", f" name = {secret}", "region=eu-west-1")),
        Path("/b.tfbackend"),
        Identity("prod", "arn:role"),
    )
    environment = {"TF_VAR_transform": secret, "TF_VAR_unknown": secret, "AWS_SECRET_ACCESS_KEY": secret}

    kept = recall.to_settings(given, environment, {"transform", "name", "tags"})

    assert secret not in msgspec.json.encode(kept).decode()
    assert kept == Settings(
        var_files=("/a.tfvars",),
        var_names=("name", "tags"),
        environment_names=("transform",),
        backend_config="/b.tfbackend",
        profile="prod",
        role_arn="arn:role",
    )

from __future__ import annotations

from pathlib import Path

import pytest

from tools import paths
from tools.deployments import choose, environments, folders, settings
from tools.deployments.choose import Where
from tools.deployments.credentials import Identities, Identity
from tools.deployments.recall import Given, Purpose
from tools.deployments.settings import Claim, Settings
from tools.errors import UsageError
from tools.localaws import service
from tools.terraform.runner import Variables

SINGLE = environments.find("single-account")
A, B = service.ACCOUNTS


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "DEPLOYMENTS", tmp_path / "deployments")
    monkeypatch.setenv("LAKE_LOCAL_HOME", str(tmp_path / "local"))
    local = service.LocalAws("https://127.0.0.1:1", tmp_path / "ca.pem")
    monkeypatch.setattr(service, "up", lambda _home: local)
    monkeypatch.setattr(service, "connect", lambda _home: local)
    for name in ("AWS_PROFILE", "TF_VAR_transform"):
        monkeypatch.delenv(name, raising=False)


def remember(kept, name="default", env="single-account", *, local=False):
    settings.write(folders.find(env, name, local=local).settings_file, kept)


def test_the_default_in_an_account_runs_where_it_always_did_and_others_in_folders_of_their_own(tmp_path):
    default = choose.choose(SINGLE, Where(), Given(), Purpose.DEPLOY)
    prod = choose.choose(SINGLE, Where("prod"), Given(), Purpose.DEPLOY)

    assert (default.folder, default.data_folder) == (SINGLE.folder, SINGLE.folder / ".terraform")
    assert not default.runs_in_copy
    assert prod.folder == tmp_path / "deployments/single-account/prod/configuration/envs/single-account"
    assert prod.data_folder == tmp_path / "deployments/single-account/prod/data"
    assert not (tmp_path / "deployments").exists()


def test_what_the_last_deploy_was_given_is_used_and_said(tmp_path, capsys):
    file = tmp_path / "prod.tfvars"
    file.touch()
    remember(Settings((str(file),), profile="prod", claim=Claim(A, "eu-west-1")), "prod")

    prod = choose.choose(SINGLE, Where("prod"), Given(), Purpose.DEPLOY)

    assert prod.given == Given(Variables((file,)), None, Identity("prod"))
    assert prod.environment_variables["AWS_PROFILE"] == "prod"
    assert prod.known_variables == (f"account_id={A}", "region=eu-west-1")
    said = f"single-account --deployment prod: using what the last deploy was given: --var-file {file}, --profile prod"
    assert capsys.readouterr().out == said + "\n"


def test_what_a_deploy_leaves_out_is_said_and_goes_into_its_review(monkeypatch, capsys):
    remember(Settings(var_names=("name", "transform"), environment_names=("tags",)))
    monkeypatch.setenv("TF_VAR_name", "x")

    found = choose.choose(SINGLE, Where(), Given(), Purpose.DEPLOY)

    assert found.left_out == ("--var transform", "TF_VAR_tags")
    assert "left out since the last deploy: --var transform, TF_VAR_tags" in capsys.readouterr().err
    assert choose.choose(SINGLE, Where(), Given(), Purpose.RUN_TERRAFORM).left_out == ()


def test_a_deploy_that_forgets_uses_nothing_but_stays_in_its_account(capsys):
    remember(Settings(var_names=("transform",), profile="prod", claim=Claim(A, "eu-west-1")))

    found = choose.choose(SINGLE, Where(), Given(), Purpose.DEPLOY, forget=True)

    assert (found.given, found.left_out, found.claim) == (Given(), (), Claim(A, "eu-west-1"))
    assert capsys.readouterr() == ("", "")


def test_a_verb_that_prints_data_alone_says_nothing(capsys):
    remember(Settings(profile="prod"))

    assert choose.choose(SINGLE, Where(), Given(), Purpose.READ, quiet=True).given.identity == Identity("prod")
    assert capsys.readouterr() == ("", "")


def account_of(deployment):
    return deployment.environment_variables["AWS_ACCESS_KEY_ID"]


def local(purpose=Purpose.DEPLOY, env=SINGLE, **given):
    return choose.choose(env, Where("default", local=True), Given(Variables(**given)), purpose)


def test_a_variable_chooses_the_account_of_local_aws(tmp_path):
    file = tmp_path / "b.tfvars"
    file.write_text(f'account_id = "{B}"\n')

    assert account_of(local()) == A
    assert account_of(local(pairs=(f"account_id={B}",))) == B
    assert account_of(local(files=(file,))) == B


def test_what_is_exported_for_an_account_does_not_count_on_local_aws(monkeypatch):
    monkeypatch.setenv("TF_VAR_account_id", "333333333333")

    assert account_of(local()) == A


def test_what_is_deployed_on_local_aws_is_found_in_its_account():
    remember(Settings(claim=Claim(B, "us-east-1")), local=True)

    assert account_of(local()) == B
    assert account_of(local(Purpose.READ)) == B
    assert account_of(local(Purpose.RUN_TERRAFORM, pairs=(f"account_id={A}",))) == B


def test_an_account_that_local_aws_does_not_have_is_refused_with_those_that_it_has():
    with pytest.raises(UsageError, match=f"account_id is 333333333333, .*its accounts are {A}, {B}"):
        local(pairs=("account_id=333333333333",))


def test_the_halves_of_a_pair_are_in_accounts_of_their_own_on_local_aws():
    assert account_of(local(env=environments.find("consumer"), pairs=("account_id=333333333333",))) == B


def test_local_aws_takes_no_profile():
    given = Given(identity=Identity("prod"))
    with pytest.raises(UsageError, match="--local has credentials of its own"):
        choose.choose(SINGLE, Where(local=True), given, Purpose.DEPLOY)


def pair(identities, name="default", **more):
    return choose.choose_pair(identities, Where(name), Variables(**more), Purpose.DEPLOY)


def test_each_half_of_a_pair_remembers_credentials_of_its_own(tmp_path):
    remember(Settings(profile="lake"), "eu", "consumer")
    remember(Settings(profile="tables", var_names=("account_id", "consumer_account_id", "vpc_cidr")), "eu", "producer")

    found = pair(Identities(), "eu")

    assert found.consumer.given.identity == Identity("lake")
    assert found.producer.given.identity == Identity("tables")
    assert found.producer.left_out == ("--var vpc_cidr",)
    assert found.label == "cross-account --deployment eu"
    assert found.consumer.home.path == Path(tmp_path / "deployments/consumer/eu")
    assert found.producer.home.path == Path(tmp_path / "deployments/producer/eu")


def test_a_pair_of_which_nothing_tells_the_accounts_apart_is_a_usage_error():
    with pytest.raises(UsageError, match="name the two accounts: --producer-profile"):
        pair(Identities())
    with pytest.raises(UsageError, match="--profile lake: a pair is in two accounts"):
        pair(Identities(Identity("lake")))

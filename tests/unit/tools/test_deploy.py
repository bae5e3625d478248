"""What the command line of `deploy` asks of a deployment."""

from __future__ import annotations

import json

import click
import pytest

from tools import deploy
from tools.deployments import choose, variables
from tools.operations.preflight import looking
from tools.operations.preflight.findings import hurts, stops
from tools.operations.preflight.looking import Look
from tools.plan_review.guards import Allowed
from tools.terraform.runner import Terraform


@pytest.fixture
def requests(monkeypatch):
    """Runs the command without Terraform and without a deployment; keeps what was asked."""
    seen = []
    monkeypatch.setattr(Terraform, "check_version", lambda _self: None)
    monkeypatch.setattr(variables, "check_command", lambda *_arguments, **_options: None)
    monkeypatch.setattr(choose, "choose", lambda *_arguments, **_options: None)
    monkeypatch.setattr(deploy, "deploy", lambda _deployment, request: seen.append(request))
    return seen


@pytest.mark.parametrize(
    ("options", "native"),
    [
        ([], None),
        (["--local"], None),
        (["--local", "--native"], True),
        (["--without-native"], False),
    ],
)
def test_native_code_is_left_to_the_place_unless_the_user_chooses(requests, options, native):
    deploy.main.main(["single-account", "--yes", *options], standalone_mode=False)

    assert [request.native for request in requests] == [native]


@pytest.mark.parametrize("option", ["--native", "--without-native"])
def test_looking_for_drift_builds_nothing(requests, option):
    with pytest.raises(click.UsageError, match="--check-drift only looks"):
        deploy.main.main(["single-account", "--check-drift", option], standalone_mode=False)
    assert requests == []


def test_what_may_be_lost_is_asked_for_by_address(requests):
    options = ["--allow-replace", "a.one", "--allow-loss", "a.two", "--allow-loss", "a.three"]

    deploy.main.main(["single-account", "--yes", *options], standalone_mode=False)

    assert [request.allowed for request in requests] == [Allowed(("a.one",), ("a.two", "a.three"))]


@pytest.mark.parametrize("option", ["--allow-replace", "--allow-loss"])
def test_handing_a_table_over_loses_nothing_that_could_be_allowed(requests, option):
    with pytest.raises(click.UsageError, match="--hand-over changes Terraform's state alone"):
        deploy.main.main(["single-account", "--hand-over", "orders", option, "a.b"], standalone_mode=False)
    assert requests == []


@pytest.mark.parametrize(("options", "looks"), [([], True), (["--no-check-account"], False)])
def test_the_account_is_looked_at_unless_the_user_says_no(requests, options, looks):
    deploy.main.main(["single-account", "--yes", *options], standalone_mode=False)

    assert [request.look_at_account for request in requests] == [looks]


@pytest.mark.parametrize(
    ("findings", "code"), [((stops("a", "b", "c"), hurts("d", "e", "f")), 1), ((hurts("d", "e", "f"),), 0), ((), 0)]
)
@pytest.mark.parametrize("as_json", [(), ("--json",)], ids=["text", "json"])
def test_a_look_alone_ends_with_1_only_where_something_would_stop_the_apply(
    requests, monkeypatch, capsys, findings, code, as_json
):
    monkeypatch.setattr(looking, "look_alone", lambda _: Look("single-account", "111122223333", findings))

    ended = deploy.main.main(["single-account", "--check-account", *as_json], standalone_mode=False)
    assert ended == code
    assert requests == []
    if as_json:
        (look,) = json.loads(capsys.readouterr().out)
        assert len(look["findings"]) == len(findings)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--local"], "--check-account is for an account"),
        (["--plan-only"], "--check-account only looks"),
        (["--native"], "--check-account only looks"),
        (["--check-drift"], "two questions"),
    ],
)
def test_a_look_alone_goes_with_nothing_that_is_for_something_else(requests, options, says):
    with pytest.raises(click.UsageError, match=says):
        deploy.main.main(["single-account", "--check-account", *options], standalone_mode=False)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--plan-only"], "--apply takes a plan as it was kept"),
        (["--var", "name=lake"], "--apply takes a plan as it was kept"),
        (["--native"], "--apply takes a plan as it was kept"),
        (["--no-check-account"], "--apply takes a plan as it was kept"),
        (["--forget"], "--apply takes a plan as it was kept"),
    ],
)
def test_a_kept_plan_is_applied_as_it_is(requests, tmp_path, options, says):
    file = tmp_path / "lake.tfplan"
    file.touch()

    with pytest.raises(click.UsageError, match=says):
        deploy.main.main(["single-account", "--apply", str(file), *options], standalone_mode=False)

    deploy.main.main(["single-account", "--apply", str(file), "--yes"], standalone_mode=False)
    assert [request.kept_plan for request in requests] == [file]


def test_the_kept_plan_of_a_pair_is_two_plans(requests, tmp_path):
    (tmp_path / "lake.tfplan").touch()

    with pytest.raises(click.UsageError, match="the consumer's plan, then the producer's"):
        deploy.main.main(["cross-account", "--apply", str(tmp_path / "lake.tfplan")], standalone_mode=False)
    assert requests == []

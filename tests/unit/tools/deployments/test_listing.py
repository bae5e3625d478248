from __future__ import annotations

import msgspec
import pytest

from tools.deployments import folders, listing, settings
from tools.deployments.folders import DeploymentFolder
from tools.deployments.settings import Claim, Settings


@pytest.fixture
def roots(tmp_path, monkeypatch):
    places = {False: tmp_path / "checkout", True: tmp_path / "local"}
    monkeypatch.setattr(folders, "root", lambda *, local: places[local])
    return places


def keep(root, env, name, kept):
    home = DeploymentFolder(root / env / name)
    settings.write(home.settings_file, kept)
    return home


def test_every_deployment_of_the_checkout_and_of_local_aws_is_listed(roots):
    claim = Claim("111111111111", "eu-west-1", "prod", ("events", "orders"))
    keep(roots[False], "single-account", "prod", Settings(("/p.tfvars",), claim=claim, deployed_at="2026-01-01T00:00"))
    keep(roots[False], "consumer", "default", Settings())
    keep(roots[True], "single-account", "default", Settings())
    (roots[False] / "producer" / "begun").mkdir(parents=True)

    assert [each.label for each in listing.find()] == [
        "consumer",
        "single-account --deployment prod",
        "single-account --local",
    ]
    (prod, local) = listing.find("single-account")
    assert local.local
    assert msgspec.to_builtins(prod) == {
        "environment": "single-account",
        "deployment": "prod",
        "local": False,
        "account_id": "111111111111",
        "region": "eu-west-1",
        "tables": ("events", "orders"),
        "deployed_at": "2026-01-01T00:00",
        "var_files": ("/p.tfvars",),
        "state": str(roots[False] / "single-account" / "prod" / "terraform.tfstate"),
    }
    text = "\n".join(listing.lines(prod))
    for part in (
        "--deployment prod",
        "111111111111, eu-west-1",
        "events, orders",
        "2026-01-01",
        "/p.tfvars",
        "tfstate",
    ):
        assert part in text


def test_a_deployment_that_was_only_planned_says_so(roots):
    keep(roots[False], "single-account", "dev", Settings())

    assert "  only planned" in listing.lines(*listing.find())


def test_the_state_of_a_deployment_may_be_in_s3(roots):
    home = keep(roots[False], "single-account", "dev", Settings())
    home.terraform_folder.mkdir(parents=True)
    (home.terraform_folder / "backend_override.tf").write_text('  backend "s3" {\n    bucket = "b"\n    key = "k/s"\n')

    assert listing.find()[0].state == "s3://b/k/s"


def test_the_defaults_state_in_an_account_is_where_it_always_was(roots):
    keep(roots[False], "single-account", "default", Settings())

    assert listing.find()[0].state.endswith("envs/single-account/terraform.tfstate")

from __future__ import annotations

import pytest

from tools.deployments import cross_account, environments
from tools.deployments.aws import Aws
from tools.deployments.cross_account import Pair
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.errors import UsageError

A, B = "111111111111", "222222222222"


def half(name, account):
    environment = environments.find(name)
    home = DeploymentFolder(environment.folder / "default")
    return Deployment(environment, home, environment.folder, environment.folder, {}, (f"of={account}",))


@pytest.fixture
def both():
    return Pair(half("consumer", B), half("producer", A))


def test_a_variable_goes_to_the_half_that_has_it_and_to_both_where_both_do():
    consumer, producer = cross_account.split(
        (), ("region=eu-west-1", "noncurrent_version_days=7", "vpc_cidr=10.1.0.0/24", "producer.name=a-b")
    )

    assert consumer.pairs == ("region=eu-west-1", "noncurrent_version_days=7")
    assert producer.pairs == ("region=eu-west-1", "vpc_cidr=10.1.0.0/24", "name=a-b")


def test_one_file_serves_both_halves(tmp_path):
    file = tmp_path / "lake.tfvars"
    file.write_text(
        'tables = { orders = { stream = { shards = 2 } } }\nnoncurrent_version_days = 7\nvpc_cidr = "10.1.0.0/24"\n'
    )

    for share in cross_account.split((file,), ()):
        assert (share.files, share.shared) == ((file,), True)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("tabels={}", "tabels (--var): there is no such variable; did you mean tables?"),
        ("producer.tabels={}", "tabels (--var): there is no such variable in producer; did you mean tables?"),
        ("consumer.vpc_cidr=x", "vpc_cidr (--var): there is no such variable in consumer; there are: "),
        ("lake.region=x", "--var: 'lake.region' does not start with consumer. or producer."),
        (
            "consumer_account_id=333333333333",
            "consumer_account_id (--var): leave it out; cross-account finds it by itself",
        ),
        ("producer.account_id=1", "producer.account_id (--var): leave it out; cross-account finds it by itself"),
    ],
)
def test_a_variable_that_neither_half_can_use_is_a_usage_error(given, line):
    with pytest.raises(UsageError) as caught:
        cross_account.split((), (given,))
    assert str(caught.value).startswith(line)


def test_every_pair_that_neither_half_can_use_is_told():
    shares, problems = cross_account.assign(("tabels={}", "region=eu-west-1", "x.y=1"))

    assert shares == {"consumer": ["region=eu-west-1"], "producer": ["region=eu-west-1"]}
    assert len(problems) == 2


def test_two_halves_in_one_account_are_refused(both, monkeypatch):
    monkeypatch.setattr(Aws, "account_id", lambda _self: A)

    with pytest.raises(UsageError, match=f"both account {A}.*deploy single-account"):
        both.in_their_accounts()


def test_each_half_is_held_to_its_account(both, monkeypatch):
    accounts = iter([B, A])
    monkeypatch.setattr(Aws, "account_id", lambda _self: next(accounts))

    settled = both.in_their_accounts()

    assert {f"account_id={B}", f"ddb_producer_account_id={A}"} <= set(settled.consumer.known_variables)
    assert f"account_id={A}" in settled.producer.known_variables

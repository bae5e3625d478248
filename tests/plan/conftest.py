"""Plans are made once a worker; tests that share a plan run on the same worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plan import terraform_copy as sandboxes
from tests.plan.lake_tables import Lake
from tests.plan.plans import ALONE, EVERY, PLANS, Plans
from tools import paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tftest

    from tests.plan.terraform_copy import Sandbox

_HERE = paths.REPOSITORY / "tests" / "plan"
_FIXTURES = {
    "apart": "refusals",
    "default": "single-account",
    "fleet": "single-account",
    "consumer": "pair",
    "lake": "pair",
    "producer": "pair",
    "pairs": "pair",
    "outcomes": "modules",
    "parts": "modules",
    "refused": "refusals",
    "refused_by": "refusals",
    "watched": "pair",
}
"""Fixture that takes seconds to make -> group of the tests that share it."""


# Before xdist's own hook, which reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent != _HERE or "sandbox" not in getattr(item, "fixturenames", ()):
            continue
        item.add_marker(pytest.mark.plan)
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(f"plan-{group}"))


def _group(item: pytest.Item) -> str:
    """Returns what the test shares with others, as its parameter `name` or its fixtures say; "" for nothing."""
    name = item.callspec.params.get("name") if hasattr(item, "callspec") else None
    if "plans" in item.fixturenames and name in EVERY:
        environment = PLANS[name].environment if name in PLANS else name
        return environment if environment in ("single-account", ALONE) else "pair"
    groups = {_FIXTURES[fixture] for fixture in item.fixturenames if fixture in _FIXTURES}
    return "-and-".join(sorted(groups))


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stops the provider's process where no plan is made next: this worker may go on for long."""
    if "sandbox" in item.funcargs and "sandbox" not in getattr(nextitem, "fixturenames", ()):
        item.funcargs["sandbox"].provider.stop()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandboxes.opened(tmp_path_factory.mktemp("terraform")) as opened:
        yield opened


@pytest.fixture(scope="session")
def plans(sandbox: Sandbox) -> Plans:
    """Every plan by the name of its case, made when it is first asked for."""
    return Plans(sandbox)


@pytest.fixture
def default(plans: Plans) -> tftest.TerraformPlanOutput:
    """Plan of the single-account environment with every variable at its default."""
    return plans["single-account"]


@pytest.fixture
def fleet(plans: Plans) -> tftest.TerraformPlanOutput:
    """Plan with three unlike tables, the account id given, and the package in a bucket."""
    return plans["single-account-unlike-tables"]


@pytest.fixture
def consumer(plans: Plans) -> tftest.TerraformPlanOutput:
    """Plan of the consumer with only what is required."""
    return plans["consumer"]


@pytest.fixture(scope="session")
def lake(plans: Plans) -> Lake:
    """The tables and views of the consumer with only what is required, in a database."""
    return Lake(plans["consumer"])


@pytest.fixture
def producer(plans: Plans) -> tftest.TerraformPlanOutput:
    """Plan of the producer with only what is required."""
    return plans["producer"]


@pytest.fixture(params=["eu-west-1", "cn-north-1", "us-gov-west-1"])
def pairs(plans: Plans, request: pytest.FixtureRequest) -> dict[str, tftest.TerraformPlanOutput]:
    """Plans of both halves with the same tables, some with names of their own, in Regions of other partitions too."""
    return {half: plans[f"{half}-{request.param}"] for half in ("consumer", "producer")}

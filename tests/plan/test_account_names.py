"""The look at the account asks for exactly the names that a plan makes."""

from __future__ import annotations

import os

import pytest

from tests.plan.plans import PLANS
from tools.deployments import environments
from tools.operations.preflight import kinds, naming
from tools.operations.preflight.place import Place

ATTRIBUTES = {kind.resource_type: kind.attribute for kind in kinds.KINDS}


@pytest.mark.parametrize(
    "name",
    [
        "single-account",
        "single-account-state",
        "single-account-backfill",
        "single-account-crawler",
        "single-account-existing-table",
        "single-account-own-topic",
        "single-account-replicated",
        "single-account-unwatched",
        "consumer",
        "producer",
    ],
)
def test_the_names_that_are_looked_up_are_those_that_the_plan_makes(plans, name):
    planned = {
        (change["type"], change["change"]["after"][ATTRIBUTES[change["type"]]])
        for change in plans[name].resource_changes.values()
        if change["mode"] == "managed" and change["type"] in ATTRIBUTES
    }

    case = PLANS[name]
    environment = environments.find(case.environment)
    values = {each: environment.value(each, case.variables) for each in environment.variables()}
    outputs = naming.ask_module(Place(case.account, case.region, case.partition), values, os.environ)
    named = naming.names(environment, outputs, values)
    assert {(each.kind.resource_type, each.name) for each in named} == planned

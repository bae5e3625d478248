from __future__ import annotations

import os

import pytest

from tests.unit.tools.operations.preflight.recorded import PLACE, kinds
from tools.deployments import environments
from tools.errors import UsageError
from tools.operations.preflight import naming


def test_names_are_those_of_the_module_whatever_the_user_leaves_out():
    values = {"name": "lake", "tables": {"orders": {"rules": {"note": {"as": "drop"}}}}, "kms_key_alias": None}

    outputs = naming.ask_module(PLACE, values, os.environ)
    assert outputs["bucket_name"] == "lake-datalake-111122223333-us-east-1"
    assert outputs["tables"]["orders"]["delivery_role_name"] == "orders-delivery-stream-us-east-1"
    assert outputs["kms_key_alias"] == "lake-kms-key"


def test_a_name_that_grows_past_a_limit_of_aws_is_refused_in_one_line():
    with pytest.raises(UsageError, match=r"^tables: delivery\.name of o{60} .* use 1 to 64 letters"):
        naming.ask_module(PLACE, {"name": "lake", "tables": {"o" * 60: {}}}, os.environ)


def test_what_the_organisation_made_is_not_among_the_names():
    environment = environments.find("single-account")
    exists = {
        "kms_key_arn": "arn:aws:kms:us-east-1:111122223333:key/1",
        "existing_bucket": "their-lake",
        "network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]},
    }
    values = {name: environment.value(name, {}) for name in environment.variables()}
    outputs = naming.ask_module(PLACE, values, os.environ)

    ours = {(each.kind, each.name) for each in naming.names(environment, outputs, values)}
    rest = {(each.kind, each.name) for each in naming.names(environment, outputs, {**values, **exists})}
    assert rest < ours
    assert ours - rest == {
        (kinds.ALIAS, f"alias/{outputs['kms_key_alias']}"),
        (kinds.BUCKET, outputs["bucket_name"]),
        (kinds.ROLE, outputs["flow_log_role_name"]),
        (kinds.LOG_GROUP, outputs["flow_log_group_name"]),
    }


def test_roles_are_those_of_the_function_its_schedule_and_each_delivery_stream_on_its_path():
    environment = environments.find("single-account")
    values = {name: environment.value(name, {}) for name in environment.variables()}
    values |= {"network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}, "tables": {"orders": {}}}
    outputs = naming.ask_module(PLACE, values, os.environ)

    def roles(**more):
        found = naming.names(environment, outputs, {**values, **more})
        return {(each.path, each.name) for each in found if each.kind is kinds.ROLE}

    schedule = ("", outputs["schedule_role_name"])
    assert roles() == {
        ("", outputs["execution_role_name"]),
        schedule,
        ("dynamo-to-lake/us-east-1/", "orders-delivery-stream-us-east-1"),
    }
    assert schedule not in roles(transform={"keep_active": False})

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


REPLICATION = {"region": "us-west-2"}
OF_REPLICA = {
    (kinds.BUCKET, "blog-srsa-datalake-111122223333-us-west-2", "us-west-2"),
    (kinds.ROLE, "blog-srsa-replication-us-east-1", ""),
    (kinds.ALIAS, "alias/blog-bdb1040-srsa-kms-key", "us-west-2"),
    (kinds.TOPIC, "blog-srsa-alarms", "us-west-2"),
}


@pytest.mark.parametrize(
    ("replication", "monitoring", "left_out"),
    [
        (REPLICATION, {}, set()),
        ({**REPLICATION, "kms_key_arn": "arn:key", "topic_arn": "arn:topic"}, {}, {kinds.ALIAS, kinds.TOPIC}),
        (REPLICATION, {"enabled": False}, {kinds.TOPIC}),
        ({**REPLICATION, "enabled": False}, {}, {kind for kind, _, _ in OF_REPLICA}),
    ],
)
def test_a_replica_has_names_of_its_own_in_its_region(replication, monitoring, left_out):
    environment = environments.find("single-account")
    values = {name: environment.value(name, {}) for name in environment.variables()}
    values |= {"replication": replication, "monitoring": monitoring}
    outputs = naming.ask_module(PLACE, values, os.environ)

    found = {(each.kind, each.name, each.region) for each in naming.names(environment, outputs, values)}
    without = naming.names(environment, outputs, {**values, "replication": None})

    made = found - {(each.kind, each.name, each.region) for each in without}
    assert made == {each for each in OF_REPLICA if each[0] not in left_out}

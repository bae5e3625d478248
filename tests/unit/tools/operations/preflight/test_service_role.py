from __future__ import annotations

import pytest

from tests.unit.tools.operations.preflight.recorded import ACCOUNT, lines, table, wanted
from tests.unit.tools.operations.preflight.test_permissions import GET_ROLE, simulation
from tools.operations.preflight import service_role

WANT = wanted(tables=(table(),), caller=f"arn:aws:iam::{ACCOUNT}:user/someone")
ABSENT = {"iam.get_role": "NoSuchEntity"}


def test_without_the_role_and_without_the_right_to_have_it_made_the_apply_would_stop():
    answers = {**simulation(refused=["iam:CreateServiceLinkedRole"]), **ABSENT}

    (line,) = lines(service_role.CHECK, answers, WANT)
    assert line.startswith("stops role AWSServiceRoleForDynamoDBKinesisDataStreamsReplication: ")
    assert line.endswith("create-service-linked-role --aws-service-name kinesisreplication.dynamodb.amazonaws.com")


@pytest.mark.parametrize("answers", [GET_ROLE, {**simulation(), **ABSENT}])
def test_the_role_or_the_right_to_have_it_made_is_enough(answers):
    assert lines(service_role.CHECK, answers, WANT) == []

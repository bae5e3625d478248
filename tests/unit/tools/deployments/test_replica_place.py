from __future__ import annotations

import pytest

from tools.deployments import replica_place
from tools.deployments.settings import Claim
from tools.errors import RefusedError
from tools.terraform.state import Resource, State

LAKE = Resource("module.bucket.aws_s3_bucket.this", "aws_s3_bucket", {"bucket": "lake", "region": "us-east-1"})
COPY = Resource("module.replica.aws_s3_bucket.this", "aws_s3_bucket", {"bucket": "copy", "region": "us-west-2"})
ROLE = Resource("m.aws_iam_role.this", "aws_iam_role", {"arn": "arn:aws:iam::111111111111:role/copy"})
KEY = Resource("m.aws_kms_key.this", "aws_kms_key", {"arn": "arn:aws:kms:us-west-2:111111111111:key/1"})
STREAM = Resource("m.aws_kinesis_stream.this", "aws_kinesis_stream", {"arn": "arn:aws:kinesis:us-east-1:1:stream/s"})


@pytest.mark.parametrize("left", [COPY, KEY])
def test_whatever_is_left_in_another_region_says_where_terraform_finds_it_again(left):
    held = State(resources=(LAKE, ROLE, STREAM, left))

    assert replica_place.region(held, "us-east-1") == "us-west-2"
    assert replica_place.inputs(held, "us-east-1") == ('replication={"region": "us-west-2"}',)


def test_without_a_replica_there_is_no_other_region():
    held = State(resources=(LAKE, ROLE, STREAM, Resource("m.aws_s3_object.code", "aws_s3_object", {"arn": None})))

    assert replica_place.region(held, "us-east-1") is None
    assert replica_place.inputs(held, "us-east-1") == ()


def test_the_buckets_of_a_state_are_told_with_their_regions():
    held = State(resources=(COPY, ROLE, LAKE, Resource("m.aws_s3_bucket.broken", "aws_s3_bucket")))

    assert replica_place.buckets(held) == {"copy": "us-west-2", "lake": "us-east-1"}


DEPLOYED = {"region": {"value": "us-east-1"}, "account_id": {"value": "1" * 12}}
CLAIM = Claim("1" * 12, "us-east-1", None, ())


@pytest.mark.parametrize(("outputs", "claim"), [(DEPLOYED, None), ({}, CLAIM)])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, r"is in us-west-2, and replication is not given: .*docs/replica\.md#stop"),
        ({"region": "eu-west-1"}, "is in us-west-2, and replication names eu-west-1"),
    ],
)
def test_a_deploy_that_would_look_for_the_replica_elsewhere_is_refused(outputs, claim, given, said):
    with pytest.raises(RefusedError, match=said):
        replica_place.refuse_move(State(outputs, (LAKE, COPY)), claim, given)


@pytest.mark.parametrize("held", [State(), State(DEPLOYED, (LAKE,)), State(DEPLOYED, (LAKE, COPY))])
def test_a_replica_may_be_switched_on_and_stay_where_it_is(held):
    replica_place.refuse_move(held, None, {"region": "us-west-2"})


def test_a_deployment_without_a_replica_is_free_of_it():
    replica_place.refuse_move(State(DEPLOYED, (LAKE,)), CLAIM, None)

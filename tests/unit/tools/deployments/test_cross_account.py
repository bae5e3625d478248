from __future__ import annotations

import json
import shlex
from dataclasses import replace
from types import SimpleNamespace

import click
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from tools.deployments import credentials, cross_account, environments, options, producer_inputs
from tools.deployments.aws import Aws
from tools.deployments.credentials import Identities, Identity
from tools.deployments.cross_account import Pair
from tools.deployments.deployment import Deployment
from tools.deployments.outputs import parse_outputs
from tools.errors import LakeError, RefusedError, UsageError
from tools.lake import bucket_check, object_ownership, writers

A, B = "111111111111", "222222222222"
KEY = f"arn:aws:kms:us-east-1:{B}:key/1"


def failed(operation, status, code="", **headers):
    answer = {"Error": {"Code": code or str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}
    answer["ResponseMetadata"]["HTTPHeaders"] = headers
    return ClientError(answer, operation)


def raising(error):
    def call(**_):
        raise error

    return call


# The consumer's outputs become the producer's inputs.


def consumer_outputs(**tables):
    described = {
        name: {
            "delivery_stream_name": stream,
            "delivery_role_arn": f"arn:aws:iam::{A}:role/{stream}",
            "data_prefix": f"data/{name}/",
            "error_prefix": f"errors/{name}/",
        }
        for name, stream in tables.items()
    }
    values = {
        "region": "eu-west-1",
        "account_id": B,
        "bucket_name": "lake-of-b",
        "kms_key_arn": KEY,
        "ddb_producer_account_id": A,
        "tables": described,
    }
    return parse_outputs("consumer", {name: {"value": value} for name, value in values.items()})


def test_the_consumer_prints_exactly_the_command_that_the_producer_needs():
    line = producer_inputs.deploy_command(
        consumer_outputs(orders="orders-delivery-stream", events="own-name"), " --local"
    )

    words = shlex.split(line)
    assert words[:5] == ["python", "-m", "tools.deploy", "producer", "--local"]
    given = dict(word.split("=", 1) for word in words[6::2])
    assert json.loads(given.pop("tables")) == {"orders": {}, "events": {"delivery": {"name": "own-name"}}}
    assert given == {
        "region": "eu-west-1",
        "consumer_account_id": B,
        "cross_account_datalake_bucket": "lake-of-b",
        "cross_account_kms_key_arn": KEY,
    }
    assert given.keys() <= environments.find("producer").variables()


def test_what_is_handed_over_is_a_file_that_terraform_reads_by_itself(tmp_path):
    file = producer_inputs.write_producer_inputs(consumer_outputs(), tmp_path)

    assert file.name.endswith(".auto.tfvars.json")
    assert json.loads(file.read_text())["cross_account_kms_key_arn"] == KEY


def test_what_is_deployed_says_where_terraform_finds_it_again():
    values = {"region": "r", "account_id": A, "bucket_name": "b", "consumer_account_id": B}
    values["cross_account_kms_key_arn"] = KEY
    producer = parse_outputs("producer", {name: {"value": value} for name, value in values.items()})

    assert set(producer.inputs()) == {
        "region=r",
        f"account_id={A}",
        f"consumer_account_id={B}",
        "cross_account_datalake_bucket=b",
        f"cross_account_kms_key_arn={KEY}",
    }
    assert set(consumer_outputs().inputs()) == {"region=eu-west-1", f"account_id={B}", f"ddb_producer_account_id={A}"}
    for name in ("producer", "consumer"):
        outputs = producer if name == "producer" else consumer_outputs()
        assert {text.partition("=")[0] for text in outputs.inputs()} <= environments.find(name).variables()


# Variables go to the half that has them.


def half(name, account):
    environment = environments.find(name)
    place = Deployment(environment, environment.folder, environment.folder, None, {})
    return replace(place, own_variables=(f"of={account}",))


@pytest.fixture
def both():
    return Pair(half("consumer", B), half("producer", A))


def test_a_variable_goes_to_the_half_that_has_it_and_to_both_where_both_do(both):
    consumer, producer = cross_account.split(
        both, (), ("region=eu-west-1", "noncurrent_version_days=7", "vpc_cidr=10.1.0.0/24", "producer.name=a-b")
    )

    assert consumer.pairs == ("region=eu-west-1", "noncurrent_version_days=7")
    assert producer.pairs == ("region=eu-west-1", "vpc_cidr=10.1.0.0/24", "name=a-b")


def test_one_file_serves_both_halves(both, tmp_path):
    file = tmp_path / "lake.tfvars"
    file.write_text(
        'tables = { orders = { stream = { shards = 2 } } }\nnoncurrent_version_days = 7\nvpc_cidr = "10.1.0.0/24"\n'
    )

    for share in cross_account.split(both, (file,), ()):
        assert (share.files, share.shared) == ((file,), True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("tabels={}", "there is no variable tabels; the environments' variables.tf"),
        ("consumer.vpc_cidr=x", "there is no variable vpc_cidr in consumer"),
        ("lake.region=x", "does not start with consumer. or producer."),
        ("consumer_account_id=333333333333", "leave out consumer_account_id: cross-account finds it by itself"),
        ("producer.account_id=1", "leave out account_id in producer"),
    ],
)
def test_a_variable_that_neither_half_can_use_is_a_usage_error(both, given, message):
    with pytest.raises(UsageError, match=message):
        cross_account.split(both, (), (given,))


def test_an_unknown_variable_in_a_file_is_named_with_the_file(both, tmp_path):
    file = tmp_path / "lake.tfvars"
    file.write_text("tabels = {}\n")

    with pytest.raises(UsageError, match=r"no variable tabels \(set in .*lake\.tfvars\)"):
        cross_account.split(both, (file,), ())


def test_two_halves_in_one_account_are_refused(both, monkeypatch):
    monkeypatch.setattr(Aws, "account_id", lambda _self: A)

    with pytest.raises(UsageError, match=f"both account {A}.*deploy single-account"):
        both.in_their_accounts()


def test_each_half_is_held_to_its_account(both, monkeypatch):
    accounts = iter([B, A])
    monkeypatch.setattr(Aws, "account_id", lambda _self: next(accounts))

    settled = both.in_their_accounts()

    assert {f"account_id={B}", f"ddb_producer_account_id={A}"} <= set(settled.consumer.own_variables)
    assert f"account_id={A}" in settled.producer.own_variables


# Credentials.


def test_a_profile_puts_keys_of_the_environment_aside():
    base = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t", "PATH": "/bin"}

    assert Identity("lake").environment(base) == {"AWS_PROFILE": "lake", "PATH": "/bin"}
    assert Identity().environment(base) == base


def test_a_role_is_assumed_with_the_credentials_at_hand(monkeypatch):
    asked = {}

    def assume_role(**request):
        asked.update(request)
        return {"Credentials": {"AccessKeyId": "K", "SecretAccessKey": "S", "SessionToken": "T"}}

    monkeypatch.setattr(
        credentials, "Aws", lambda *_: SimpleNamespace(client=lambda _: SimpleNamespace(assume_role=assume_role))
    )

    acting = Identity("base", "arn:role").environment({"AWS_REGION": "eu-west-1"})

    assert asked["RoleArn"] == "arn:role"
    assert acting == {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "K",
        "AWS_SECRET_ACCESS_KEY": "S",
        "AWS_SESSION_TOKEN": "T",
    }


def test_a_role_that_may_not_be_assumed_is_named(monkeypatch):
    client = SimpleNamespace(assume_role=raising(failed("AssumeRole", 403, "AccessDenied")))
    monkeypatch.setattr(credentials, "Aws", lambda *_: SimpleNamespace(client=lambda _: client))

    with pytest.raises(LakeError, match=r"cannot assume arn:role .*AccessDenied"):
        Identity(role_arn="arn:role").environment({})


def test_credentials_of_a_pair_are_a_usage_error_for_one_account():
    identities = Identities(Identity("tables"), Identity(role_arn="arn:role"))

    with pytest.raises(UsageError, match="others: --producer-profile tables --consumer-assume-role-arn arn:role"):
        identities.for_environment("single-account")
    with pytest.raises(UsageError, match="consumer is in one account"):
        identities.for_environment("consumer")
    assert Identities().for_environment("single-account") == Identity()


def test_one_half_takes_its_own_credentials():
    assert Identities(producer=Identity("tables")).for_environment("producer") == Identity("tables")
    assert Identities(consumer=Identity("lake")).for_environment("consumer") == Identity("lake")


def test_the_options_of_a_pair_reach_the_command():
    seen = []

    @click.command()
    @options.identities
    def command(*, identities):
        seen.append(identities)

    given = ["--producer-profile", "a", "--consumer-assume-role-arn", "arn:b"]
    assert CliRunner().invoke(command, given).exit_code == 0
    assert seen == [Identities(Identity("a"), Identity(role_arn="arn:b"))]


# The lake's bucket, seen from the producer's account.


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (raising(failed("HeadBucket", 404)), "there is no bucket lake; deploy the consumer first"),
        (lambda **_: {}, f"lake belongs to this account \\({A}\\)"),
        (
            raising(failed("HeadBucket", 403, **{"x-amz-bucket-region": "eu-west-1"})),
            "lies in eu-west-1, the producer in us",
        ),
    ],
)
def test_a_bucket_that_cannot_be_the_consumers_is_refused(answer, message):
    with pytest.raises(LakeError, match=message):
        bucket_check.check(SimpleNamespace(head_bucket=answer), "lake", account_id=A, region="us-east-1")


@pytest.mark.parametrize("headers", [{}, {"x-amz-bucket-region": "us-east-1"}])
def test_a_bucket_that_is_closed_to_us_is_just_what_is_expected(headers):
    client = SimpleNamespace(head_bucket=raising(failed("HeadBucket", 403, **headers)))

    bucket_check.check(client, "lake", account_id=A, region="us-east-1")


# What delivers to a bucket.


class Firehose:
    """Delivery streams by name -> destination bucket, listed one a page."""

    def __init__(self, **streams):
        self.streams = streams

    def list_delivery_streams(self, *, Limit, ExclusiveStartDeliveryStreamName=None):  # noqa: N803
        names = sorted(self.streams)
        at = names.index(ExclusiveStartDeliveryStreamName) + 1 if ExclusiveStartDeliveryStreamName else 0
        return {"DeliveryStreamNames": names[at : at + 1], "HasMoreDeliveryStreams": at + 1 < len(names)}

    def describe_delivery_stream(self, *, DeliveryStreamName):  # noqa: N803
        arn = f"arn:aws:s3:::{self.streams[DeliveryStreamName]}"
        return {
            "DeliveryStreamDescription": {"Destinations": [{"ExtendedS3DestinationDescription": {"BucketARN": arn}}]}
        }


def test_every_delivery_stream_to_a_bucket_is_found_whatever_its_name():
    assert writers.to_bucket(Firehose(a="lake", b="other", c="lake"), "lake") == ["a", "c"]
    assert writers.to_bucket(Firehose(a="my-lake"), "lake") == []


def producer(monkeypatch, account, **streams):
    monkeypatch.setattr(Aws, "account_id", lambda _self: account)
    monkeypatch.setattr(Aws, "client", lambda _self, _name: Firehose(**streams) if streams else Firehose(z="none"))
    return Aws({"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}, "us-east-1")


def test_a_consumer_that_is_delivered_to_is_not_destroyed(monkeypatch):
    with pytest.raises(RefusedError, match=r"still delivers to lake \(orders\).*destroy the producer first"):
        writers.check_ended(producer(monkeypatch, A, orders="lake"), A, "lake", "us-east-1")


def test_a_consumer_whose_producer_cannot_be_seen_is_not_destroyed(monkeypatch):
    with pytest.raises(RefusedError, match=r"cannot be seen.*--producer-profile"):
        writers.check_ended(None, A, "lake", "us-east-1")
    with pytest.raises(RefusedError, match=f"account {A}, not by 333333333333"):
        writers.check_ended(producer(monkeypatch, "333333333333"), A, "lake", "us-east-1")


def test_a_consumer_whose_producer_is_gone_may_be_destroyed(monkeypatch):
    writers.check_ended(producer(monkeypatch, A), A, "lake", "us-east-1")


# What both sides see of an object.


class Bucket:
    """One object of the consumer's lake."""

    def __init__(self, key=KEY, owner="b", answer=None):
        self.key, self.owner, self.answer = key, owner, answer

    def head_object(self, **_):
        return {"SSEKMSKeyId": self.key} if self.key else {}

    def list_objects_v2(self, **_):
        return {"Contents": [{"Owner": {"ID": self.owner}}]}

    def list_buckets(self):
        return {"Owner": {"ID": "b"}}


CLOSED = SimpleNamespace(get_object=raising(failed("GetObject", 403, "AccessDenied")))


def test_an_object_of_the_consumers_is_seen_as_such_from_both_sides():
    lines = object_ownership.check(Bucket(), CLOSED, "lake", "data/x", KEY)

    assert lines == [
        f"encrypted with {KEY}",
        "owned by the lake's account",
        "closed to the delivering account (AccessDenied)",
    ]


@pytest.mark.parametrize(
    ("reader", "writer", "message"),
    [
        (Bucket(key="arn:other"), CLOSED, "encrypted with arn:other, not"),
        (Bucket(key=None), CLOSED, "encrypted with no customer managed key, not"),
        (Bucket(owner="a"), CLOSED, "belongs to another account"),
        (Bucket(), SimpleNamespace(get_object=lambda **_: {}), "the delivering account can read s3://lake/data/x"),
    ],
)
def test_an_object_that_is_not_the_consumers_alone_fails_the_check(reader, writer, message):
    with pytest.raises(LakeError, match=message):
        object_ownership.check(reader, writer, "lake", "data/x", KEY)

from __future__ import annotations

import pytest

from tests.unit.tools.operations.preflight.recorded import ACCOUNT, KEY_ARN, lines, wanted
from tools.operations.preflight import organisation
from tools.operations.preflight.wanted import ExistingNetwork

KEY, REPLICA_KEY, NETWORK, BUCKET = organisation.CHECKS
THERE = KEY_ARN.replace("us-east-1", "us-west-2")


def key_answers(rotated=True, **metadata):
    return {
        "kms.describe_key": {
            "KeyMetadata": {
                "KeyId": KEY_ARN[-36:],
                "Arn": KEY_ARN,
                "KeyState": "Enabled",
                "KeySpec": "SYMMETRIC_DEFAULT",
                "KeyUsage": "ENCRYPT_DECRYPT",
                "KeyManager": "CUSTOMER",
                "Origin": "AWS_KMS",
                **metadata,
            }
        },
        "kms.get_key_rotation_status": {"KeyRotationEnabled": rotated},
    }


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"kms.describe_key": "NotFoundException"}, "stops: there is no such key"),
        (key_answers(KeyState="Disabled"), "stops: it is Disabled"),
        (key_answers(KeyUsage="SIGN_VERIFY"), "stops: it is of kind SYMMETRIC_DEFAULT for SIGN_VERIFY"),
        (key_answers(KeyManager="AWS"), "stops: AWS manages it"),
        (key_answers(Arn=KEY_ARN.replace("us-east-1", "eu-west-1")), "stops: it is a key of eu-west-1"),
        (key_answers(rotated=False), "hurts: it is not rotated"),
    ],
)
def test_a_key_that_the_gate_or_aws_would_not_take_is_found(answers, found):
    (line,) = lines(KEY, answers, wanted(key_arn=KEY_ARN))

    weight, what = found.split(": ", 1)
    assert line.startswith(f"{weight} key {KEY_ARN}: {what}")


def test_a_sound_key_is_fine_and_none_is_not_asked_for():
    assert lines(KEY, key_answers(), wanted(key_arn=KEY_ARN)) == []
    assert lines(KEY, {}, wanted()) == []


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"kms.describe_key": "NotFoundException"}, "stops: there is no such key"),
        (key_answers(Arn=THERE, KeyState="PendingDeletion"), "stops: it is PendingDeletion"),
        (key_answers(Arn=THERE, KeyManager="AWS"), "stops: AWS manages it"),
    ],
)
def test_a_key_for_the_replica_is_looked_at_in_its_own_region(answers, found):
    want = wanted(replica_region="us-west-2", replica_key_arn=THERE)

    (line,) = lines(REPLICA_KEY, {}, want, us_west_2=answers)

    weight, what = found.split(": ", 1)
    assert line.startswith(f"{weight} key {THERE}: {what}")
    assert lines(REPLICA_KEY, {}, want, us_west_2=key_answers(Arn=THERE)) == []


def subnet(name, zone, **settings):
    return {"SubnetId": name, "VpcId": "vpc-1", "AvailabilityZoneId": zone, "AvailableIpAddressCount": 9, **settings}


def network(*subnets, routes=(), main_routes=()):
    own = {"Associations": [{"SubnetId": "subnet-a"}], "Routes": list(routes)}
    main = {"Associations": [{"Main": True}], "Routes": list(main_routes)}
    return {
        "ec2.describe_subnets": {"Subnets": list(subnets)},
        "ec2.describe_route_tables": {"RouteTables": [own, main]},
    }


GATEWAY = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}
LOCAL = {"DestinationCidrBlock": "10.0.0.0/24", "GatewayId": "local"}
A, B = subnet("subnet-a", "use1-az1"), subnet("subnet-b", "use1-az2")


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (network(A), ["stops subnet subnet-b: there is none in us-east-1", "hurts VPC vpc-1: all subnets are in one"]),
        (network(A, {**B, "VpcId": "vpc-2"}), ["stops subnet subnet-b: it is of vpc-2, not of vpc-1"]),
        (network(A, {**B, "AvailabilityZoneId": "use1-az3"}), ["stops subnet subnet-b: it is in use1-az3"]),
        (network(A, {**B, "AvailableIpAddressCount": 0}), ["stops subnet subnet-b: it has no free address"]),
        (network(A, B, routes=[LOCAL, GATEWAY]), ["stops subnet subnet-a: it is public: a route leads to igw-1"]),
        (network(A, B, main_routes=[GATEWAY]), ["stops subnet subnet-b: it is public: a route leads to igw-1"]),
        (network(A, B, routes=[LOCAL], main_routes=[LOCAL]), []),
    ],
)
def test_a_network_that_is_not_private_or_not_usable_is_found(answers, found):
    want = wanted(network=ExistingNetwork("vpc-1", ("subnet-a", "subnet-b")))
    got = lines(NETWORK, answers, want)

    assert len(got) == len(found)
    assert all(line.startswith(start) for line, start in zip(got, found, strict=True))


BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
NO_BLOCK = "NoSuchPublicAccessBlockConfiguration"


def bucket_answers(key=KEY_ARN, **settings):
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
    rules = [{"ApplyServerSideEncryptionByDefault": encryption}]
    answers = {
        "s3.head_bucket": {"BucketRegion": "us-east-1"},
        "s3.get_bucket_versioning": {"Status": "Enabled"},
        "s3.get_public_access_block": {"PublicAccessBlockConfiguration": BLOCK},
        "s3.get_bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": rules}},
        "s3.get_bucket_ownership_controls": {
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        },
    }
    return {**answers, **{f"s3.{operation}": answer for operation, answer in settings.items()}}


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (bucket_answers(head_bucket="404"), f"account {ACCOUNT} has no such bucket"),
        (bucket_answers(head_bucket={"BucketRegion": "eu-west-1"}), "it lies in eu-west-1"),
        (bucket_answers(get_bucket_versioning={}), "it keeps no versions"),
        (bucket_answers(get_public_access_block=NO_BLOCK), "public access is not blocked"),
        (
            bucket_answers(
                get_public_access_block={"PublicAccessBlockConfiguration": {**BLOCK, "BlockPublicAcls": False}}
            ),
            "public access is not blocked",
        ),
        (
            bucket_answers(get_bucket_ownership_controls="OwnershipControlsNotFoundError"),
            "objects may have other owners",
        ),
        (bucket_answers(key=None), "objects are not encrypted with a customer managed key"),
        (bucket_answers(key=KEY_ARN[:-1] + "6"), f"its default key is {KEY_ARN[:-1]}6"),
    ],
)
def test_a_bucket_that_the_gate_would_not_take_is_found(answers, found):
    (line,) = lines(BUCKET, answers, wanted(bucket="lake", key_arn=KEY_ARN))

    assert line.startswith(f"stops bucket lake: {found}")


def test_a_sound_bucket_is_fine():
    assert lines(BUCKET, bucket_answers(), wanted(bucket="lake", key_arn=KEY_ARN)) == []

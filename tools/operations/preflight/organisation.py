"""A key, a network and a bucket that an organisation made, and that a deployment is to use as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.operations.preflight.check import Check
from tools.operations.preflight.findings import hurts, stops
from tools.operations.preflight.zones import WITHOUT_LAMBDA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.findings import Finding
    from tools.operations.preflight.wanted import Wanted


@dataclass(frozen=True)
class KeyAnswers:
    """What KMS says of a key: its metadata (None: no such key), and whether it is rotated."""

    key: Mapping[str, Any] | None
    is_rotated: bool = False


def _ask_key(account: Account, wanted: Wanted) -> KeyAnswers:
    return _ask_about(account, wanted.key_arn)


def _ask_replica_key(account: Account, wanted: Wanted) -> KeyAnswers:
    return _ask_about(account.in_region(wanted.replica_region), wanted.replica_key_arn)


def _ask_about(account: Account, key_arn: str | None) -> KeyAnswers:
    found = account.find("kms", "describe_key", ("NotFoundException",), KeyId=key_arn)
    if found is None:
        return KeyAnswers(None)
    # KMS Developer Guide, "Rotate AWS KMS keys": only symmetric keys with material of KMS's own can be asked.
    key = found["KeyMetadata"]
    can_rotate = key.get("KeySpec") == "SYMMETRIC_DEFAULT" and key.get("Origin") == "AWS_KMS"
    rotation = account.call("kms", "get_key_rotation_status", KeyId=key_arn) if can_rotate else {}
    return KeyAnswers(key, bool(rotation.get("KeyRotationEnabled")))


def _judge_key(wanted: Wanted, answer: KeyAnswers) -> Iterator[Finding]:
    yield from _judge_one(str(wanted.key_arn), wanted.place.region, answer)


def _judge_replica_key(wanted: Wanted, answer: KeyAnswers) -> Iterator[Finding]:
    yield from _judge_one(str(wanted.replica_key_arn), wanted.replica_region, answer)


def _judge_one(key_arn: str, wanted_region: str, answer: KeyAnswers) -> Iterator[Finding]:
    where, key = f"key {key_arn}", answer.key
    if key is None:
        yield stops(where, "there is no such key", "give the full ARN of a key")
        return
    if key["KeyState"] != "Enabled":
        yield stops(where, f"it is {key['KeyState']}", "enable it, or give another")
    if (key.get("KeySpec"), key.get("KeyUsage")) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
        yield stops(where, f"it is of kind {key.get('KeySpec')} for {key.get('KeyUsage')}", "give a symmetric key")
    if key.get("KeyManager") != "CUSTOMER":
        yield stops(where, "AWS manages it, and its policy cannot let our services in", "give a customer managed key")
    region = str(key["Arn"]).split(":")[3]
    if region != wanted_region:
        yield stops(where, f"it is a key of {region}, and all else of {wanted_region}", "give a key of this Region")
    if not answer.is_rotated:
        yield hurts(where, "it is not rotated", "switch automatic rotation on")


@dataclass(frozen=True)
class NetworkAnswers:
    """What EC2 says of the subnets, and of the route tables of their VPC."""

    subnets: tuple[Mapping[str, Any], ...]
    route_tables: tuple[Mapping[str, Any], ...] = ()


def _ask_network(account: Account, wanted: Wanted) -> NetworkAnswers:
    network = wanted.network
    if network is None:
        return NetworkAnswers(())
    # By filters, which answer with those that exist, where ids would be an error.
    by_id = [{"Name": "subnet-id", "Values": list(network.subnet_ids)}]
    by_vpc = [{"Name": "vpc-id", "Values": [network.vpc_id]}]
    return NetworkAnswers(
        tuple(account.pages("ec2", "describe_subnets", "Subnets", Filters=by_id)),
        tuple(account.pages("ec2", "describe_route_tables", "RouteTables", Filters=by_vpc)),
    )


def _judge_network(wanted: Wanted, answer: NetworkAnswers) -> Iterator[Finding]:
    network = wanted.network
    if network is None:
        return
    subnets = {subnet["SubnetId"]: subnet for subnet in answer.subnets}
    for name in network.subnet_ids:
        where, subnet = f"subnet {name}", subnets.get(name)
        if subnet is None:
            yield stops(where, f"there is none in {wanted.place.region}", "give subnets of this account and Region")
            continue
        if subnet["VpcId"] != network.vpc_id:
            yield stops(where, f"it is of {subnet['VpcId']}, not of {network.vpc_id}", "give subnets of that VPC")
        if subnet["AvailabilityZoneId"] in WITHOUT_LAMBDA:
            yield stops(where, f"it is in {subnet['AvailabilityZoneId']}, where Lambda takes no subnet", "give another")
        if subnet["AvailableIpAddressCount"] == 0:
            yield stops(where, "it has no free address for the function's interface", "give another")
        if gateway := _internet_gateway(name, answer.route_tables):
            yield stops(where, f"it is public: a route leads to {gateway}", "give a private subnet")
    if len({subnet["AvailabilityZoneId"] for subnet in subnets.values()}) == 1:
        yield hurts(f"VPC {network.vpc_id}", "all subnets are in one Availability Zone", "give subnets of two")


def _internet_gateway(subnet: str, tables: tuple[Mapping[str, Any], ...]) -> str | None:
    """Returns the internet gateway that a subnet has a route to: by its own route table, else by the VPC's main one."""
    own = [table for table in tables if any(each.get("SubnetId") == subnet for each in table["Associations"])]
    main = [table for table in tables if any(each.get("Main") for each in table["Associations"])]
    gateways = [str(route.get("GatewayId", "")) for table in own or main for route in table["Routes"]]
    return next((gateway for gateway in gateways if gateway.startswith("igw-")), None)


@dataclass(frozen=True)
class BucketAnswers:
    """What S3 says of a bucket and its settings; empty for a setting that it does not have."""

    exists: bool
    region: str = ""
    versioning: str = ""
    public_access: Mapping[str, bool] | None = None
    encryption: Mapping[str, Any] | None = None
    ownership: str = ""


def _ask_bucket(account: Account, wanted: Wanted) -> BucketAnswers:
    bucket = {"Bucket": wanted.bucket, "ExpectedBucketOwner": wanted.place.account_id}
    head = account.find("s3", "head_bucket", ("404",), **bucket)
    if head is None:
        return BucketAnswers(exists=False)
    block = account.find("s3", "get_public_access_block", ("NoSuchPublicAccessBlockConfiguration",), **bucket)
    rules = account.find("s3", "get_bucket_encryption", ("ServerSideEncryptionConfigurationNotFoundError",), **bucket)
    owner = account.find("s3", "get_bucket_ownership_controls", ("OwnershipControlsNotFoundError",), **bucket)
    return BucketAnswers(
        exists=True,
        region=str(head.get("BucketRegion", wanted.place.region)),
        versioning=str(account.call("s3", "get_bucket_versioning", **bucket).get("Status", "")),
        public_access=(block or {}).get("PublicAccessBlockConfiguration"),
        encryption=rules["ServerSideEncryptionConfiguration"]["Rules"][0] if rules else None,
        ownership=owner["OwnershipControls"]["Rules"][0]["ObjectOwnership"] if owner else "",
    )


_BLOCKS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _judge_bucket(wanted: Wanted, answer: BucketAnswers) -> Iterator[Finding]:
    where = f"bucket {wanted.bucket}"
    if not answer.exists:
        yield stops(where, f"account {wanted.place.account_id} has no such bucket", "correct its name, or the profile")
        return
    if answer.region != wanted.place.region:
        yield stops(where, f"it lies in {answer.region}, all else in {wanted.place.region}", "give one of this Region")
    if answer.versioning != "Enabled":
        yield stops(where, "it keeps no versions: what is written over or deleted is lost", "switch versioning on")
    if not all((answer.public_access or {}).get(block) for block in _BLOCKS):
        yield stops(where, "public access is not blocked in all four ways", "block it")
    if answer.ownership != "BucketOwnerEnforced":
        yield stops(where, "objects may have other owners than the bucket", "set ownership to BucketOwnerEnforced")
    default = (answer.encryption or {}).get("ApplyServerSideEncryptionByDefault", {})
    if default.get("SSEAlgorithm") != "aws:kms" or not default.get("KMSMasterKeyID"):
        yield stops(
            where, "objects are not encrypted with a customer managed key by default", "set aws:kms and its key"
        )
    elif wanted.key_arn and default["KMSMasterKeyID"] != wanted.key_arn:
        yield stops(where, f"its default key is {default['KMSMasterKeyID']}, not {wanted.key_arn}", "make them one key")


CHECKS: Final[tuple[Check[Any], ...]] = (
    Check("key of the organisation", lambda wanted: wanted.key_arn is not None, _ask_key, _judge_key),
    Check(
        "key of the replica", lambda wanted: wanted.replica_key_arn is not None, _ask_replica_key, _judge_replica_key
    ),
    Check("network of the organisation", lambda wanted: wanted.network is not None, _ask_network, _judge_network),
    Check("bucket of the organisation", lambda wanted: wanted.bucket is not None, _ask_bucket, _judge_bucket),
)

"""Resources are described as they were made, so that a plan after an apply is empty."""

from __future__ import annotations

import json

import pytest

from tests.system.accounts import Account
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("corrections")]

A = service.PRODUCER
ROLE = f"arn:aws:iam::{A}:role/described"


def account(local):
    own = Account(local, A)
    iam = own.client("iam")
    if "described" not in [role["RoleName"] for role in iam.list_roles()["Roles"]]:
        own.role("described", "*", "*", Principal={"Service": "firehose.amazonaws.com"})
    return own


def a_flow_log(local):
    ec2 = account(local).client("ec2")
    group = f"arn:aws:logs:us-east-1:{A}:log-group:of-flows"
    ec2.create_flow_logs(
        ResourceIds=[ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestination=group,
        DeliverLogsPermissionArn=ROLE,
        MaxAggregationInterval=60,
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Name", "Value": "x"}]}],
    )
    found = ec2.describe_flow_logs()["FlowLogs"][-1]
    names = ("LogGroupName", "LogDestination", "DeliverLogsPermissionArn", "MaxAggregationInterval", "Tags")
    is_default = found.get("LogFormat", "").startswith("${version} ${account-id} ${interface-id}")
    told = tuple(found.get(name) for name in names)
    return is_default and told == ("of-flows", group, ROLE, 60, [{"Key": "Name", "Value": "x"}])


def a_delivery_stream(local):
    firehose = account(local).client("firehose")
    told = []
    for name, settings in (("usual", {}), ("set", {"CustomTimeZone": "Asia/Tokyo", "FileExtension": ".json.gz"})):
        destination = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::described", **settings}
        stream = f"described-{name}"
        firehose.create_delivery_stream(DeliveryStreamName=stream, ExtendedS3DestinationConfiguration=destination)
        described = firehose.describe_delivery_stream(DeliveryStreamName=stream)["DeliveryStreamDescription"]
        found = described["Destinations"][0]["ExtendedS3DestinationDescription"]
        told.append((found.get("CustomTimeZone"), found.get("FileExtension")))
    return told == [("UTC", None), ("Asia/Tokyo", ".json.gz")]


def a_state_machine(local):
    states = account(local).client("stepfunctions")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    arn = states.create_state_machine(
        name="described", definition=definition, roleArn=ROLE, tracingConfiguration={"enabled": True}
    )["stateMachineArn"]
    states.update_state_machine(stateMachineArn=arn, roleArn=ROLE)
    return states.describe_state_machine(stateMachineArn=arn).get("tracingConfiguration") == {"enabled": True}


def a_crawler(local):
    glue = account(local).client("glue")
    target = {"S3Targets": [{"Path": "s3://described/"}]}
    recrawl = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}
    glue.create_crawler(Name="described", Role=ROLE, DatabaseName="d", Targets=target, RecrawlPolicy=recrawl)
    found = glue.get_crawler(Name="described")["Crawler"]
    usual = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}
    return (found["RecrawlPolicy"], found["SchemaChangePolicy"]) == (recrawl, usual)


def a_security_group(local):
    ec2 = account(local).client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="described", Description="d", VpcId=vpc)["GroupId"]
    everything = {"IpProtocol": "-1", "FromPort": 0, "ToPort": 0, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
    return ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"] == []


def a_table(local):
    dynamodb = account(local).client("dynamodb")
    key = {"AttributeName": "id", "AttributeType": "S"}
    dynamodb.create_table(
        TableName="described",
        AttributeDefinitions=[key],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for name, text in (("a", "x" * 97), ("b", "x" * 997)):
        dynamodb.put_item(TableName="described", Item={"id": {"S": name}, "text": {"S": text}})
    found = dynamodb.describe_table(TableName="described")["Table"]
    # Names and values in UTF-8: 2 + 1 + 4 + 97, and 900 more.
    return (found["ItemCount"], found["TableSizeBytes"]) == (2, 104 + 1004)


TOLD = {
    "tell_the_size_of_tables": a_table,
    "take_away_the_rule_that_lets_everything_out": a_security_group,
    "describe_flow_logs_whole": a_flow_log,
    "describe_time_zone_of_prefixes": a_delivery_stream,
    "keep_tracing_of_state_machines": a_state_machine,
    "describe_crawlers_with_defaults": a_crawler,
}


@pytest.mark.parametrize("correction", TOLD)
def test_a_resource_is_told_as_it_was_made(corrected, correction):
    assert TOLD[correction](corrected)


@pytest.mark.parametrize("correction", TOLD)
def test_the_emulator_still_needs_the_correction(uncorrected, correction):
    assert not TOLD[correction](uncorrected), f"the emulator tells it by itself now: remove {correction}"

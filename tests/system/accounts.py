"""Accounts of local AWS, their roles, and whether a caller is let in."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from tools.deployments.aws import Aws


class Account:
    """Clients of an account's root, and of sessions of its roles."""

    def __init__(self, local, account):
        self.account = account
        self._environment = local.environment(account)

    def client(self, name, **keys):
        return Aws({**self._environment, **keys}).client(name)

    def session(self, role, name, **more):
        given = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return self.client(
            name,
            AWS_ACCESS_KEY_ID=given["AccessKeyId"],
            AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
            AWS_SESSION_TOKEN=given["SessionToken"],
            **more,
        )

    def role(self, name, action, resource, path="/", **trust):
        """Makes a role that the account's root may assume (or what `trust` says) and returns its ARN."""
        who = trust or {"Principal": {"AWS": f"arn:aws:iam::{self.account}:root"}}
        iam = self.client("iam")
        trusts = document({"Action": "sts:AssumeRole", **who})
        arn = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trusts)["Role"]["Arn"]
        iam.put_role_policy(
            RoleName=name, PolicyName="p", PolicyDocument=document({"Action": action, "Resource": resource})
        )
        return arn


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})


def is_let_in(call, **request):
    """Returns whether AWS lets a caller do something; fails on any other error."""
    try:
        call(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException"):
            raise
        return False
    return True


LISTED = {
    "athena": [("list_work_groups", "WorkGroups", "Name")],
    "cloudwatch": [
        ("describe_alarms", "MetricAlarms", "AlarmName"),
        ("describe_alarms", "CompositeAlarms", "AlarmName"),
    ],
    "dynamodb": [("list_tables", "TableNames", None)],
    "ec2": [
        ("describe_vpcs", "Vpcs", "VpcId"),
        ("describe_subnets", "Subnets", "SubnetId"),
        ("describe_security_groups", "SecurityGroups", "GroupId"),
        ("describe_route_tables", "RouteTables", "RouteTableId"),
        ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
        ("describe_flow_logs", "FlowLogs", "FlowLogId"),
    ],
    "firehose": [("list_delivery_streams", "DeliveryStreamNames", None)],
    "glue": [("get_databases", "DatabaseList", "Name")],
    "iam": [("list_roles", "Roles", "Arn"), ("list_policies", "Policies", "Arn")],
    "kinesis": [("list_streams", "StreamNames", None)],
    "kms": [("list_keys", "Keys", "KeyArn"), ("list_aliases", "Aliases", "AliasName")],
    "lambda": [("list_functions", "Functions", "FunctionName")],
    "logs": [
        ("describe_log_groups", "logGroups", "logGroupName"),
        ("describe_query_definitions", "queryDefinitions", "name"),
    ],
    "s3": [("list_buckets", "Buckets", "Name")],
    "scheduler": [("list_schedules", "Schedules", "Name"), ("list_schedule_groups", "ScheduleGroups", "Name")],
    "sns": [("list_topics", "Topics", "TopicArn")],
    "stepfunctions": [("list_state_machines", "stateMachines", "name")],
}
"""Service -> operations that list what an account has: the list in the answer, and the name of one (None: itself)."""


def holdings(client):
    """Returns what an account has, as its APIs list it: (service, list) -> names."""
    found = {}
    for service, operations in LISTED.items():
        for operation, member, name in operations:
            more = {"Scope": "Local"} if operation == "list_policies" else {}
            listed = getattr(client(service), operation)(**more).get(member, [])
            found[service, member] = sorted(each[name] if name else each for each in listed)
    dashboards = client("cloudwatch").list_dashboards()["DashboardEntries"]
    return {**found, ("cloudwatch", "dashboards"): sorted(each["DashboardName"] for each in dashboards)}

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

"""A role of an account of local AWS that may do what it is given and no more, and whose actions can be taken away."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.docs import deployer_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.system.accounts import Account

_POLICY = "all"


class NarrowRole:
    """The role; `allowed` are resources, and the actions that it may do on each."""

    def __init__(self, account: Account, name: str, allowed: Mapping[str, Sequence[str]]) -> None:
        self._iam, self._sts = account.client("iam"), account.client("sts")
        self._name, self._allowed = name, allowed
        self.arn: str = account.role(name, "sts:GetCallerIdentity", "*")
        self._put("")

    @property
    def actions(self) -> list[str]:
        """All that it may do."""
        return sorted({action for actions in self._allowed.values() for action in actions})

    def keys(self) -> dict[str, str]:
        """Returns the variables by which a client acts as the role, for an hour."""
        given = self._sts.assume_role(RoleArn=self.arn, RoleSessionName=self._name)["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }

    @contextmanager
    def lacking(self, action: str) -> Iterator[None]:
        """Takes an action away for a while."""
        self._put(action)
        try:
            yield
        finally:
            self._put("")

    def _put(self, without: str) -> None:
        statements = [
            {"Effect": "Allow", "Action": kept, "Resource": resource}
            for resource, actions in self._allowed.items()
            if (kept := [each for each in actions if each != without])
        ]
        named = {action for each in statements for action in each["Action"]}
        # What local AWS authorises under another name, or on another resource than AWS does.
        elsewhere = sorted(local for local, action in deployer_policy.LOCAL.items() if action in named)
        if elsewhere:
            statements.append({"Effect": "Allow", "Action": elsewhere, "Resource": "*"})
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self._iam.put_role_policy(RoleName=self._name, PolicyName=_POLICY, PolicyDocument=document)

"""The service-linked role with which DynamoDB writes change records to a data stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.operations.preflight.check import Check
from tools.operations.preflight.findings import hurts, stops
from tools.operations.preflight.simulation import Decision, Question, principal, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.findings import Finding
    from tools.operations.preflight.wanted import Wanted

ROLE_NAME: Final = "AWSServiceRoleForDynamoDBKinesisDataStreamsReplication"
"""DynamoDB makes it with the first streaming destination of an account (DynamoDB Developer Guide, "kds_iam")."""

SERVICE: Final = "kinesisreplication.dynamodb.amazonaws.com"

_ARN: Final = f"arn:{{partition}}:iam::{{account}}:role/aws-service-role/{SERVICE}/{ROLE_NAME}"
_ACTION: Final = "iam:CreateServiceLinkedRole"


def _ask(account: Account, wanted: Wanted) -> Decision:
    """Returns whether the role is there, or the caller may have it made."""
    if account.find("iam", "get_role", ("NoSuchEntity",), RoleName=ROLE_NAME) is not None:
        return Decision.ALLOWED
    source = principal(account, wanted.caller)
    if source is None:
        return Decision.ALLOWED
    (answer,) = simulate(account, wanted.place, source, [Question(_ACTION, (wanted.place.arn(_ARN),))])
    return answer.decision


def _judge(_wanted: Wanted, decision: Decision) -> Iterator[Finding]:
    if decision is Decision.ALLOWED:
        return
    weigh = stops if decision is Decision.DENIED else hurts
    yield weigh(
        f"role {ROLE_NAME}",
        "the account does not have it yet, and these credentials may not have it made",
        f"have somebody run: aws iam create-service-linked-role --aws-service-name {SERVICE}",
    )


CHECK: Final = Check("service-linked role of DynamoDB", lambda wanted: bool(wanted.tables), _ask, _judge)

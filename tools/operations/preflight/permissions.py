"""Whether the caller may make what is not there yet, as far as its own policies say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.operations.preflight.check import Check
from tools.operations.preflight.findings import hurts, note, stops
from tools.operations.preflight.kinds import KINDS
from tools.operations.preflight.simulation import Decision, Question, principal, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.findings import Finding
    from tools.operations.preflight.simulation import Answer
    from tools.operations.preflight.wanted import Wanted

SUBJECT: Final = "permissions of the caller"

_STREAMING: Final = "dynamodb:EnableKinesisStreamingDestination"
_TABLE_ARN: Final = "arn:{partition}:dynamodb:{region}:{account}:table/{name}"
_VPC_ARN: Final = "arn:{partition}:ec2:{region}:{account}:vpc/*"


def questions(wanted: Wanted) -> list[Question]:
    """Returns the main actions by which an apply makes what is not there yet, on the resources that it makes.

    Actions as the Service Authorization Reference has them for the calls that the provider makes.
    """
    place, new = wanted.place, wanted.to_make()
    found = []
    for kind in KINDS:
        arns = tuple(wanted.arn(each) for each in new if each.kind is kind)
        if arns:
            found.append(Question(kind.action, arns))
    for service in sorted({each.passed_to for each in new if each.passed_to}):
        arns = tuple(wanted.arn(each) for each in new if each.passed_to == service)
        found.append(Question("iam:PassRole", arns, passed_to=service))
    streamed = tuple(
        place.arn(_TABLE_ARN, table.name)
        for table in wanted.tables
        if not wanted.owned.has("aws_dynamodb_kinesis_streaming_destination", table.name)
    )
    if streamed:
        found.append(Question(_STREAMING, streamed))
    if wanted.zones and not wanted.owned.has_any("aws_vpc"):
        found.append(Question("ec2:CreateVpc", (place.arn(_VPC_ARN),)))
    if wanted.key_arn is None and not wanted.owned.has_any("aws_kms_key"):
        found.append(Question("kms:CreateKey", ("*",)))
    return found


def _ask(account: Account, wanted: Wanted) -> list[Answer] | None:
    source = principal(account, wanted.caller)
    return None if source is None else simulate(account, wanted.place, source, questions(wanted))


def _judge(wanted: Wanted, answers: list[Answer] | None) -> Iterator[Finding]:
    if answers is None:
        yield note(SUBJECT, f"{wanted.caller} is no user and no role, so its policies cannot be looked at")
        return
    for answer in answers:
        if answer.decision is Decision.DENIED:
            what = f"{answer.action} on {answer.resource} is not allowed by the policies of {wanted.caller}"
            yield stops(SUBJECT, what, "let it be allowed, or use other credentials")
        elif answer.decision is Decision.DEPENDS:
            what = f"{answer.action} on {answer.resource} is allowed only under a condition that cannot be tried here"
            yield hurts(SUBJECT, what, "look at the conditions of the policies")
    yield note(SUBJECT, "only policies count here; what an organisation or a session policy denies cannot be seen")


CHECK: Final = Check(SUBJECT, lambda wanted: bool(questions(wanted)), _ask, _judge)

"""Refuses plans that would lose data, unless the resource is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from tools.plan_review.plan import Plan

LOSSES: Final = {
    "aws_dynamodb_table": "the table and every item in it are deleted",
    "aws_kinesis_stream": "changes in the stream that are not delivered yet are lost",
    "aws_dynamodb_kinesis_streaming_destination": "changes made to the table while the destination is off are lost",
    "aws_kinesis_firehose_delivery_stream": "changes made before a new one reads the stream are not delivered",
    "aws_s3_bucket": "the lake's objects go with the bucket",
    "aws_kms_key": "everything encrypted under the key becomes unreadable",
}
"""Type of a resource that data depends on -> what is lost when it is deleted or replaced."""


DATA: Final = (*LOSSES, "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_versioning")
"""Types of resources that hold data, or decide how long it is kept."""


def refusals(plan: Plan, allowed: Collection[str] = ()) -> list[str]:
    """Returns why the plan must not be applied, a line each; `allowed` are addresses that may be lost."""
    return [*_moves(plan), *_removals(plan, allowed)]


def unused(plan: Plan, allowed: Collection[str]) -> list[str]:
    """Returns the addresses in `allowed` that the plan does not remove: probably misspelt."""
    removed = {change.address for change in plan.changes() if change.removes}
    return sorted(set(allowed) - removed)


def _removals(plan: Plan, allowed: Collection[str]) -> list[str]:
    return [
        f"would {change.action} {change.address}: {LOSSES[change.type]}; "
        f"to do it all the same: --allow-replace '{change.address}'"
        for change in plan.changes()
        if change.removes
        and change.type in LOSSES
        and change.address not in allowed
        # A resource that a first deployment did not complete has never held data.
        and not (change.is_tainted and plan.continues_first_deployment)
    ]


def move(name: str, before: str, after: str) -> str:
    """Returns why a deployment may not go from one account or Region (`name` is account_id or region) to another."""
    return (
        f"would leave what is deployed in {before} behind and start afresh in {after}; "
        f"destroy it first, or keep {name} as it was"
    )


def _moves(plan: Plan) -> list[str]:
    # With another account or Region the provider finds none of the resources in the state: Terraform would create new
    # ones, and the old ones would keep running outside of any state.
    outputs = {name: (plan.output_before(name), plan.output_after(name)) for name in ("account_id", "region")}
    return [
        move(name, before, after) for name, (before, after) in outputs.items() if before and after and before != after
    ]

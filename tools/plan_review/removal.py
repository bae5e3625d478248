"""What a plan to remove a deployment takes away, by what has to be done before Terraform may remove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.plan_review.plan import Plan

TABLE: Final = "aws_dynamodb_table"
DESTINATION: Final = "aws_dynamodb_kinesis_streaming_destination"
DELIVERY_STREAM: Final = "aws_kinesis_firehose_delivery_stream"
BUCKET: Final = "aws_s3_bucket"
KEY: Final = "aws_kms_key"
FUNCTION: Final = "aws_lambda_function"


@dataclass(frozen=True)
class Removal:
    """What is removed: names of tables, delivery streams and buckets, ARNs of keys, addresses of destinations.

    `protected_tables` are those of the tables that AWS refuses to delete as they are.
    """

    tables: tuple[str, ...] = ()
    protected_tables: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    delivery_streams: tuple[str, ...] = ()
    delivery_addresses: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    key_arns: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


def find(plan: Plan) -> Removal:
    """Returns what `plan` removes; what it also makes again counts too."""
    removed = list(_removed(plan))

    def values(kind: str, attribute: str) -> tuple[str, ...]:
        return tuple(str(before[attribute]) for each, _, before in removed if each == kind and before.get(attribute))

    def addresses(kind: str) -> tuple[str, ...]:
        return tuple(address for each, address, _ in removed if each == kind)

    return Removal(
        tables=values(TABLE, "name"),
        protected_tables=tuple(
            str(before["name"])
            for kind, _, before in removed
            if kind == TABLE and before.get("deletion_protection_enabled")
        ),
        destinations=addresses(DESTINATION),
        delivery_streams=values(DELIVERY_STREAM, "name"),
        delivery_addresses=addresses(DELIVERY_STREAM),
        buckets=values(BUCKET, "bucket"),
        key_arns=values(KEY, "arn"),
        functions=values(FUNCTION, "function_name"),
    )


def _removed(plan: Plan) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for change in plan.changes():
        if change.removes:
            yield change.type, change.address, change.change.before or {}

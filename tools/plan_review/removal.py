"""What a plan to remove a deployment takes away, by what has to be done before Terraform may remove it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tools.plan_review.plan import Plan

TABLE: Final = "aws_dynamodb_table"
DESTINATION: Final = "aws_dynamodb_kinesis_streaming_destination"
DELIVERY_STREAM: Final = "aws_kinesis_firehose_delivery_stream"
BUCKET: Final = "aws_s3_bucket"
REPLICATION: Final = "aws_s3_bucket_replication_configuration"
KEY: Final = "aws_kms_key"
FUNCTION: Final = "aws_lambda_function"


@dataclass(frozen=True)
class Removal:
    """What is removed: names of tables, delivery streams and functions, ARNs of keys, and buckets.

    `protected_tables` are those of the tables that AWS refuses to delete as they are; `destinations` are what tables
    stream to, as (name of the table, ARN of the stream). `buckets` are by name, with their Regions, one that is
    replicated before its replica: `replicated_buckets` are the names of those whose replication ends.
    """

    tables: tuple[str, ...] = ()
    protected_tables: tuple[str, ...] = ()
    destinations: tuple[tuple[str, str], ...] = ()
    delivery_streams: tuple[str, ...] = ()
    buckets: Mapping[str, str | None] = field(default_factory=dict)
    replicated_buckets: tuple[str, ...] = ()
    key_arns: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


def find(plan: Plan) -> Removal:
    """Returns what `plan` removes; what it also makes again counts too."""
    removed = list(_removed(plan))

    def values(kind: str, attribute: str) -> tuple[str, ...]:
        return tuple(str(before[attribute]) for each, before in removed if each == kind and before.get(attribute))

    replicated = values(REPLICATION, "bucket")
    return Removal(
        tables=values(TABLE, "name"),
        protected_tables=tuple(
            str(before["name"])
            for kind, before in removed
            if kind == TABLE and before.get("deletion_protection_enabled")
        ),
        destinations=tuple(
            (str(before["table_name"]), str(before["stream_arn"])) for kind, before in removed if kind == DESTINATION
        ),
        delivery_streams=values(DELIVERY_STREAM, "name"),
        buckets=_buckets(removed, replicated),
        replicated_buckets=replicated,
        key_arns=values(KEY, "arn"),
        functions=values(FUNCTION, "function_name"),
    )


def _removed(plan: Plan) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for change in plan.changes():
        if change.removes:
            yield change.type, change.change.before or {}


def _buckets(removed: Iterable[tuple[str, Mapping[str, Any]]], replicated: Collection[str]) -> dict[str, str | None]:
    found = {str(before["bucket"]): before.get("region") for kind, before in removed if kind == BUCKET}
    return {name: found[name] for name in sorted(found, key=lambda name: name not in replicated)}

"""Where the lake may have something of an item: each prefix of each bucket, and what lies there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from tools.deployments.outputs import Table

LineKind = Literal["rows", "failed", "items"]
"""Lake rows; records that failed; items and changes as DynamoDB exports them."""

Kind = LineKind | Literal["results", "notes"]
"""Besides lines: what queries found, and what our tools noted down."""


class Bucket(msgspec.Struct, frozen=True):
    """A bucket that has a copy of the lake, and its Region."""

    name: str
    region: str


class Place(msgspec.Struct, frozen=True):
    """A prefix of a bucket, and what lies below it."""

    bucket: Bucket
    prefix: str
    kind: Kind

    @property
    def text(self) -> str:
        """The place, for people."""
        return f"s3://{self.bucket.name}/{self.prefix}"


def of_table(bucket: Bucket, name: str, table: Table, results_prefix: str | None) -> tuple[Place, ...]:
    """Returns the places of a table in one bucket: those of lines first, whose values are looked for in the others."""
    return (
        Place(bucket, table.data_prefix, "rows"),
        Place(bucket, table.error_prefix, "failed"),
        Place(bucket, export_prefix(name), "items"),
        Place(bucket, results_prefix or "results/", "results"),
        Place(bucket, ledger_prefix(name), "notes"),
    )


def export_prefix(name: str) -> str:
    """Returns where exports of a table lie."""
    return f"exports/{name}/"


def ledger_prefix(name: str) -> str:
    """Returns where our tools write what they have done with a table."""
    return f"ledger/{name}/"


def state_prefix(name: str) -> str:
    """Returns where the Iceberg table of a table's current state lies."""
    return f"state/{name}/"

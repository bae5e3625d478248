"""What erasure does not reach: who else has a copy, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from tools.lake.erasure.certificate import Beyond

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERY_HISTORY: Final = timedelta(days=45)
"""How long Athena keeps the text of queries (Amazon Athena API Reference, "ListQueryExecutions")."""


class Surroundings(msgspec.Struct, frozen=True):
    """What is around a table's part of the lake.

    Attributes:
        table: the table.
        is_known: whether the account of the table could be asked; what follows about it is empty if not.
        stream: name of its data stream.
        retention: how long the stream keeps records.
        in_flight: until when changes that were made by now come to the lake; None where it cannot be said.
        recovery_days: days back to which the table can be restored; None where it cannot be.
        backups: backups of the table: name -> when it expires, None where it does not.
        other_exports: buckets that exports of the table went to, beside the lake's.
        state_table: the Iceberg table of the current state, with its database; None where there is none.
        workgroup: the workgroup of Athena; None where there is none.
    """

    table: str
    is_known: bool
    stream: str | None = None
    retention: timedelta | None = None
    in_flight: datetime | None = None
    recovery_days: int | None = None
    backups: dict[str, datetime | None] = {}
    other_exports: tuple[str, ...] = ()
    state_table: str | None = None
    workgroup: str | None = None


def listed(around: Surroundings, now: datetime) -> tuple[Beyond, ...]:
    """Returns the copies that stay, with the date by which each is gone where nothing is written again."""
    return tuple(_listed(around, now))


def _listed(around: Surroundings, now: datetime) -> Iterator[Beyond]:
    if not around.is_known:
        yield Beyond(
            f"the data stream of {around.table}, its point-in-time recovery, backups and exports",
            None,
            "the account of the table was not named: give cross-account to have them looked at",
        )
    if around.stream and around.retention:
        until = now + around.retention
        yield Beyond(
            f"data stream {around.stream}",
            _text(until),
            "records expire; until then whoever may read the stream has them, a delivery stream that reads again too",
        )
    if around.in_flight:
        yield Beyond(
            "changes on their way to the lake", _text(around.in_flight), "run the same command again after that time"
        )
    if around.recovery_days:
        yield Beyond(
            f"point-in-time recovery of table {around.table}",
            _text(now + timedelta(days=around.recovery_days)),
            "it reaches so far back; a table that is restored has to be erased again",
        )
    for name, expires in around.backups.items():
        yield Beyond(
            f"backup {name} of table {around.table}",
            _text(expires) if expires else None,
            "it expires" if expires else "delete it: aws dynamodb delete-backup",
        )
    for bucket in around.other_exports:
        yield Beyond(f"exports of table {around.table} in s3://{bucket}", None, "remove them there")
    if around.state_table:
        yield Beyond(
            f"the current state, {around.state_table}",
            None,
            "in Athena delete its rows by cdc_key (DELETE FROM … WHERE cdc_key = …), and run VACUUM 5 days later, when "
            "the snapshots that have them have expired",
        )
    if around.workgroup:
        yield Beyond(
            f"text of queries in Athena's history of workgroup {around.workgroup}",
            _text(now + QUERY_HISTORY),
            "only where somebody wrote a value of the subject into a query",
        )
    yield Beyond(
        "copies that people made: downloads, results of queries that were saved elsewhere, copies of this machine's "
        "folders on others",
        None,
        "ask those who may read the lake",
    )


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")

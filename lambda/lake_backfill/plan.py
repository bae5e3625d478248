"""The plan of a backfill: which files of an export become which objects of rows.

`python -m tools.backfill` writes it to `ledger/<table>/backfill/<export id>/plan.json`.
"""

from __future__ import annotations

import msgspec

from lake_backfill.errors import BackfillError


class ExportedFile(msgspec.Struct, frozen=True):
    """A file of the export: its key, how many items it has, and the MD5 of its bytes in Base64."""

    key: str
    items: int
    md5: str


class RowSet(msgspec.Struct, frozen=True):
    """Files whose rows go into one object.

    Attributes:
        identity: what the set is told by.
        key: the object's key.
        files: the files, in the order of their rows.
    """

    identity: str
    key: str
    files: tuple[ExportedFile, ...]


class Plan(msgspec.Struct, frozen=True):
    """What is to be written.

    Attributes:
        bucket: the lake, which has the export too.
        table: name of the table.
        snapshot: the identity of the export's rows; `cdc_event_id` is made of it and the key.
        time_us: time of the export in microseconds since the epoch.
        is_incremental: whether the files have changes of a window, not items; `read` refuses such a plan.
        key_names: attributes of the table's primary key.
        sets: the sets.
    """

    bucket: str
    table: str
    snapshot: str
    time_us: int
    is_incremental: bool
    key_names: tuple[str, ...]
    sets: tuple[RowSet, ...]


def read(content: bytes, place: str) -> Plan:
    """Returns the plan that an object holds; `place` says which object, for people.

    Raises:
        BackfillError: it is no plan of this version, or one of an incremental export.
    """
    try:
        plan = msgspec.json.decode(content, type=Plan)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BackfillError(f"{place} is no plan of this version: {error}") from None
    if plan.is_incremental:
        raise BackfillError(f"{place} is the plan of an incremental export; use --engine local")
    return plan


def failures_key(plan: Plan, row_set: RowSet) -> str:
    """Returns the key of the object with the items of a set that cannot become rows.

    Raises:
        BackfillError: the set's object is not under the table's prefix.

    >>> one = RowSet("a", "data/orders/cdc_date=2026-01-31/cdc_hour=05/backfill-a.gz", ())
    >>> failures_key(Plan("lake", "orders", "s", 0, False, ("id",), (one,)), one)
    'errors/orders/backfill-failed/cdc_date=2026-01-31/cdc_hour=05/backfill-a.gz'
    """
    prefix = f"data/{plan.table}/"
    if not row_set.key.startswith(prefix):
        raise BackfillError(f"set {row_set.identity} would be written to {row_set.key}, which is not under {prefix}")
    return f"errors/{plan.table}/backfill-failed/{row_set.key.removeprefix(prefix)}"


def result_key(plan_key: str) -> str:
    """Returns the key under which a run says what it wrote, beside its plan.

    >>> result_key("ledger/orders/backfill/0170-a/plan.json")
    'ledger/orders/backfill/0170-a/spark-result.json'
    """
    return f"{plan_key.rpartition('/')[0]}/spark-result.json"

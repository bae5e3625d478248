"""Explains what is not equal: which columns differ, and where a change was lost, from all that is there to be read."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.lake import failed_records, lines, objects
from tools.lake.reconcile import claims, differences, hops, items, readings, stream_search
from tools.lake.reconcile.hops import Evidence, FailedChange
from tools.lake.reconcile.report import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tools.lake.lines import BadLine, Row
    from tools.lake.objects import LakeObject
    from tools.lake.reconcile.comparison import Comparison, Open
    from tools.lake.reconcile.differences import Difference
    from tools.lake.reconcile.hops import StreamedChange
    from tools.lake.reconcile.items import Schema
    from tools.lake.reconcile.rows import LakeRow
    from tools.operations.reconciled_table import ReconciledTable

SEARCH_SECONDS: Final = 60.0
"""How long the stream is searched."""

_US: Final = 1_000_000


class Explainer:
    """Explains keys of one table; `found` are the lake's objects by number, `margin` seconds that times may be off."""

    def __init__(
        self, table: ReconciledTable, comparison: Comparison, found: Sequence[LakeObject], margin: int
    ) -> None:
        self._table = table
        self._schema = table.source.schema
        self._comparison = comparison
        self._objects = found
        self._margin_us = margin * _US
        self._s3 = table.lake.client()

    def explain(self, sample: Sequence[Open]) -> Iterator[Finding]:
        """Yields what is known of each key."""
        if not sample:
            return
        rows = self._comparison.rows(each.k for each in sample if each.k)
        failed = self._failed(sample)
        streamed, since = self._streamed(sample)
        columns = self._columns([each for each in sample if each.verdict == "different"])
        for each in sample:
            changes = [change for change in streamed.get(each.item_key or b"", ()) if self._is_before(change, each)]
            known = Evidence(
                failed.get(each.item_key or b""),
                hops.latest(changes),
                since if each.item_key else None,
                tuple(rows.get(each.k or b"", ())),
            )
            told = each.verdict != "undetermined"
            yield Finding(
                each.verdict,
                each.cdc_key or (spelled(self._schema, each.item_key) if each.item_key else ""),
                columns.get(each.id, ()),
                hops.name(each.verdict, each.row, known, fails=each.fails) if told else None,
                self._objects[each.row.object].key if each.row else None,
                each.row.line if each.row else None,
                _time(each.row.us) if each.row else None,
            )

    def _is_before(self, change: StreamedChange, each: Open) -> bool:
        return change.us <= each.read_us + self._margin_us

    def _failed(self, sample: Iterable[Open]) -> dict[bytes, FailedChange]:
        """Returns the newest failed change of each key, unless the lake has a later one."""
        latest = {each.item_key: each.row.us if each.row else 0 for each in sample if each.item_key}
        found: dict[bytes, tuple[int, FailedChange]] = {}
        try:
            for each in objects.list_objects(self._s3, self._table.lake.bucket, self._table.outputs.error_prefix):
                for record in failed_records.parse(objects.read_lines(self._s3, self._table.lake.bucket, each.key)):
                    key, at = _failed_key(record.rawData), record.arrivalTimestamp * 1000
                    if key in latest and at + self._margin_us >= max(latest[key], found.get(key, (0,))[0]):
                        found[key] = at, FailedChange(record.reason, f"s3://{self._table.lake.bucket}/{each.key}")
        except (BotoCoreError, ClientError):
            # Failed records of a table with rules are closed to most.
            return {}
        return {key: change for key, (_, change) in found.items()}

    def _streamed(self, sample: Iterable[Open]) -> tuple[Mapping[bytes, list[StreamedChange]], str | None]:
        """Returns changes in the stream by key, and since when it was searched; None where it was not to its end."""
        kinesis, stream = self._table.aws.client("kinesis"), self._table.outputs.stream_name or ""
        keys = {each.item_key for each in sample if each.item_key}
        try:
            summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        except (BotoCoreError, ClientError):
            return {}, None
        kept = datetime.now(UTC) - timedelta(hours=summary["RetentionPeriodHours"])
        since = max(kept, summary["StreamCreationTimestamp"].astimezone(UTC))
        found = stream_search.search(kinesis, stream, keys, since, SEARCH_SECONDS)
        return found.changes, f"{since:%Y-%m-%d %H:%M:%S}" if found.is_complete else None

    def _columns(self, different: Sequence[Open]) -> dict[bytes, tuple[Difference, ...]]:
        """Returns the columns that differ, by the id of the key."""
        known = {each.item_key: each for each in different if each.item_key and each.row}
        claimant = self._table.source.claimant(self._table.aws, all_versions=False)
        found = self._lake_rows([each.row for each in known.values() if each.row])
        columns = {}
        for page, _ in readings.get(self._table.aws.client("dynamodb"), self._schema, list(known)):
            for item in page.items:
                each = known[items.key_text(self._schema.key_of(item))]
                expected = claimant.expected(item, each.row, page.window)
                has = found.get((each.row.object, each.row.line)) if each.row else None
                if expected is not None and has is not None:
                    columns[each.id] = differences.between(expected, has)
        return columns

    def _lake_rows(self, wanted: Iterable[LakeRow]) -> dict[tuple[int, int], Row]:
        """Returns rows by their place: number of the object, and of the line."""
        numbers: dict[int, set[int]] = {}
        for row in wanted:
            numbers.setdefault(row.object, set()).add(row.line)
        found = {}
        for number, chosen in numbers.items():
            ignored: list[BadLine] = []
            read = lines.read_rows(self._s3, self._table.lake.bucket, self._objects[number].key, ignored.append)
            try:
                found.update({(number, line): row for line, row in read if line in chosen})
            except (BotoCoreError, ClientError):
                # It was compacted meanwhile.
                continue
        return found


def _failed_key(raw: str) -> bytes:
    try:
        return items.changed_key(base64.b64decode(raw, validate=True)) or b""
    except (binascii.Error, ValueError):
        return b""


def spelled(schema: Schema, item_key: bytes) -> str:
    """Returns a typed key, as `items.key_text` writes it, in the words of `cdc_key`; typed where a rule hides that.

    >>> spelled(items.Schema("t", {"id": "S", "n": "N"}), b'{"id":{"S":"a"},"n":{"N":"1.50"}}')
    '{"id":"a","n":1.5}'
    """
    return claims.cdc_key(schema, items.read_key(item_key)) or item_key.decode()


def _time(us: int) -> str:
    return datetime.fromtimestamp(us / _US, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

"""Carries out one set of a plan: reads its files, makes rows, and writes them once, however often that is tried."""

from __future__ import annotations

import uuid
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from lake_backfill import export_file, objects
from lake_backfill.objects import Counts
from lake_backfill.plan import failures_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lake_backfill.plan import Plan, RowSet
    from lake_backfill.rows import RowMaker

_ITEMS_AT_ONCE: Final = 64


def write_set(s3: Any, plan: Plan, row_set: RowSet, maker: RowMaker) -> Counts:  # noqa: ANN401 - a client
    """Writes the rows of a set, unless they are there; returns what they were made of.

    Items that fail go under the error prefix first, so that whoever finds the rows finds these too. The object of rows
    is put where nothing is: of attempts at the same time the first one has written the set. A set without rows has no
    object.

    Raises:
        BackfillError: a file is not the export's, not every item became something, or another object lies where the
            rows go.
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 refuses.
    """
    found = objects.written(s3, plan.bucket, row_set.key)
    if found:
        return found
    dropped = 0
    with objects.packed_lines() as rows, objects.packed_lines() as failures:
        lines = _lines(s3, plan, row_set)
        while batch := list(islice(lines, _ITEMS_AT_ONCE)):
            for made in maker.make(batch):
                if made.row:
                    rows.add(made.row)
                elif made.failure:
                    failures.add(made.failure)
                else:
                    dropped += 1
        counts = Counts(rows.lines, dropped, failures.lines)
        attempt = objects.metadata(counts, uuid.uuid4().hex)
        if failures.lines:
            failures.put(s3, (plan.bucket, failures_key(plan, row_set)), attempt)
        if not rows.lines or rows.put(s3, (plan.bucket, row_set.key), attempt):
            return counts
    return objects.written(s3, plan.bucket, row_set.key) or counts


def _lines(s3: Any, plan: Plan, row_set: RowSet) -> Iterator[bytes]:  # noqa: ANN401 - a client
    for file in row_set.files:
        body = s3.get_object(Bucket=plan.bucket, Key=file.key)["Body"]
        yield from export_file.lines(body, file)

"""What other ways from a table to a lake cost, so that a user can choose one that is cheaper."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tools.sizing import amounts, volumes
from tools.sizing.amounts import GIB, KIB, MIB, Amount, product, total
from tools.sizing.model import CALL_SECONDS, CPU_SECONDS_A_MB, FULL_PROCESSOR_MB
from tools.sizing.prices import HOURS

if TYPE_CHECKING:
    from tools.sizing.prices import Prices
    from tools.sizing.usage import Workload

EXPORT_LEAST_GB: Final = Decimal(10) / KIB
"""Paid for an incremental export at least: 10 MB (Amazon DynamoDB Developer Guide, "DynamoDB data export to S3")."""
BATCH_BYTES: Final = Decimal(6 * MIB)
BATCH_SECONDS: Final = 300
"""Largest batch, and longest wait, of a function that reads a stream (AWS Lambda Developer Guide)."""


@dataclass(frozen=True)
class Way:
    """Another way: what it costs in a month without what the table costs by itself, and what to know of it."""

    name: str
    usd: Amount
    but: str


def of_workload(workload: Workload, prices: Prices) -> tuple[Way, ...]:
    """Returns the other ways for one table."""
    found = volumes.of_workload(workload)
    hourly = _exports(workload, found.changes, prices, HOURS)
    return (
        Way(
            "incremental export each hour", hourly, "only the last state of an item in each hour, one to two hours late"
        ),
        Way(
            "incremental export each day",
            _exports(workload, found.changes, prices, HOURS // 24),
            "only the last state of an item in each day, a day late",
        ),
        Way(
            "DynamoDB Streams with a function of yours",
            _function(found, prices),
            "24 hours of retention at most; you write, and answer for, what Firehose does",
        ),
        Way("zero-ETL integration", None, "no history; the target decides most of the price"),
    )


def _exports(workload: Workload, changes: Amount, prices: Prices, windows: int) -> Amount:
    # An export holds the image before the window, too, for an item that existed.
    images = total((Decimal(1), amounts.exact(workload.update_share)))
    size = product(changes, amounts.exact(workload.item_bytes), images, Decimal(1) / GIB)
    return None if size is None else product(max(size, windows * EXPORT_LEAST_GB), prices.of("export_gb"))


def _function(found: volumes.Volumes, prices: Prices) -> Amount:
    calls = volumes.flushes(product(found.record_gb, GIB), BATCH_BYTES, BATCH_SECONDS, found.changes)
    seconds = total((product(calls, CALL_SECONDS), product(found.record_gb, KIB, CPU_SECONDS_A_MB)))
    return total(
        (
            product(calls, prices.of("lambda_request")),
            product(seconds, Decimal(FULL_PROCESSOR_MB) / KIB, prices.of("lambda_gb_second_arm64")),
            product(calls, prices.of("s3_put")),
        )
    )

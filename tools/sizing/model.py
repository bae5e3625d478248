"""What each part of the pipeline costs in a month. Pure: usage, settings and prices in, parts out.

How AWS counts is on its pricing pages, which `prices.yaml` names: Firehose in steps of 5 KB a record, Kinesis in steps
of 25 KB (on demand: 1 KB), captured changes in steps of 1 KB of the item.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tools.sizing import amounts, volumes
from tools.sizing.amounts import GIB, KIB, MIB, Amount, product, total
from tools.sizing.prices import HOURS
from tools.sizing.settings import DAY_HOURS, DEFAULT_FUNCTION
from tools.sizing.usage import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.sizing.prices import Prices
    from tools.sizing.settings import FunctionSettings, TableSettings
    from tools.sizing.usage import Lake, Workload
    from tools.sizing.volumes import Volumes

FIREHOSE_STEP: Final = 5 * KIB
PAYLOAD_STEP: Final = 25 * KIB
ON_DEMAND_STEP: Final = KIB
WEEK_HOURS: Final = 168
"""Up to here a longer retention is paid by the shard; from here on by what is stored besides."""

ALARM_METRICS: Final = 19
COMPOSITE_ALARMS: Final = 1
SHARED_ALARM_METRICS: Final = 3
"""Metrics of the alarms of a table and of the function: tests/plan/test_monitoring.py counts them in a plan."""
CUSTOM_METRICS: Final = 8
"""Metrics that the function reports of each delivery stream (lake_transform.report)."""

CPU_SECONDS_A_MB: Final = Decimal("0.04")
"""Of a processor, for a MB of change records: measured 0.017 to 0.039 with native code."""
CALL_SECONDS: Final = Decimal("0.005")
"""Of a call, beside that."""
FULL_PROCESSOR_MB: Final = 1769
"""Memory at which a function has one processor (AWS Lambda Developer Guide, "Configure Lambda function memory")."""
LOG_BYTES_A_CALL: Final = 1500
LOG_MONTHS: Final = 12
KEY_CALLS: Final = 12 * HOURS
"""Every five minutes: by who writes to the stream, by its reader, and by the table (Amazon Kinesis Data Streams
Developer Guide, "Costs, Regions, and performance considerations")."""
KEY_CALLS_AN_OBJECT: Final = Decimal("0.01")
"""With a bucket key: up to 99 % fewer (Amazon S3 User Guide, "Reducing the cost of SSE-KMS with Amazon S3 Bucket
Keys")."""
OLD_VERSION_MONTHS: Final = 3
"""How long an object's old version is kept: `noncurrent_version_days`, 90 by default."""


@dataclass(frozen=True)
class Part:
    """What one part costs in a month.

    Attributes:
        name: what it is.
        usd: US dollars; None is unknown.
        is_fixed: it is paid whether it is used or not, so that a plan tells it.
        is_yours: it is paid without the pipeline, too, and shown apart.
    """

    name: str
    usd: Amount
    is_fixed: bool = False
    is_yours: bool = False


def table_parts(
    workload: Workload,
    settings: TableSettings,
    prices: Prices,
    *,
    function: FunctionSettings = DEFAULT_FUNCTION,
    lake: Lake = UNKNOWN.lake,
) -> tuple[Part, ...]:
    """Returns the parts of one table."""
    found = volumes.of_workload(workload)
    calls = volumes.flushes(product(found.record_gb, GIB), settings.call_mb * MIB, settings.call_seconds, found.changes)
    objects = volumes.flushes(
        product(found.changes, found.line_bytes), Decimal(settings.object_mib * MIB), settings.object_seconds, calls
    )
    return (
        Part("table writes", product(found.write_units, prices.of("write_request_unit")), is_yours=True),
        Part("changes captured", product(found.write_units, prices.of("change_data_capture_unit"))),
        Part("stream, by the hour", stream_hours(settings, prices), is_fixed=True),
        Part("stream, by its data", stream_data(found, settings, prices)),
        Part("delivery", product(found.gb(FIREHOSE_STEP), prices.of("firehose_gb"))),
        Part("function", _function(found, calls, function, prices)),
        Part("objects written", product(objects, prices.of("s3_put"))),
        Part("objects stored", _storage(found, lake, prices)),
        Part("replica", _replica(lake)),
        Part("requests of the key", _key_requests(found, objects, prices)),
        Part("logs and metrics", _logs(found, calls, prices)),
        Part("alarms", alarms(settings, prices), is_fixed=True),
        Part("point-in-time recovery", _recovery(workload, prices), is_yours=settings.existing),
    )


def shared_parts(lake: Lake, prices: Prices, *, monitored: bool = True) -> tuple[Part, ...]:
    """Returns the parts that all tables share."""
    watch = total((product(SHARED_ALARM_METRICS, prices.of("alarm_metric_month")), prices.of("dashboard_month")))
    return (
        Part("key", prices.of("kms_key_month"), is_fixed=True),
        Part("dashboard and shared alarms", watch if monitored else Decimal(0), is_fixed=True),
        Part("table exports", product(amounts.exact(lake.export_gb), prices.of("export_gb"))),
        Part("queries in Athena", product(amounts.exact(lake.athena_gb), prices.of("athena_tb"), Decimal(1) / KIB)),
        Part("crawlers and jobs of Glue", product(amounts.exact(lake.glue_dpu_hours), prices.of("glue_dpu_hour"))),
    )


def stream_hours(settings: TableSettings, prices: Prices) -> Amount:
    """Returns what a stream costs without data."""
    if settings.on_demand:
        return product(prices.of("on_demand_stream_hour"), HOURS)
    hour = prices.of("shard_hour")
    if settings.retention_hours > DAY_HOURS:
        hour = total((hour, prices.of("extended_retention_shard_hour")))
    return product(hour, settings.shards, HOURS)


def stream_data(found: Volumes, settings: TableSettings, prices: Prices) -> Amount:
    """Returns what the data of a stream costs, which one reader reads."""
    stored_gb = product(found.record_gb, Decimal(1) / HOURS)
    beyond_week = product(
        stored_gb, max(0, settings.retention_hours - WEEK_HOURS), prices.of("long_term_retention_gb_month")
    )
    if not settings.on_demand:
        return total((product(found.units(PAYLOAD_STEP), prices.of("put_payload_unit")), beyond_week))
    within_week = product(
        stored_gb,
        min(settings.retention_hours, WEEK_HOURS) - DAY_HOURS,
        prices.of("on_demand_extended_retention_gb_month"),
    )
    return total(
        (
            product(found.gb(ON_DEMAND_STEP), prices.of("on_demand_in_gb")),
            product(found.gb(ON_DEMAND_STEP), prices.of("on_demand_out_gb")),
            within_week,
            beyond_week,
        )
    )


def alarms(settings: TableSettings, prices: Prices) -> Amount:
    """Returns what the alarms of a table cost."""
    if not settings.monitored:
        return Decimal(0)
    single, composite = prices.of("alarm_metric_month"), prices.of("composite_alarm_month")
    return total((product(ALARM_METRICS, single), product(COMPOSITE_ALARMS, composite)))


def call_seconds(settings: TableSettings, function: FunctionSettings) -> Decimal:
    """Returns how long the function takes for a full buffer."""
    return CALL_SECONDS + settings.call_mb * CPU_SECONDS_A_MB * _slower(function)


def sums(parts: Iterable[Part]) -> tuple[Decimal, list[str]]:
    """Returns what the pipeline's own parts come to as far as it is known, and the names of those that are not."""
    own = [part for part in parts if not part.is_yours]
    return amounts.known_total(part.usd for part in own), [part.name for part in own if part.usd is None]


def _function(found: Volumes, calls: Amount, function: FunctionSettings, prices: Prices) -> Amount:
    memory_gb = Decimal(function.memory_mb) / KIB
    working = product(found.record_gb, KIB, CPU_SECONDS_A_MB, _slower(function))
    seconds = total((product(calls, CALL_SECONDS), working))
    return total(
        (
            product(calls, prices.of("lambda_request")),
            product(seconds, memory_gb, prices.of(f"lambda_gb_second_{function.architecture}")),
        )
    )


def _slower(function: FunctionSettings) -> Decimal:
    # A function with less memory has less of a processor, and takes as much longer.
    return max(Decimal(1), Decimal(FULL_PROCESSOR_MB) / function.memory_mb)


def _storage(found: Volumes, lake: Lake, prices: Prices) -> Amount:
    kept = amounts.exact(lake.kept_months)
    copies = amounts.exact(lake.copies)
    months = total((kept, product(copies, OLD_VERSION_MONTHS)))
    return product(found.packed_gb, months, prices.of("s3_gb_month"))


def _replica(lake: Lake) -> Amount:
    # What goes to another Region is paid by the GB, at a price for each pair of Regions that is not in the table.
    return Decimal(0) if lake.replicated is False else None


def _key_requests(found: Volumes, objects: Amount, prices: Prices) -> Amount:
    regular = None if found.changes is None else 3 * min(found.changes, Decimal(KEY_CALLS))
    return product(total((regular, product(objects, KEY_CALLS_AN_OBJECT))), prices.of("kms_request"))


def _logs(found: Volumes, calls: Amount, prices: Prices) -> Amount:
    gb = product(calls, LOG_BYTES_A_CALL, Decimal(1) / GIB)
    # A metric is paid for the hours in which it is reported.
    active = None if found.changes is None else min(Decimal(1), found.changes / HOURS)
    return total(
        (
            product(gb, prices.of("log_gb")),
            product(gb, LOG_MONTHS, prices.of("log_gb_month")),
            product(CUSTOM_METRICS, active, prices.of("custom_metric_month")),
        )
    )


def _recovery(workload: Workload, prices: Prices) -> Amount:
    return product(amounts.exact(workload.table_gb), prices.of("point_in_time_recovery_gb_month"))

"""The settings of a table that decide what it costs, with the defaults of the modules."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY_HOURS: Final = 24
"""How long a stream keeps records without a charge."""


@dataclass(frozen=True)
class TableSettings:
    """How a table is streamed.

    Attributes:
        on_demand: the mode of the stream; `shards` counts where it is provisioned.
        shards: shards of a provisioned stream.
        retention_hours: how long records stay readable.
        call_seconds: how long Firehose collects before it calls the function.
        call_mb: how much it collects before, in MB.
        object_seconds: how long it collects for an object.
        object_mib: how much it collects for an object, in MiB before compression.
        existing: the table was there before, and its point-in-time recovery is its owner's.
        monitored: it has alarms.
    """

    on_demand: bool = False
    shards: int = 10
    retention_hours: int = DAY_HOURS
    call_seconds: int = 60
    call_mb: Decimal = Decimal(1)
    object_seconds: int = 120
    object_mib: int = 1
    existing: bool = False
    monitored: bool = True


@dataclass(frozen=True)
class FunctionSettings:
    """The function, which all tables share."""

    memory_mb: int = 1024
    architecture: str = "arm64"


DEFAULT_FUNCTION: Final = FunctionSettings()


def of_variables(values: Mapping[str, Any]) -> TableSettings:
    """Returns the settings in one value of the variable `tables`; what it leaves out is the default."""
    stream, transform, delivery = (values.get(block) or {} for block in ("stream", "transform", "delivery"))
    default = TableSettings()
    return TableSettings(
        on_demand=stream.get("mode") == "ON_DEMAND",
        shards=int(stream.get("shards") or default.shards),
        retention_hours=int(stream.get("retention_hours") or default.retention_hours),
        call_seconds=_given(transform.get("buffering_seconds"), default.call_seconds),
        call_mb=Decimal(str(transform.get("buffering_mb") or default.call_mb)),
        object_seconds=_given(delivery.get("buffering_seconds"), default.object_seconds),
        object_mib=int(delivery.get("buffering_mib") or default.object_mib),
        existing=bool(values.get("existing")),
    )


def to_variables(settings: TableSettings) -> dict[str, Any]:
    """Returns the blocks of one value of the variable `tables` that say the settings which advice is given on."""
    stream: dict[str, Any] = {"mode": "ON_DEMAND"} if settings.on_demand else {"shards": settings.shards}
    stream["retention_hours"] = settings.retention_hours
    return {"stream": stream, "delivery": {"buffering_mib": settings.object_mib}}


def _given(value: object, default: int) -> int:
    return default if value is None else int(str(value))

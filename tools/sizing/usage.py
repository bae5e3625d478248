"""How tables are used: as a file says it, or as it was measured. What is not said is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import yaml

from tools.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

NotNegative = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
ItemBytes = Annotated[float, msgspec.Meta(gt=0, le=409_600)]
"""Amazon DynamoDB Developer Guide, "Quotas": an item has at most 400 KB."""
RecordBytes = Annotated[float, msgspec.Meta(gt=0, le=1_048_576)]
"""DynamoDB leaves out what is more than 1 MiB as a record."""
AtLeastOne = Annotated[float, msgspec.Meta(ge=1, le=1e6)]
RetentionHours = Annotated[float, msgspec.Meta(ge=0, le=8760)]


class Workload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """How one table is used, as means over a month; None is unknown.

    Attributes:
        writes_per_second: items put, updated and deleted in a second.
        item_bytes: size of an item, as DynamoDB counts it.
        update_share: of the writes, how many change an item that exists: 0 to 1. Their records hold two images.
        peak_over_mean: writes in the busiest minute, as a multiple of the mean.
        record_bytes: size of a change record, where it was measured; else it is estimated from `item_bytes`.
        write_units: write units of a write, where they were measured; else they follow from `item_bytes`.
        table_gb: size of the table.
        outage_hours: how long delivery may stand still before changes are lost.
    """

    writes_per_second: NotNegative | None = None
    item_bytes: ItemBytes | None = None
    update_share: Share | None = None
    peak_over_mean: AtLeastOne | None = None
    record_bytes: RecordBytes | None = None
    write_units: NotNegative | None = None
    table_gb: NotNegative | None = None
    outage_hours: RetentionHours | None = None


class Lake(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """How the lake is used, which all tables share; None is unknown.

    Attributes:
        kept_months: months of changes that the lake holds.
        copies: how often an object is written again, as compaction does once: its old version stays for a while.
        athena_gb: GB that queries read in a month.
        glue_dpu_hours: hours of processing units of Glue in a month, of crawlers and jobs.
        export_gb: GB of table exports in a month.
        replicated: whether the bucket is replicated to another Region.
    """

    kept_months: NotNegative | None = None
    copies: NotNegative | None = None
    athena_gb: NotNegative | None = None
    glue_dpu_hours: NotNegative | None = None
    export_gb: NotNegative | None = None
    replicated: bool | None = None


def with_replica(lake: Lake, *, has_replica: bool, is_whole: bool) -> Lake:
    """Returns the usage of a lake of which it is known whether the deployment replicates it.

    `is_whole` says that the bucket is the deployment's: what others do with it, only the user may tell.

    >>> with_replica(Lake(), has_replica=True, is_whole=True).replicated
    True
    >>> with_replica(Lake(), has_replica=False, is_whole=True).replicated
    False
    >>> with_replica(Lake(), has_replica=False, is_whole=False).replicated is None
    True
    >>> with_replica(Lake(replicated=True), has_replica=False, is_whole=True).replicated
    True
    """
    if has_replica:
        return msgspec.structs.replace(lake, replicated=True)
    if lake.replicated is None and is_whole:
        return msgspec.structs.replace(lake, replicated=False)
    return lake


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The usage of tables by name, and of the lake."""

    tables: dict[str, Workload] = {}
    lake: Lake = Lake()


UNKNOWN: Final = Usage()
"""Of which nothing is known."""


def read(file: Path) -> Usage:
    """Returns the usage that a YAML file describes: see docs/cost.md.

    Raises:
        UsageError: the file cannot be read, or is none of this kind.
    """
    try:
        raw: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UsageError(f"{file} is not YAML; docs/cost.md has an example of a usage file") from None
    return _convert(raw, str(file))


def checked(usage: Usage, where: str) -> Usage:
    """Returns a usage that was put together, as it is; `where` says what it is from, for the message.

    Raises:
        UsageError: a value is out of its range.
    """
    return _convert(msgspec.to_builtins(usage), where)


def written(usage: Usage) -> str:
    """Returns a usage as the YAML that `read` takes."""
    return yaml.safe_dump(msgspec.to_builtins(usage), sort_keys=False)


def _convert(raw: Any, where: str) -> Usage:  # noqa: ANN401  # whatever a file holds
    try:
        return msgspec.convert(raw, Usage)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {error}; docs/cost.md says what a usage file may hold") from None

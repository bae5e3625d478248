"""Which objects a table of the catalog has, as readers with partition projection see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tools.errors import LakeError
from tools.lake import objects
from tools.lake.engines import relations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

    from tools.lake.data_objects import Period
    from tools.lake.engines.dialect import Dates
    from tools.lake.glue_catalog import CatalogTable


@dataclass(frozen=True)
class Stored:
    """An object of a table: where it is, which content, its bytes, and the columns that its place says."""

    bucket: str
    key: str
    etag: str
    size: int
    folder: Mapping[str, str]


def find(s3: S3Client, table: CatalogTable, days: Dates, period: Period, now: datetime) -> Iterator[Stored]:
    """Yields the objects of a table in the wanted days and hours; lists no earlier days than it must.

    Raises:
        LakeError: the table is none of JSON lines under projected partitions.
    """
    if table.parameters.get("projection.enabled", "").lower() != "true" or table.parameters.get(
        "classification"
    ) not in ("json", None):
        raise LakeError(f"the table {table.name} is none of JSON lines with projected partitions; ask Athena")
    place = urlsplit(table.location)
    bucket, prefix, pattern = place.netloc, place.path.lstrip("/"), table.folders()
    first = max(days.first, f"{period.first:%Y-%m-%d}" if period.first else "")
    begins_with_date = table.template.startswith(f"{table.location}cdc_date=$")
    after = f"{prefix}cdc_date={first}" if first and begins_with_date else ""
    for found in objects.list_objects(s3, bucket, prefix, after):
        path = f"s3://{bucket}/{found.key}"
        match = pattern.fullmatch(path)
        if match is None or not found.size:
            continue
        folder = match.groupdict()
        if is_projected(table, folder, f"{now:%Y-%m-%d}") and _is_wanted(folder, days, period):
            hidden = {relations.PATH: path, relations.SIZE: str(found.size)}
            yield Stored(bucket, found.key, found.etag, found.size, {**folder, **hidden})


def is_projected(table: CatalogTable, folder: Mapping[str, str], today: str) -> bool:
    """Says whether Athena reads a folder: one whose values are in the projected ranges.

    Amazon Athena User Guide, "Supported types for partition projection".
    """
    return all(_in_range(table.parameters, name, value, today) for name, value in folder.items())


def _in_range(parameters: Mapping[str, str], name: str, value: str, today: str) -> bool:
    kind = parameters.get(f"projection.{name}.type", "")
    if kind == "enum":
        return value in parameters.get(f"projection.{name}.values", "").split(",")
    first, _, last = parameters.get(f"projection.{name}.range", "").partition(",")
    if kind == "date":
        return first <= value <= (today if last == "NOW" else last)
    if kind == "integer":
        digits = int(parameters.get(f"projection.{name}.digits", "0"))
        return value.isdecimal() and int(first) <= int(value) <= int(last) and len(value) == max(digits, len(value))
    return True


def _is_wanted(folder: Mapping[str, str], days: Dates, period: Period) -> bool:
    day, hour = folder.get("cdc_date", ""), folder.get("cdc_hour", "")
    moment = f"{day} {hour}"
    if period.first and moment < f"{period.first:%Y-%m-%d %H}":
        return False
    if period.last and moment > f"{period.last:%Y-%m-%d %H}":
        return False
    return day in days

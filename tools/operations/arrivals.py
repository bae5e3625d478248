"""Waits for the changes of a probe item in the lake, and notices when one of them could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from tools.errors import LakeError
from tools.lake import failed_records, objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mypy_boto3_s3 import S3Client

    from tools.deployments.outputs import Table
    from tools.lake.probe import Probe

POLL_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Arrival:
    """One change that arrived: the object that holds it, and the lake record."""

    key: str
    record: Mapping[str, Any]


class Arrivals:
    """The probe's changes since `not_before_us` (microseconds since the epoch) among the objects of one table.

    `table` is the table's name, and what the deployment's outputs say of it.
    Objects that are there already when this is made are not read. Only the last day of the lake is listed.

    Attributes:
        closed: keys of failed records that came meanwhile, and that these credentials may not read.
    """

    def __init__(
        self, s3: S3Client, bucket: str, table: tuple[str, Table], *, probe: Probe, not_before_us: int
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._table_name, self._table = table
        self._probe = probe
        self._not_before_us = not_before_us
        self.closed: Final[list[str]] = []
        self._seen = {*self._data_keys(), *self._error_keys()}

    def wait(self, seconds: int) -> dict[str, Arrival]:
        """Returns the changes that arrive within `seconds`, event name -> arrival, as soon as all have.

        Raises:
            LakeError: one of them could not be delivered.
        """
        deadline = monotonic() + seconds
        arrived: dict[str, Arrival] = {}
        while monotonic() < deadline:
            self._read_data(arrived)
            if len(arrived) == len(self._probe.versions()):
                break
            self._raise_failure()
            sleep(POLL_SECONDS)
        return arrived

    def _read_data(self, arrived: dict[str, Arrival]) -> None:
        for key in self._new(self._data_keys()):
            records = objects.read_records(self._s3, self._bucket, key)
            for event, record in self._probe.find(records, self._table_name, self._not_before_us).items():
                arrived.setdefault(event, Arrival(key, record))

    def _raise_failure(self) -> None:
        for key in self._new(self._error_keys()):
            for failed in failed_records.parse(self._error_lines(key)):
                if failed.arrivalTimestamp * 1000 >= self._not_before_us and failed.changes(self._probe.key):
                    raise LakeError(f"delivery failed ({failed.reason}): see s3://{self._bucket}/{key}")

    def _error_lines(self, key: str) -> list[str]:
        try:
            return objects.read_lines(self._s3, self._bucket, key)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
            self.closed.append(key)
            return []

    def _data_keys(self) -> Iterator[str]:
        return self._keys_of_the_last_day(self._table.data_prefix)

    def _error_keys(self) -> Iterator[str]:
        # Below the error prefix there is a folder for each type of error, and the days in it.
        for folder in objects.list_folders(self._s3, self._bucket, self._table.error_prefix):
            yield from self._keys_of_the_last_day(folder)

    def _keys_of_the_last_day(self, prefix: str) -> Iterator[str]:
        after = first_key(prefix, self._not_before_us)
        for found in objects.list_objects(self._s3, self._bucket, prefix, after):
            yield found.key

    def _new(self, keys: Iterable[str]) -> Iterator[str]:
        for key in keys:
            if key not in self._seen:
                self._seen.add(key)
                yield key


def first_key(prefix: str, not_before_us: int) -> str:
    """Returns a key that every object with a change since `not_before_us` (microseconds) comes after.

    A lake may hold years; an object is filed under its oldest record, which is at most a day older than the change.
    """
    day = datetime.fromtimestamp(not_before_us / 1_000_000, UTC) - timedelta(days=1)
    return f"{prefix}cdc_date={day:%Y-%m-%d}/"

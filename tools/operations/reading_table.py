"""Reads a table with all processors, and writes what the deployed function makes of its items as claims in files."""

from __future__ import annotations

import gzip
from concurrent.futures import as_completed
from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import Aws, reason
from tools.errors import LakeError
from tools.lake import export, export_manifest, processes
from tools.lake.deployed_transform import DeployedTransform
from tools.lake.reconcile import readings
from tools.lake.reconcile.claims import Claimant, Window
from tools.lake.reconcile.items import Schema, key_digest, key_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from tools.lake.export import Export, File
    from tools.lake.reconcile.comparison import Open
    from tools.operations.summarising import Source

KEYS_OF_A_TASK: Final = 2_000
METRICS_NAME: Final = "reconcile"
"""What the function's own metrics of these calls are counted under."""

_ITEMS_AT_ONCE: Final = 2_000
_SEGMENTS_FOR_EACH_PROCESS: Final = 8


class TableSource(msgspec.Struct, frozen=True):
    """A table, and how another process reaches it and its function.

    Attributes:
        environment: variables in the terms of the AWS CLI.
        region: its Region.
        schema: the table and its key.
        function: the function that flattens its changes.
        versions: the version that is deployed, then older ones.
    """

    environment: dict[str, str]
    region: str
    schema: Schema
    function: str
    versions: tuple[str, ...]

    def aws(self) -> Aws:
        """Returns access to the table's account."""
        return Aws(self.environment, self.region)

    def claimant(self, aws: Aws, *, all_versions: bool) -> Claimant:
        """Returns what makes claims, by the deployed version or by all of them."""
        chosen = self.versions if all_versions else self.versions[:1]
        return Claimant(self.schema, [transform(aws, self, version) for version in chosen])


class Reading(msgspec.Struct, frozen=True):
    """What was read: the files with the claims, how many items, and when."""

    files: tuple[str, ...]
    items: int
    window: Window


def scan(source: TableSource, folder: Path, jobs: int, done: Callable[[int], None]) -> Reading:
    """Reads the whole table into files of `folder`; `done` is called with how many more items are read.

    Raises:
        LakeError: the table cannot be read, or the function cannot be called.
    """
    folder.mkdir(parents=True)
    segments = jobs * _SEGMENTS_FOR_EACH_PROCESS if jobs > 1 else 1
    with processes.sharing(jobs) as executor:
        tasks = [
            executor.submit(_scan, source, str(folder / f"{segment}.csv.gz"), segment, segments)
            for segment in range(segments)
        ]
        return _together(task.result() for task in _told(tasks, done))


def read_again(
    source: TableSource, keys: Iterable[Open], folder: Path, jobs: int, done: Callable[[int], None]
) -> Reading:
    """Reads the items of keys that are open, as `scan` does; claims are those of all versions.

    Raises:
        LakeError: as `scan`.
    """
    folder.mkdir(parents=True)
    with processes.sharing(jobs) as executor:
        tasks = [
            executor.submit(_again, source, str(folder / f"{number}.csv.gz"), part)
            for number, part in enumerate(_parts(keys))
        ]
        return _together(task.result() for task in _told(tasks, done))


def with_key(schema: Schema, found: Open) -> Open:
    """Returns a key that the lake alone has with the typed key that it says, by which the table can be asked."""
    if found.item_key is not None or found.cdc_key is None:
        return found
    key = schema.of_cdc_key(found.cdc_key)
    if key is None:
        return found
    text = key_text(key)
    return msgspec.structs.replace(found, id=key_digest(text), item_key=text)


def of_export(
    source: TableSource, found: Export, lake: Source, *, folder: Path, jobs: int, done: Callable[[int], None]
) -> Reading:
    """Reads an export, which lies in a bucket of the lake's account, as `scan` reads the table.

    Raises:
        LakeError: a file is not what DynamoDB wrote, or cannot be read; or the function cannot be called.
    """
    folder.mkdir(parents=True)
    files = export_manifest.files(lake.client(), found)
    with processes.sharing(jobs) as executor:
        tasks = [
            executor.submit(_exported, source, str(folder / f"{number}.csv.gz"), lake, found.time_us, file)
            for number, file in enumerate(files)
        ]
        read = _together(task.result() for task in _told(tasks, done))
    return msgspec.structs.replace(read, window=Window(found.time_us, found.time_us))


def _told(tasks: Sequence[Future[Reading]], done: Callable[[int], None]) -> Iterator[Future[Reading]]:
    for task in as_completed(tasks):
        done(task.result().items)
        yield task


def _together(found: Iterable[Reading]) -> Reading:
    every = list(found)
    if not every:
        return Reading((), 0, Window(0, 0))
    return Reading(
        tuple(file for each in every for file in each.files),
        sum(each.items for each in every),
        Window(min(each.window.first for each in every), max(each.window.last for each in every)),
    )


def _parts(keys: Iterable[Open]) -> Iterator[list[Open]]:
    part: list[Open] = []
    for each in keys:
        part.append(each)
        if len(part) == KEYS_OF_A_TASK:
            yield part
            part = []
    if part:
        yield part


def _scan(source: TableSource, file: str, segment: int, segments: int) -> Reading:
    aws = source.aws()
    claimant = source.claimant(aws, all_versions=False)
    read: list[Window] = []
    count = 0
    try:
        with gzip.open(file, "wb", compresslevel=1) as out:
            for page in readings.scan(aws.client("dynamodb"), source.schema.table, segment, segments):
                out.writelines(claimant.present(page.items, page.window))
                read.append(page.window)
                count += len(page.items)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"table {source.schema.table} cannot be read: {reason(error)}") from None
    return Reading((file,), count, _whole(read))


def _again(source: TableSource, file: str, keys: Sequence[Open]) -> Reading:
    aws = source.aws()
    claimant = source.claimant(aws, all_versions=True)
    known = {each.item_key: each for each in keys if each.item_key is not None}
    read: list[Window] = []
    count = 0
    try:
        with gzip.open(file, "wb", compresslevel=1) as out:
            for page, absent in readings.get(aws.client("dynamodb"), source.schema, list(known)):
                rows = [known[key_text(source.schema.key_of(item))].row for item in page.items]
                out.writelines(claimant.present(page.items, page.window, rows))
                out.writelines(claimant.absent(absent, page.window))
                read.append(page.window)
                count += len(page.items)
            for each in keys:
                if each.item_key is None:
                    out.write(claimant.unread(each.id, read[-1] if read else Window(each.read_us, each.read_us)))
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"table {source.schema.table} cannot be read: {reason(error)}") from None
    return Reading((file,), count, _whole(read) if read else Window(keys[0].read_us, keys[0].read_us))


def _exported(source: TableSource, file: str, lake: Source, time_us: int, part: File) -> Reading:
    claimant = source.claimant(source.aws(), all_versions=False)
    window = Window(time_us, time_us)
    with gzip.open(file, "wb", compresslevel=1) as out:
        found = export.items(lake.client(), lake.bucket, part)
        while items := list(islice(found, _ITEMS_AT_ONCE)):
            out.writelines(claimant.present(items, window))
    return Reading((file,), part.items, window)


def _whole(read: Sequence[Window]) -> Window:
    return Window(min(each.first for each in read), max(each.last for each in read))


def transform(aws: Aws, source: TableSource, version: str, caller: str = METRICS_NAME) -> DeployedTransform:
    """Returns one version of the function; its metrics of these calls are counted under the name `caller`."""
    # Under a name of its own, the metrics of these calls disturb no alarm of a delivery stream.
    arn = f"arn:aws:firehose:{source.region}::deliverystream/{caller}"
    return DeployedTransform(
        aws.client("lambda"), source.function, delivery_stream_arn=arn, region=source.region, qualifier=version
    )

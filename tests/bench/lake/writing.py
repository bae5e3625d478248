"""Writes a lake of made-up changes into a folder: objects of the size, the place and the name that Firehose gives."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import shutil
import uuid
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.lake import changes
from tests.bench.lake.changes import Stream

TABLE = "orders"
PREFIX = f"data/{TABLE}/"
BUFFER_BYTES = 1024 * 1024
"""The default of a delivery stream, which counts before packing."""

DESCRIPTION = "lake.json"


def lake(folder: Path, count: int) -> Path:
    """Returns the folder of a lake of `count` changes, which is written where it is not there yet."""
    mean = changes.line_bytes()
    stream = Stream(count, BUFFER_BYTES // mean)
    place = folder / str(count)
    description = json.dumps({"changes": count, "line_bytes": mean, "objects": stream.objects, "items": stream.items})
    if not (place / DESCRIPTION).is_file() or (place / DESCRIPTION).read_text() != description:
        shutil.rmtree(place, ignore_errors=True)
        with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            written = pool.map(
                write, itertools.repeat(place), itertools.repeat(stream), range(stream.objects), chunksize=16
            )
            for _ in written:
                pass
        (place / DESCRIPTION).write_text(description)
    return place


def write(place: Path, stream: Stream, number: int) -> Path:
    """Writes one object."""
    file = place / key(stream, number)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(b"".join(map(changes.line, stream.of_object(number))), 6))
    return file


def key(stream: Stream, number: int) -> str:
    """Returns the key of an object, as Firehose names it."""
    start = number * stream.an_object // changes.CHANGES_A_SECOND
    opened = datetime.fromtimestamp(changes.START_US // 1_000_000, UTC) + timedelta(seconds=start)
    name = f"{TABLE}-delivery-stream-1-{opened:%Y-%m-%d-%H-%M-%S}-{uuid.UUID(int=number)}.gz"
    return f"{PREFIX}cdc_date={opened:%Y-%m-%d}/cdc_hour={opened:%H}/{name}"


def middle(place: Path) -> datetime:
    """Returns the time at which half of the changes of a lake had been made."""
    count = json.loads((place / DESCRIPTION).read_text())["changes"]
    half = timedelta(seconds=count // changes.CHANGES_A_SECOND // 2)
    return datetime.fromtimestamp(changes.START_US // 1_000_000, UTC) + half

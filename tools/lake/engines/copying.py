"""Copies objects into the cache, rewritten: threads fetch them, and processes rewrite them.

Rewriting is most of the work, and Python does it for one thread at a time.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import processes
from tools.lake.engines import object_cache, text_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from mypy_boto3_s3 import S3Client

    from tools.lake.engines.object_cache import ObjectCache
    from tools.lake.engines.stored_objects import Stored

FETCHING_AT_ONCE: Final = 8
_CHUNK: Final = 256 * 1024


def path(cache: ObjectCache, stored: Stored) -> Path:
    """Returns where the copy of an object is or would be."""
    return cache.path(stored.bucket, stored.key, stored.etag)


def copy(s3: S3Client, cache: ObjectCache, wanted: Sequence[Stored], tell: Callable[[str], None]) -> int:
    """Copies the objects that have no copy yet, and returns how many; `tell` is called with how far it is.

    Raises:
        LakeError: an object cannot be read, or a line in it is none of JSON.
    """
    missing = [each for each in wanted if cache.find(each.bucket, each.key, each.etag) is None]
    with (
        _rewriters(sum(each.size for each in missing)) as rewriters,
        tempfile.TemporaryDirectory(prefix="fetched-", dir=cache.folder) as folder,
        ThreadPoolExecutor(FETCHING_AT_ONCE) as fetchers,
    ):
        one = partial(_copy, s3, cache, rewriters)
        fetched = [Path(folder, str(number)) for number in range(len(missing))]
        try:
            for done, _ in enumerate(fetchers.map(one, fetched, missing), start=1):
                tell(f"DuckDB: {done} of {len(missing)} objects fetched")
        except BrokenProcessPool:
            raise LakeError(f"{processes.ENDED}; ask for fewer days, or ask Athena") from None
        except BaseException:
            fetchers.shutdown(cancel_futures=True)
            raise
    return len(missing)


def denied(error: BotoCoreError | ClientError, place: str) -> str:
    """Returns why S3 does not hand over what is at `place`."""
    said = reason(error)
    return f"{said}; failed records are closed to analysts" if "/errors/" in place and "Denied" in said else said


def _rewriters(size: int) -> AbstractContextManager[Executor]:
    return ThreadPoolExecutor(1) if size <= processes.FEW_BYTES else processes.pool(processes.processors())


def _copy(s3: S3Client, cache: ObjectCache, rewriters: Executor, fetched: Path, stored: Stored) -> None:
    place = f"s3://{stored.bucket}/{stored.key}"
    try:
        body: Any = s3.get_object(Bucket=stored.bucket, Key=stored.key, IfMatch=stored.etag)["Body"]
        with fetched.open("wb") as out:
            out.writelines(iter(lambda: body.read(_CHUNK), b""))
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"{place} cannot be read: {denied(error, place)}") from None
    wrong = rewriters.submit(_rewrite, fetched, cache, path(cache, stored), stored.folder).result()
    if wrong:
        raise LakeError(f"{place}: {wrong}; Athena fails on it too: move the object out of the table")


def _rewrite(fetched: Path, cache: ObjectCache, target: Path, folder: Mapping[str, str]) -> str:
    """Makes the copy at `target` of the bytes of an object; returns what is wrong with them, or ""."""
    try:
        with fetched.open("rb") as source:
            rows = text_lines.rewrite(iter(lambda: source.read(_CHUNK), b""), folder)
            cache.put(target, object_cache.packed(rows))
    except text_lines.LineError as error:
        return str(error)
    finally:
        fetched.unlink()
    return ""

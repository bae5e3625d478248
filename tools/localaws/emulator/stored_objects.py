"""Writes S3's objects to the disk before a request is answered, or fails the request.

The emulator itself leaves them with the operating system, and answers 200 also where that failed. An object's
metadata, a file beside its content, gets a checksum; all are checked at the start, contents when they are read.
"""

from __future__ import annotations

import copy
import hashlib
import importlib
import json
import os
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.corrections import replace
from tools.localaws.emulator.database import UnusableStateError, checksum

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_CHECKSUM: Final = "checksum"
_METADATA: Final = ".meta.json"

_failures: ContextVar[list[str] | None] = ContextVar("failures", default=None)
"""What could not be stored or read during a request: the emulator swallows the exceptions."""


def install(folder: Path) -> None:
    """Checks the objects' metadata in `folder`, and replaces how the emulator writes and reads objects.

    Raises:
        UnusableStateError: metadata is damaged.
    """
    _check(folder)
    replace("services.s3", "_atomic_write", _write)
    replace("services.s3", "_persist_object", _store)
    read: Callable[..., bytes] = replace(
        "services.s3", "_read_body", lambda bucket, key, found: _checked(read(bucket, key, found), found, bucket, key)
    )
    handle: Callable[..., Awaitable[Any]]

    async def handle_request(method: str, path: str, *request: Any, **options: Any) -> Any:  # noqa: ANN401
        failures: list[str] = []
        token = _failures.set(failures)
        put_back = _remember(path, request[0]) if method in ("PUT", "POST", "DELETE") else None
        try:
            answer = await handle(method, path, *request, **options)
        finally:
            _failures.reset(token)
        if not failures:
            return answer
        if put_back:
            put_back()
        return _service()._error("InternalError", failures[0], 500)

    handle = replace("services.s3", "handle_request", handle_request)


def _service() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.s3")


def _check(folder: Path) -> None:
    for file in folder.rglob(f"*{_METADATA}"):
        try:
            metadata = json.loads(file.read_bytes())
            is_whole = metadata.pop(_CHECKSUM) == checksum(json.dumps(metadata))
        except (OSError, ValueError, KeyError, AttributeError):
            is_whole = False
        if not is_whole:
            raise UnusableStateError(
                f"{file} is damaged; put back a good copy, remove it and {file.name.removesuffix(_METADATA)} beside it "
                "to go on without this object, or remove all data of local AWS with: python -m tools.local down --purge"
            )


def _checked(content: bytes, found: dict[str, Any], bucket: str, key: str) -> bytes:
    expected = found.get("etag", "").strip('"')
    # The ETag of an upload in parts is no digest of the whole.
    if len(content) != found.get("size", len(content)) or (
        len(expected) == 32 and hashlib.md5(content, usedforsecurity=False).hexdigest() != expected
    ):
        _fail(f"object {key} of bucket {bucket} is damaged on the disk; put back a good copy of its file, or remove it")
    return content


def _fail(reason: str) -> None:
    failures = _failures.get()
    if failures is None:
        raise OSError(reason)
    failures.append(reason)


def _store(bucket: str, key: str, found: dict[str, Any]) -> None:
    """Writes an object and its metadata, both whole before either takes its place."""
    service = _service()
    path = service._object_disk_path(bucket, key)
    metadata = service._object_meta_from_record(found) | service._key_history_meta(bucket, key) | {"key": key}
    parts = [(f"{path}{_METADATA}", json.dumps(metadata).encode())]
    if found.get("body") is not None:
        parts.insert(0, (path, found["body"]))
    if _write_all(parts):
        found["body"] = None
        for version in service._object_versions.get((bucket, key), ()):
            if version["version_id"] == found.get("version_id"):
                # It is read from the disk from now on, as after a restart: else memory would hold all of the bucket.
                version["data"] = None
        base = os.path.join(service.DATA_DIR, service.get_account_id(), bucket)  # noqa: PTH118
        service._remove_key_files(service._other_key_disk_path(base, key, path))


def _write(path: str, content: bytes | str, *, text: bool = False) -> None:  # noqa: ARG001  # as the emulator calls it
    _write_all([(path, content.encode() if isinstance(content, str) else content)])


def _write_all(parts: list[tuple[str, bytes]]) -> bool:
    """Writes files to the disk, none of them where one cannot be written; returns whether they are there."""
    partials = [Path(f"{path}.tmp") for path, _ in parts]
    try:
        folder = partials[0].parent
        made = [parent for parent in folder.parents if not parent.exists()]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for partial, (path, content) in zip(partials, parts, strict=True):
            with partial.open("wb") as file:
                file.write(_with_checksum(content) if path.endswith(_METADATA) else content)
                file.flush()
                os.fsync(file.fileno())
        for partial, (path, _) in zip(partials, parts, strict=True):
            partial.replace(path)
        for changed in (folder, *made, *(parent.parent for parent in made[-1:])):
            _sync_folder(changed)
    except OSError as error:
        for partial in partials:
            # On a disk that is read-only even this fails.
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        _fail(f"{parts[0][0]} cannot be written ({error.strerror}); nothing was changed")
        return False
    return True


def _with_checksum(metadata: bytes) -> bytes:
    members = json.loads(metadata)
    return json.dumps({**members, _CHECKSUM: checksum(json.dumps(members))}).encode()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remember(path: str, headers: dict[str, str]) -> Callable[[], None] | None:
    """Returns what puts an object back in memory as it is now, None for a request on no object."""
    service = _service()
    bucket, key = service._parse_bucket_key(path, headers)
    if not key or bucket not in service._buckets:
        return None
    objects, versions = service._buckets[bucket]["objects"], service._object_versions
    found, history = copy.copy(objects.get(key)), copy.deepcopy(versions.get((bucket, key)))

    def put_back() -> None:
        for store, name, value in ((objects, key, found), (versions, (bucket, key), history)):
            if value is None:
                store.pop(name, None)
            else:
                store[name] = value

    return put_back

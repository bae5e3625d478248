"""What a Glue job needs to make rows of an export: one wheel, with the same bytes on every build.

The wheel holds `lambda/lake_backfill` and `lambda/lake_transform`, the tables' settings and the user's hook where there
are any, and the content of the wheels that `requirements/lambda.txt` pins by hash, for Glue's Python and processor. So
the job installs one file, and asks no package index.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools import paths
from tools.artifact import archive, table_settings
from tools.artifact.hook import check_name
from tools.artifact.target import lambda_target
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.artifact.hook import HookCode
    from tools.artifact.target import Target

TARGET: Final = lambda_target("python3.11", "x86_64")
"""Python and processor of Glue 5.0 and 5.1 (AWS Glue Developer Guide, "AWS Glue versions")."""

NAME: Final = "lake_backfill-1-cp311-cp311-manylinux2014_x86_64.whl"
"""An installer reads the Python and the platform in the name: Python Packaging User Guide, "Binary distribution
format". That it is another wheel than the last one its hash says, which `modules/backfill` has in the key."""

_INFORMATION: Final = "lake_backfill-1.dist-info"
_METADATA: Final = "Metadata-Version: 2.1\nName: lake_backfill\nVersion: 1\n"
_WHEEL: Final = (
    "Wheel-Version: 1.0\nGenerator: tools.build\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux2014_x86_64\n"
)


@dataclass(frozen=True)
class Wheel:
    """A wheel: where it lies, its size in bytes, and the SHA-256 of its bytes in hex."""

    path: Path
    size: int
    sha256: str


def build(
    folder: Path = paths.BUILD,
    hook: HookCode | None = None,
    *,
    settings: bytes | None = None,
    cache: Path = paths.BUILD,
) -> Wheel:
    """Builds the wheel into `folder`, in the place of an older one.

    Args:
        folder: where it goes.
        hook: the user's hook, if there is one.
        settings: the tables' settings, as `table_settings.encode` returns them.
        cache: where wheels are kept for the next build.

    Raises:
        LakeError: pip could not fetch the wheels, or `folder` cannot be written.
        UsageError: the hook has a name that is taken.
    """
    path = folder / NAME
    try:
        packed = archive.pack(_with_records(content(TARGET, hook, settings=settings, cache=cache)))
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(packed)
        partial.replace(path)
    except OSError as error:
        raise LakeError(
            f"the job's package cannot be built in {folder}: {error.strerror or error} ({error.filename or folder})"
        ) from None
    return Wheel(path, len(packed), hashlib.sha256(packed).hexdigest())


def content(
    target: Target, hook: HookCode | None = None, *, settings: bytes | None = None, cache: Path = paths.BUILD
) -> dict[str, bytes]:
    """Returns what Python on `target` imports to carry out a set: path -> bytes.

    Raises:
        LakeError: pip could not fetch the wheels.
        UsageError: the hook has a name that is taken.
        OSError: `cache` cannot be written.
    """
    found = {
        **archive.package_files(paths.LAMBDA_SOURCES, "lake_backfill"),
        **archive.package_files(paths.LAMBDA_SOURCES, "lake_transform"),
        **archive.wheel_files(archive.wheels(target, cache / "wheels")),
    }
    if settings:
        found[table_settings.PATH_IN_ZIP] = settings
    if hook:
        check_name(hook, found)
        found |= hook.files
    return found


def _with_records(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Returns the files of a wheel with its own records, which tell installers what is in it."""
    found = {
        **files,
        f"{_INFORMATION}/METADATA": _METADATA.encode(),
        f"{_INFORMATION}/WHEEL": _WHEEL.encode(),
    }
    lines = [f"{name},sha256={_digest(found[name])},{len(found[name])}" for name in sorted(found)]
    record = f"{_INFORMATION}/RECORD"
    return {**found, record: "\n".join([*lines, f"{record},,", ""]).encode()}


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")

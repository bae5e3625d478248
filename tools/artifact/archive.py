"""The Lambda artifact: a zip with the same bytes on every build, named for what it holds.

The zip holds `lambda/lake_transform`, the library that is compiled from `lambda/native`, the wheels that
`requirements/lambda.txt` pins by hash, for one target, and, where there are any, the tables' settings and the user's
hook. Sources, wheels and order are fixed, times are the zip epoch, so the bytes depend on nothing but the content, the
version of the library's compiler, and the Python that builds: on its deflate implementation, and where it is the
target's own version, on its bytecode, which the zip then holds too.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import sys
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from tools import paths, pip_runner
from tools.artifact import bytecode, native_library, table_settings
from tools.artifact.hook import check_name
from tools.cli.console import mib
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.artifact.hook import HookCode
    from tools.artifact.target import Target

DIRECT_UPLOAD_BYTES: Final = 50 * 1024 * 1024
UNPACKED_BYTES: Final = 250 * 1024 * 1024
"""Limits of a deployment package: zipped without S3, and unzipped (AWS documentation: "Lambda quotas")."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT_SUFFIXES: Final = (".pyi", ".pyc", ".typed", ".md")


@dataclass(frozen=True)
class Artifact:
    """A zip: where it lies, its size in bytes, the SHA-256 of its bytes in hex, and whether native code is in it.

    `table_settings` is the file of `tools.artifact.table_settings` in it; None where there is none.
    """

    path: Path
    size: int
    sha256: str
    has_native_code: bool
    table_settings: bytes | None = None


def build(
    target: Target,
    folder: Path = paths.BUILD,
    hook: HookCode | None = None,
    *,
    native: bool | None = None,
    settings: bytes | None = None,
    through_bucket: bool = False,
    cache: Path = paths.BUILD,
) -> Artifact:
    """Builds the artifact for `target` into `folder`, and removes older ones of the same kind from it.

    Builds into different folders may run at once.

    Args:
        target: what the artifact runs on.
        folder: where the zip goes.
        hook: the user's hook, if there is one.
        native: whether the native code is in it, where the target can load it; None is yes for Lambda and no for this
            machine.
        settings: the tables' settings, as `table_settings.encode` returns them.
        through_bucket: whether Lambda takes it from S3, where it may be larger.
        cache: where wheels and compiled code are kept for the next build, of whatever folder.

    Raises:
        LakeError: pip could not fetch the wheels, the native code could not be compiled, `folder` cannot be written,
            or the result passes one of Lambda's limits.
        UsageError: the hook has a name that is taken.
    """
    with_native = target.runtime is not None if native is None else native
    try:
        content = _content(target, hook, native=with_native, settings=settings, cache=cache)
        return _write(content, target, folder, through_bucket=through_bucket)
    except OSError as error:
        why = f"{error.strerror or error} ({error.filename or folder})"
        raise LakeError(f"the artifact cannot be built in {folder}: {why}") from None


def _content(
    target: Target, hook: HookCode | None, *, native: bool, settings: bytes | None, cache: Path
) -> dict[str, bytes]:
    content = {
        **package_files(paths.LAMBDA_SOURCES, "lake_transform"),
        **wheel_files(wheels(target, cache / "wheels")),
    }
    if native:
        content |= native_library.library_files(target, cache / "native")
    if settings:
        content[table_settings.PATH_IN_ZIP] = settings
    if hook:
        check_name(hook, content)
        content |= hook.files
    if target.runtime in (None, bytecode.OF_THIS_PYTHON):
        content |= bytecode.compile_sources(content)
    return content


def _write(content: Mapping[str, bytes], target: Target, folder: Path, *, through_bucket: bool) -> Artifact:
    packed = pack(content)
    digest = hashlib.sha256(packed).hexdigest()
    has_native_code = native_library.PATH_IN_ZIP in content
    # For this machine there are both kinds, which must not remove each other.
    label = f"{target.label}-native" if has_native_code and not target.runtime else target.label
    path = folder / f"lake_transform-{label}-{digest[:16]}.zip"
    unzipped = sum(map(len, content.values()))
    check_limits(path.name, zipped=len(packed), unzipped=unzipped, from_bucket=through_bucket)
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(packed)
    partial.replace(path)
    for older in folder.glob(f"lake_transform-{label}-{'?' * 16}.zip"):
        if older != path:
            older.unlink(missing_ok=True)
    return Artifact(path, len(packed), digest, has_native_code, content.get(table_settings.PATH_IN_ZIP))


def pack(content: Mapping[str, bytes]) -> bytes:
    """Returns the zip of `content` (path in the zip -> bytes): sorted, undated, readable by every user."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, on every system: the field that holds the mode depends on it
            entry.external_attr = (0o100755 if ".so" in PurePosixPath(name).suffixes else 0o100644) << 16
            archive.writestr(entry, content[name])
    return buffer.getvalue()


def check_limits(name: str, *, zipped: int, unzipped: int, from_bucket: bool = False) -> None:
    """Raises LakeError when a package of these sizes (bytes) is one that Lambda refuses."""
    if not from_bucket and zipped > DIRECT_UPLOAD_BYTES:
        raise LakeError(
            f"{name} is {mib(zipped)}, and Lambda takes at most {mib(DIRECT_UPLOAD_BYTES)} directly; "
            "set artifact_bucket to upload it through S3"
        )
    if unzipped > UNPACKED_BYTES:
        raise LakeError(f"{name} unpacks to {mib(unzipped)}, and Lambda takes at most {mib(UNPACKED_BYTES)}")


def read_file(path: Path) -> Artifact:
    """Returns the artifact that somebody has built at `path`.

    Raises:
        LakeError: it does not exist, is no zip, or passes one of Lambda's limits.
    """
    try:
        packed = path.read_bytes()
    except FileNotFoundError:
        raise LakeError(f"transformation_lambda_file: there is no file {path}") from None
    except OSError as error:
        raise LakeError(f"transformation_lambda_file: {path} is not a readable zip file ({error})") from None
    return read_bytes(packed, path)


def read_bytes(packed: bytes, path: Path, *, from_bucket: bool = False) -> Artifact:
    """Returns the artifact that these bytes of a zip are, which lie at `path`, or under that key in a bucket.

    Raises:
        LakeError: they are no zip, or pass one of Lambda's limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            names = archive.namelist()
            unzipped = sum(entry.file_size for entry in archive.infolist())
            settings = archive.read(table_settings.PATH_IN_ZIP) if table_settings.PATH_IN_ZIP in names else None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError) as error:
        raise LakeError(f"transformation_lambda_file: {path} is not a readable zip file ({error})") from None
    check_limits(path.name, zipped=len(packed), unzipped=unzipped, from_bucket=from_bucket)
    digest = hashlib.sha256(packed).hexdigest()
    return Artifact(path, len(packed), digest, native_library.PATH_IN_ZIP in names, settings)


def package_files(sources: Path, package: str) -> dict[str, bytes]:
    """Returns the files of a package in the folder `sources` that are deployed: path in the zip -> bytes."""
    files = (file for file in (sources / package).rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    # A library, or tables' settings, that lie there were put there to try them: they may be for another target or use.
    content = {
        file.relative_to(sources).as_posix(): file.read_bytes()
        for file in files
        if file.suffix not in (*_LEFT_OUT_SUFFIXES, ".so")
    }
    content.pop(table_settings.PATH_IN_ZIP, None)
    return content


def wheel_files(files: Iterable[Path]) -> dict[str, bytes]:
    """Returns what is imported of wheels, and their licences: path in the zip -> bytes."""
    content: dict[str, bytes] = {}
    for wheel in files:
        with zipfile.ZipFile(wheel) as archive:
            names = (entry.filename for entry in archive.infolist() if not entry.is_dir())
            content.update({name: archive.read(name) for name in names if _is_needed(PurePosixPath(name))})
    return content


def _is_needed(file: PurePosixPath) -> bool:
    # Licences must travel with the code; the rest of a wheel's own records serves installers only.
    if file.parts[0].endswith(".dist-info"):
        return "licenses" in file.parts
    # A package's own command is no part of what the function imports.
    return file.suffix not in _LEFT_OUT_SUFFIXES and file.name != "__main__.py"


def wheels(target: Target, cache: Path) -> list[Path]:
    """Returns the wheels that `requirements/lambda.txt` pins, for a target, which are fetched into `cache` once.

    Raises:
        LakeError: pip could not fetch them.
        OSError: `cache` cannot be written.
    """
    lock = paths.REQUIREMENTS / "lambda.txt"
    key = hashlib.sha256(f"{target.label} {platform.platform()} {sys.version}".encode() + lock.read_bytes()).hexdigest()
    folder = cache / key[:16]
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        # Downloaded beside and renamed, so that an interrupted download is never taken for a whole one.
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=cache))
        try:
            _download(target, lock, partial)
            _rename_unless_made(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return sorted(folder.glob("*.whl"))


def _rename_unless_made(partial: Path, folder: Path) -> None:
    try:
        partial.rename(folder)
    except OSError:
        # Where another build was first, it holds the same files: their hashes are pinned.
        if not folder.is_dir():
            raise


def _download(target: Target, lock: Path, folder: Path) -> None:
    pip_runner.run(
        [
            *("download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"),
            *("--dest", str(folder), *target.pip_options, "-r", str(lock)),
        ],
        failed=f"pip could not fetch the wheels of {lock.name} for {target.label}",
    )

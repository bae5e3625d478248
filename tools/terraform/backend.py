"""Where the state lies: the override file that keeps it in S3, and the backend that Terraform opened last."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from tools.errors import LakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OVERRIDE: Final = "backend_override.tf"
_REQUIRED: Final = {"bucket", "key", "region"}
_ALWAYS_ON: Final = ("use_lockfile", "encrypt")
_ASSIGNMENT: Final = re.compile(r"^\s*([A-Za-z_]\w*)\s*=", re.MULTILINE)


class _Backend(msgspec.Struct, frozen=True):
    config: dict[str, object] = {}


class _Opened(msgspec.Struct, frozen=True):
    backend: _Backend


def has_opened(data_folder: Path, settings: Mapping[str, str] | None) -> bool:
    """Returns True where `terraform init` has opened the state before, in the backend with these settings if given.

    Whether the configuration names another backend since then is Terraform's to find: it asks for an init.
    """
    try:
        opened = msgspec.json.decode((data_folder / "terraform.tfstate").read_bytes(), type=_Opened)
    except (OSError, msgspec.MsgspecError):
        return False
    return all(opened.backend.config.get(name) == value for name, value in (settings or {}).items())


def s3_block(settings: str) -> str:
    """Returns the Terraform block for state in S3, with native locking and encryption.

    `settings` are backend settings as Terraform's `-backend-config` files hold them (`bucket = "..."`, a line each).

    Raises:
        UsageError: bucket, key or Region is not set, or locking or encryption is set.
    """
    given = set(_ASSIGNMENT.findall(settings))
    missing = sorted(_REQUIRED - given)
    if missing:
        raise UsageError(f"--backend-config: the file does not set {', '.join(missing)}")
    fixed = sorted(given & set(_ALWAYS_ON))
    if fixed:
        raise UsageError(f"--backend-config: leave out {', '.join(fixed)}; it is always on")
    body = [*settings.strip().splitlines(), *(f"{name} = true" for name in _ALWAYS_ON)]
    inner = "\n".join(f"    {line.strip()}" for line in body)
    return f'# Made by --backend-config.\nterraform {{\n  backend "s3" {{\n{inner}\n  }}\n}}\n'


def check(settings: Path | None) -> None:
    """Raises UsageError when a file of backend settings cannot be read or lacks a setting; None is no file."""
    if settings:
        _read(settings)


def _read(settings: Path) -> str:
    try:
        return s3_block(settings.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--backend-config: cannot read {settings} ({error})") from None


@contextmanager
def in_s3(folder: Path, settings: Path | None) -> Iterator[None]:
    """Keeps the state of the environment in `folder` in S3 from now on; with `settings` None, changes nothing.

    When the block inside fails, the folder is left as it was.

    Raises:
        UsageError: the file cannot be read or lacks a setting.
    """
    if settings is None:
        yield
        return
    block = _read(settings)
    override = folder / OVERRIDE
    before = override.read_text(encoding="utf-8") if override.exists() else None
    override.write_text(block, encoding="utf-8")
    try:
        yield
    except LakeError:
        if before is None:
            override.unlink()
        else:
            override.write_text(before, encoding="utf-8")
        raise

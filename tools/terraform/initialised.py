"""Whether `terraform init` has anything to do: it takes seconds, and what it did holds while what it read does."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tools import files
from tools.terraform import backend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MARK: Final = "lake.initialised"
_READ: Final = ("*.tf", "*.tf.json", ".terraform.lock.hcl")


class _Module(msgspec.Struct, frozen=True, rename="pascal"):
    dir: str


class _Manifest(msgspec.Struct, frozen=True, rename="pascal"):
    modules: tuple[_Module, ...] = ()


def is_current(folder: Path, data_folder: Path, settings: Mapping[str, str] | None) -> bool:
    """Returns True where an init of `folder` with the backend's `settings` would find all as the last one left it."""
    if not backend.has_opened(data_folder, settings):
        return False
    try:
        marked = (data_folder / _MARK).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return marked == _digest(folder, data_folder, settings)


def mark(folder: Path, data_folder: Path, settings: Mapping[str, str] | None) -> None:
    """Notes in the data folder that an init has come to its end."""
    files.write_bytes(data_folder / _MARK, _digest(folder, data_folder, settings).encode(), durable=False)


def _digest(folder: Path, data_folder: Path, settings: Mapping[str, str] | None) -> str:
    found = hashlib.sha256(repr(sorted((settings or {}).items())).encode())
    for file in _inputs(folder, data_folder):
        found.update(f"\n{file}\n".encode())
        found.update(file.read_bytes())
    # A provider is a link into a mirror or a cache, which can be gone.
    for provider in sorted(data_folder.glob("providers/*/*/*/*/*")):
        found.update(f"\n{provider} {provider.exists()}".encode())
    return found.hexdigest()


def _inputs(folder: Path, data_folder: Path) -> Iterator[Path]:
    for module in sorted({".", *_modules(data_folder)}):
        place = Path(os.path.normpath(folder / module))
        for pattern in _READ:
            yield from sorted(place.glob(pattern))
    for opened in (data_folder / "terraform.tfstate", data_folder / "modules" / "modules.json"):
        if opened.is_file():
            yield opened


def _modules(data_folder: Path) -> Iterator[str]:
    """Yields the folders of the modules that the last init found, as seen from where Terraform runs."""
    try:
        content = (data_folder / "modules" / "modules.json").read_bytes()
        found = msgspec.json.decode(content, type=_Manifest)
    except (OSError, msgspec.MsgspecError):
        return
    for module in found.modules:
        yield module.dir

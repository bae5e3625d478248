"""Finds the provider in a filesystem mirror on machines that cannot reach a registry."""

from __future__ import annotations

import functools
import os
import platform
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools import paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROVIDER: Final = "registry.terraform.io/hashicorp/aws"
"""The provider's source address, which is also its path inside a mirror (Terraform documentation: "CLI Configuration
File: Implied Local Mirror Directories")."""

SEARCH_SECONDS: Final = 10.0
"""How long the search of the whole file system may take."""

_SKIPPED_FOLDERS: Final = (".terraform", ".git", "site-packages", "dist-packages", "node_modules")
_CONFIG: Final = "TF_CLI_CONFIG_FILE"
_INIT: Final = "TF_CLI_ARGS_init"


def plugin_environment(base: Mapping[str, str]) -> dict[str, str]:
    """Returns `base` with what `terraform init` needs to find the provider: the whole environment for the child.

    - `TF_CLI_CONFIG_FILE` is left out when it names a file that does not exist.
    - `TF_CLI_ARGS_init` gains `-plugin-dir=DIR` when a mirror on this machine holds the locked provider for this
      platform and Terraform would not look there by itself. Terraform checks the provider in
      it against the hashes in the lock file.

    A source that the user has configured (`provider_installation` in a CLI configuration, or `-plugin-dir`) is kept.
    Without a mirror nothing is added, and Terraform uses the registry.
    """
    merged = dict(base)
    if merged.get(_CONFIG) and not Path(merged[_CONFIG]).is_file():
        del merged[_CONFIG]
    arguments = merged.get(_INIT, "")
    if "-plugin-dir" in arguments or _has_configured_source(merged) or _has_implied_mirror(merged):
        return merged
    mirror = find_mirror(merged.get("TF_PLUGIN_CACHE_DIR", ""))
    if mirror:
        merged[_INIT] = f"{arguments} -plugin-dir={mirror}".strip()
    return merged


@functools.cache
def find_mirror(plugin_cache: str = "") -> Path | None:
    """Returns a folder that holds the locked provider for this platform, or None; searches once a process."""
    versions = locked_versions(paths.ENVIRONMENTS)
    return next((folder for folder in _candidates(plugin_cache, versions) if holds(folder, versions)), None)


def locked_versions(environments: Path) -> frozenset[str]:
    """Returns the provider versions that the lock files of the environments name."""
    entry = re.compile(rf'provider "{re.escape(PROVIDER)}" {{\s+version\s+= "([^"]+)"')
    locks = sorted(environments.glob("*/.terraform.lock.hcl"))
    return frozenset(version for lock in locks for version in entry.findall(lock.read_text(encoding="utf-8")))


def holds(mirror: Path, versions: frozenset[str]) -> bool:
    """Tells whether `mirror` holds every one of `versions` for this platform, unpacked or as a zip."""
    provider, target = mirror / PROVIDER, _platform()
    return bool(versions) and all(
        (provider / version / target).is_dir()
        or (provider / f"terraform-provider-aws_{version}_{target}.zip").is_file()
        for version in versions
    )


def _platform() -> str:
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}_{architecture}"


def _has_configured_source(environment: Mapping[str, str]) -> bool:
    file = Path(environment.get(_CONFIG) or Path.home() / ".terraformrc")
    return file.is_file() and "provider_installation" in file.read_text(encoding="utf-8", errors="replace")


def _has_implied_mirror(environment: Mapping[str, str]) -> bool:
    home = Path.home()
    data_home = environment.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    data_dirs = environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    implied = [home / ".terraform.d" / "plugins"]
    implied += [
        Path(folder) / "terraform" / "plugins" for folder in (data_home, *data_dirs.split(os.pathsep)) if folder
    ]
    return any((folder / PROVIDER).is_dir() for folder in implied)


def _candidates(plugin_cache: str, versions: frozenset[str]) -> Iterator[Path]:
    if plugin_cache:
        yield Path(plugin_cache)
    for root in ("/opt", "/srv", "/var/lib", "/usr/lib", "/usr/local/lib"):
        for depth in ("", "*/", "*/*/"):
            yield from (mirror.parents[2] for mirror in sorted(Path(root).glob(depth + PROVIDER)))
    for version in sorted(versions):
        yield from search("/", version)


def search(root: str, version: str) -> list[Path]:
    """Returns the first mirror under `root` that holds `version` for this platform, as a list of at most one folder.

    Stays on one file system, skips folders that hold no mirrors, and gives up after `SEARCH_SECONDS`.
    """
    unpacked = f"*/{PROVIDER}/{version}/{_platform()}"
    packed = f"*/{PROVIDER}/terraform-provider-aws_{version}_{_platform()}.zip"
    skipped = [part for name in _SKIPPED_FOLDERS for part in ("-o", "-name", name)][1:]
    command = ["find", root, "-xdev", "-maxdepth", "9", "(", *skipped, ")", "-prune"]
    command += ["-o", "(", "-path", unpacked, "-o", "-path", packed, ")", "-print", "-quit"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SEARCH_SECONDS, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return []
    files = [Path(line) for line in os.fsdecode(done.stdout).splitlines()]
    return [file.parents[3 if file.suffix == ".zip" else 4] for file in files]

"""The environments of `envs/`: their names, folders and input variables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools import paths
from tools.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


CONSUMER: Final = "consumer"
PRODUCER: Final = "producer"
CROSS_ACCOUNT: Final = "cross-account"
"""What verbs call the pair of both."""

_DECLARATION: Final = re.compile(r'^variable "(\w+)" \{$', re.MULTILINE)


@dataclass(frozen=True)
class Environment:
    """One root module: its name and its folder."""

    name: str
    folder: Path

    def variables(self) -> frozenset[str]:
        """Returns the names of its input variables."""
        files = sorted(self.folder.glob("variables*.tf"))
        return frozenset(name for file in files for name in _DECLARATION.findall(file.read_text(encoding="utf-8")))


def names() -> list[str]:
    """Returns the names of the environments that this checkout holds."""
    return sorted(folder.name for folder in paths.ENVIRONMENTS.iterdir() if (folder / "main.tf").is_file())


def find(name: str) -> Environment:
    """Returns the environment called `name`.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in names():
        known = ", ".join([*names(), f"{CROSS_ACCOUNT} (both {CONSUMER} and {PRODUCER})"])
        raise UsageError(f"there is no environment {name!r} in envs/; choose one of: {known}")
    return Environment(name, paths.ENVIRONMENTS / name)

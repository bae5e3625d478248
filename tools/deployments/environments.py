"""The environments of `envs/`: their names, folders and input variables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hcl2.api import loads

from tools import paths
from tools.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


CONSUMER: Final = "consumer"
PRODUCER: Final = "producer"
CROSS_ACCOUNT: Final = "cross-account"
"""What verbs call the pair of both."""

_DECLARATION: Final = re.compile(r'^variable "(\w+)" \{$', re.MULTILINE)
_BLOCK: Final = r'^variable "{name}" \{{$.*?^\}}$'


@dataclass(frozen=True)
class Environment:
    """One root module: its name and its folder."""

    name: str
    folder: Path

    @property
    def has_function(self) -> bool:
        """True when the function is part of it, whose package a deploy builds."""
        return "transformation_lambda_file" in self.variables()

    def variables(self) -> frozenset[str]:
        """Returns the names of its input variables."""
        files = sorted(self.folder.glob("variables*.tf"))
        return frozenset(name for file in files for name in _DECLARATION.findall(file.read_text(encoding="utf-8")))

    def default(self, name: str) -> Any:  # noqa: ANN401  # an HCL value of any type
        """Returns the default value of an input variable; None where it has none, or there is no such variable."""
        block = re.compile(_BLOCK.format(name=re.escape(name)), re.MULTILINE | re.DOTALL)
        for file in sorted(self.folder.glob("variables*.tf")):
            found = block.search(file.read_text(encoding="utf-8"))
            if found:
                return _default_in(found[0] + "\n", name)
        return None


def _default_in(block: str, name: str) -> Any:  # noqa: ANN401  # as above
    (declared,) = loads(block)["variable"]
    # The parser keeps each attribute in a list of one, as if it were a block.
    return next(iter(declared[name].get("default", ())), None)


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

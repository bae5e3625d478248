"""The environments of `envs/`: their names, folders and input variables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tools import paths
from tools.errors import LakeError, UsageError
from tools.terraform import type_constraints
from tools.terraform.hcl import HclError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.terraform.type_constraints import Variable

CONSUMER: Final = "consumer"
PRODUCER: Final = "producer"
CROSS_ACCOUNT: Final = "cross-account"
"""What verbs call the pair of both."""


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
        return frozenset(self.declared())

    def declared(self) -> Mapping[str, Variable]:
        """Returns its input variables by name, with their types.

        Raises:
            LakeError: the environment's files are not HCL.
        """
        return _declared(self.folder)

    def default(self, name: str) -> Any:  # noqa: ANN401  # an HCL value of any type
        """Returns the default value of an input variable; None where it has none, or there is no such variable."""
        variable = self.declared().get(name)
        return variable.default if variable else None

    def value(self, name: str, given: Mapping[str, Any]) -> Any:  # noqa: ANN401  # as above
        """Returns the value of an input variable: what is `given` for it, else its default."""
        value = given.get(name)
        return self.default(name) if value is None else value


@cache
def _declared(folder: Path) -> Mapping[str, Variable]:
    try:
        return type_constraints.read_variables(folder)
    except HclError as error:
        raise LakeError(f"the variables in {folder} cannot be read: line {error.line}: {error}") from None


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

"""The folder of a deployment: what it keeps beside the configuration that all deployments share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools import paths
from tools.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT: Final = "default"
"""Name of the deployment that is meant when none is named."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class DeploymentFolder:
    """What one deployment keeps, in `path` (ROOT/ENV/NAME); nothing in it is made by looking."""

    path: Path

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self.path.name

    @property
    def environment_name(self) -> str:
        """The name of its environment."""
        return self.path.parent.name

    @property
    def root(self) -> Path:
        """Where all deployments of the checkout, or of local AWS, have their folders."""
        return self.path.parents[1]

    def options(self, *, local: bool) -> str:
        """Returns the options that tell this deployment from others of its environment, as a user would write them."""
        return options(self.name, local=local)

    def label(self, *, local: bool) -> str:
        """Returns the environment with those options."""
        return f"{self.environment_name}{self.options(local=local)}"

    @property
    def settings_file(self) -> Path:
        """What the deployment was last given, and what it holds in its account."""
        return self.path / "settings.json"

    @property
    def outputs_file(self) -> Path:
        """Terraform's outputs when a destroy began."""
        return self.path / "outputs.json"

    @property
    def configuration(self) -> Path:
        """Its copy of `envs/ENV` and `modules`."""
        return self.path / "configuration"

    @property
    def terraform_folder(self) -> Path:
        """Where Terraform runs in that copy."""
        return self.configuration / paths.ENVIRONMENTS.name / self.environment_name

    @property
    def data_folder(self) -> Path:
        """Terraform's data folder."""
        return self.path / "data"

    @property
    def state_file(self) -> Path:
        """The state, where it is not kept in S3."""
        return self.path / "terraform.tfstate"

    @property
    def artifact_folder(self) -> Path:
        """Where the function's package is built."""
        return self.path / "artifact"


def check_name(name: str) -> str:
    """Returns `name` when it can be a deployment's.

    Raises:
        UsageError: it has other characters than letters, digits, `-` and `_`, or more than 64 of them.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"--deployment: {name!r} is no name; use 1 to 64 letters, digits, - and _")
    return name


def options(name: str, *, local: bool) -> str:
    """Returns the options that name a deployment, as a user would write them after its environment."""
    return (" --local" if local else "") + (f" --deployment {name}" if name != DEFAULT else "")


def root(*, local: bool) -> Path:
    """Returns where the deployments of this checkout have their folders; `local`: those on local AWS."""
    return paths.local_home() / "deployments" if local else paths.DEPLOYMENTS


def find(environment_name: str, name: str, *, local: bool) -> DeploymentFolder:
    """Returns the folder of a deployment, which need not exist yet."""
    return DeploymentFolder(root(local=local) / environment_name / name)


def existing(root: Path) -> list[DeploymentFolder]:
    """Returns the folders of all deployments under `root`, by environment and name."""
    return [DeploymentFolder(path) for path in sorted(root.glob("[!.]*/*")) if path.is_dir()]

"""The copy of the configuration that a deployment's Terraform runs in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools import paths
from tools.deployments import producer_inputs
from tools.terraform import backend

if TYPE_CHECKING:
    from tools.deployments.environments import Environment
    from tools.deployments.folders import DeploymentFolder

_COPIED: Final = ("*.tf", "*.tf.json", ".terraform.lock.hcl")
_COLUMNS: Final = "columns"
"""Folder of the items' columns, by default."""

_KEPT: Final = (producer_inputs.FILE_NAME, backend.OVERRIDE)
"""Files of the deployment itself, which are not in the environment's folder."""

_PARTIAL: Final = "configuration-"
_FORMER: Final = "former-configuration"


def refresh(environment: Environment, home: DeploymentFolder) -> None:
    """Copies `envs/ENV` and `modules` afresh into the deployment's folder.

    Backend, variable files and state that lie in `envs/ENV` are those of another deployment, and stay there. What the
    deployment itself has received, its consumer's outputs and its backend, is kept, also when this is killed at any
    point. Call it under the deployment's lock.
    """
    former = home.path / _FORMER
    if former.is_dir() and not home.configuration.is_dir():
        former.rename(home.configuration)
    for left_over in (former, *home.path.glob(f"{_PARTIAL}*")):
        shutil.rmtree(left_over, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=home.path))
    folder = partial / home.terraform_folder.relative_to(home.configuration)
    folder.mkdir(parents=True)
    for pattern in _COPIED:
        for file in environment.folder.glob(pattern):
            if not file.name.endswith(("_override.tf", "_override.tf.json")):
                shutil.copy2(file, folder)
    if (environment.folder / _COLUMNS).is_dir():
        shutil.copytree(environment.folder / _COLUMNS, folder / _COLUMNS)
    for name in _KEPT:
        if (home.terraform_folder / name).is_file():
            shutil.copy2(home.terraform_folder / name, folder)
    shutil.copytree(paths.MODULES, partial / paths.MODULES.name, ignore=shutil.ignore_patterns(".terraform*", "tests"))
    if home.configuration.is_dir():
        home.configuration.rename(former)
    partial.rename(home.configuration)
    shutil.rmtree(former, ignore_errors=True)

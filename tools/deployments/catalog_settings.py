"""What the variables of a deployment say of its catalog: where columns are declared, and what reads them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from tools.deployments import settings
from tools.deployments.settings import Settings
from tools.errors import UsageError
from tools.terraform import tfvars

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tools.deployments.deployment import Deployment

_VARIABLE: Final = "columns_directory"
_DEFAULT_FOLDER: Final = "columns"
"""Beside the environment's `main.tf`."""


@dataclass(frozen=True)
class CatalogSettings:
    """The folder of the files that declare columns, the SerDe of the tables, and how the function makes columns.

    `path_separator` joins the names of a path, `list_format` says how lists and sets are written.
    """

    folder: Path
    serde: Literal["hive", "openx"] = "hive"
    path_separator: str = "__"
    list_format: Literal["text", "array"] = "text"


def of_deployment(deployment: Deployment, folder: Path | None = None) -> CatalogSettings:
    """Returns the settings of a deployment's catalog, from the variables of its last deploy.

    Args:
        deployment: the deployment that has the lake.
        folder: where columns are declared, if the user says so.

    Raises:
        UsageError: the last deploy was given the folder in a way that is not remembered.
        LakeError: Terraform, which judges variable files, cannot be run.
    """
    last = settings.read(deployment.home.settings_file) or Settings()
    files = [Path(file) for file in last.var_files if Path(file).is_file()]
    # Local AWS is no place for values that were exported for an account.
    environ = {} if deployment.is_local else os.environ
    values = tfvars.given(deployment.folder, files, (), environ)
    return CatalogSettings(
        folder or _folder(deployment, values, last.var_names),
        "openx" if _member(values, "catalog", "serde") == "openx" else "hive",
        str(_member(values, "transform", "path_separator") or CatalogSettings.path_separator),
        "array" if _member(values, "transform", "list_format") == "array" else "text",
    )


def _folder(deployment: Deployment, values: Mapping[str, Any], unknown: Collection[str]) -> Path:
    named = values.get(_VARIABLE)
    if (named is None and _VARIABLE in unknown) or (isinstance(named, str) and "${" in named):
        raise UsageError(
            f"{deployment.label}: the value of {_VARIABLE} that it was deployed with is not known here; "
            "say which folder it is with --columns FOLDER"
        )
    # The default is the environment's own, also where Terraform runs in a copy, which each deploy makes anew.
    return deployment.folder / named if isinstance(named, str) else deployment.environment.folder / _DEFAULT_FOLDER


def _member(values: Mapping[str, Any], variable: str, name: str) -> object:
    value = values.get(variable)
    return value.get(name) if isinstance(value, dict) else None

"""Completes what a command was given with what the last deploy of the same deployment was given."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tools.deployments.credentials import Identity
from tools.deployments.settings import Settings
from tools.terraform.assignments import ENVIRONMENT_PREFIX
from tools.terraform.runner import Variables

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tools.deployments.settings import Claim

_VALUES_KEPT: Final = ("account_id", "region")
"""Variables whose values are remembered: they say where the deployment is."""


class Purpose(Enum):
    """What a command does with a deployment, which decides what it needs of the last deploy."""

    DEPLOY = "deploy"
    RUN_TERRAFORM = "run Terraform on what is deployed"
    READ = "read what is deployed"


@dataclass(frozen=True)
class Given:
    """What a command was given for one deployment: variables, where its state is kept, and whose credentials."""

    variables: Variables = field(default_factory=Variables)
    backend_config: Path | None = None
    identity: Identity = field(default_factory=Identity)


@dataclass(frozen=True)
class Recalled:
    """What a command works with: `given`, completed with the options `reused`; `left_out` could not be reused."""

    given: Given
    reused: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def relevant(last: Settings, purpose: Purpose) -> Settings:
    """Returns the part of the last deploy's settings that a command of this purpose uses."""
    if purpose is Purpose.DEPLOY:
        return last
    credentials = Settings(profile=last.profile, role_arn=last.role_arn)
    if purpose is Purpose.READ:
        return credentials
    return msgspec.structs.replace(credentials, var_files=last.var_files, shared_var_files=last.shared_var_files)


def recall(given: Given, last: Settings | None, is_file: Callable[[str], bool]) -> Recalled:
    """Returns `given` with the last deploy's options for those that are left out.

    Var files stand for each other, and so do a profile and a role: one given now replaces all that were given then.
    `is_file` tells whether a remembered file is still there. The values of variables are no matter of this function:
    `left_out_variables`.
    """
    if last is None:
        return Recalled(given)
    reused: list[str] = []
    left_out: list[str] = []
    variables, identity, backend = given.variables, given.identity, given.backend_config
    if variables.files:
        now = {str(file) for file in variables.files}
        left_out += [f"--var-file {shown(file)}" for file in last.var_files if file not in now]
    else:
        found = tuple(file for file in last.var_files if is_file(file))
        reused += [f"--var-file {shown(file)}" for file in found]
        left_out += [
            f"--var-file {shown(file)} (there is no such file any more)" for file in last.var_files if file not in found
        ]
        shared = variables.shared or last.shared_var_files
        variables = replace(variables, files=tuple(map(Path, found)), shared=shared)
    remembered = Identity(last.profile, last.role_arn)
    if not identity.is_given:
        identity = remembered
        reused += identity.options()
    else:
        left_out += [
            option
            for option in remembered.options()
            if option.split()[0] not in {each.split()[0] for each in identity.options()}
        ]
    # Without the file the state stays where it was put: nothing is left out.
    if backend is None and last.backend_config and is_file(last.backend_config):
        backend = Path(last.backend_config)
        reused.append(f"--backend-config {shown(last.backend_config)}")
    return Recalled(Given(variables, backend, identity), tuple(reused), tuple(left_out))


def left_out_variables(last: Settings | None, valued: Collection[str]) -> tuple[str, ...]:
    """Returns the options and environment variables that gave a value last time, where nothing gives one now.

    `valued` are the names of the variables that have a value now, wherever it comes from.
    """
    if last is None:
        return ()
    pairs = [f"--var {name}" for name in last.var_names if name not in valued]
    exported = [
        f"{ENVIRONMENT_PREFIX}{name}"
        for name in last.environment_names
        if name not in valued and name not in last.var_names
    ]
    return (*pairs, *exported)


def known_variables(claim: Claim | None, valued: Collection[str]) -> tuple[str, ...]:
    """Returns, as NAME=VALUE, account and Region of what is deployed, where nothing gives them now."""
    if claim is None:
        return ()
    values = {"account_id": claim.account_id, "region": claim.region}
    return tuple(f"{name}={values[name]}" for name in _VALUES_KEPT if name not in valued)


def to_settings(given: Given, environment: Mapping[str, str], names: Collection[str]) -> Settings:
    """Returns what is to be remembered of `given`: names and paths, and no value of a variable.

    `environment` are the environment variables that Terraform sees, `names` the variables that it knows.
    """
    pairs = {pair.partition("=")[0].strip() for pair in given.variables.pairs}
    exported = {name.removeprefix(ENVIRONMENT_PREFIX) for name in environment if _is_variable(name)}
    return Settings(
        var_files=tuple(str(file) for file in given.variables.files),
        shared_var_files=given.variables.shared,
        var_names=tuple(sorted(pairs - set(_VALUES_KEPT))),
        environment_names=tuple(sorted((exported & set(names)) - set(_VALUES_KEPT))),
        backend_config=str(given.backend_config) if given.backend_config else None,
        profile=given.identity.profile,
        role_arn=given.identity.role_arn,
    )


def _is_variable(name: str) -> bool:
    return name.startswith(ENVIRONMENT_PREFIX)


def shown(file: str) -> str:
    """Returns a path as a user would type it here: relative inside of the current folder, absolute elsewhere."""
    relative = os.path.relpath(file)
    return file if relative.startswith(os.pardir) else relative

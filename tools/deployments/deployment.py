"""Where an environment is deployed: its working folder, its state, and the AWS account behind it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools import paths
from tools.deployments import producer_inputs
from tools.deployments.aws import Aws
from tools.deployments.outputs import Outputs, parse_outputs
from tools.locking import one_at_a_time
from tools.terraform import provider_mirror
from tools.terraform.runner import Terraform

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tools.deployments.environments import Environment

_COPIED: Final = ("*.tf", "*.tf.json", ".terraform.lock.hcl")


@dataclass(frozen=True)
class Deployment:
    """One environment in one place.

    `folder` is where Terraform runs, `data_folder` its data folder, `state_file` the local state (None: the
    backend's own default), `environment_variables` what Terraform and boto3 see, `own_variables` the NAME=VALUE
    pairs that this place decides, `flags` what a verb is called with to come back to it, and `hint` how to look around.
    """

    environment: Environment
    folder: Path
    data_folder: Path
    state_file: Path | None
    environment_variables: Mapping[str, str]
    own_variables: tuple[str, ...] = ()
    flags: str = ""
    hint: str = ""

    @property
    def is_local(self) -> bool:
        """True on local AWS, where the state lies in a place of its own."""
        return self.state_file is not None

    @property
    def label(self) -> str:
        """The environment's name, with what tells this place from others, as a user would write it."""
        return f"{self.name}{self.flags}"

    @property
    def name(self) -> str:
        """The environment's name."""
        return self.environment.name

    def terraform(self) -> Terraform:
        """Returns Terraform for this place, checked to be installed and recent enough."""
        terraform = Terraform(self.folder, self.data_folder, self.environment_variables)
        terraform.check_version()
        return terraform

    def init(self, terraform: Terraform) -> None:
        """Initialises Terraform for this place's backend."""
        terraform.init({"path": str(self.state_file)} if self.state_file else None)

    def outputs(self) -> Outputs:
        """Returns what the deployed environment says of itself.

        Raises:
            LakeError: it is not deployed here.
        """
        terraform = self.terraform()
        self.init(terraform)
        return parse_outputs(self.label, terraform.output())

    def aws(self, region: str | None = None) -> Aws:
        """Returns access to this place's account."""
        return Aws(self.environment_variables, region)

    def command(self, verb: str) -> str:
        """Returns the command line that runs `verb` on this place."""
        return f"python -m tools.{verb} {self.label}"

    def lock(self) -> AbstractContextManager[None]:
        """Returns a lock that one command at a time can hold on this place.

        Raises:
            LakeError: another command holds it (on entering).
        """
        self.data_folder.mkdir(parents=True, exist_ok=True)
        busy = "another command is at work on this deployment; wait until it is done"
        return one_at_a_time(self.data_folder / "lake.lock", seconds=0, busy=busy)


def in_account(environment: Environment, environ: Mapping[str, str] = os.environ) -> Deployment:
    """Returns the deployment of `environment` in the account of the credentials in `environ`: in its own folder."""
    data_folder = environment.folder / ".terraform"
    variables = provider_mirror.plugin_environment(environ)
    return Deployment(environment, environment.folder, data_folder, None, variables)


def in_copy(
    environment: Environment,
    home: Path,
    variables: Mapping[str, str],
    *,
    own_variables: tuple[str, ...],
    flags: str,
    hint: str,
) -> Deployment:
    """Returns a deployment that runs in a fresh copy of the configuration under `home`, with its state beside it.

    A copy keeps one account's backend, variable files and state out of another's way. What a consumer handed over
    stays with it. `variables` replace the process's environment variables of the same name; AWS credentials that they
    do not name are left out.
    """
    place = home / "deployments" / environment.name
    root = place / "configuration"
    folder = root / paths.ENVIRONMENTS.name / environment.name
    received = folder / producer_inputs.FILE_NAME
    kept_values = received.read_bytes() if received.is_file() else None
    shutil.rmtree(root, ignore_errors=True)
    folder.mkdir(parents=True)
    if kept_values is not None:
        received.write_bytes(kept_values)
    for pattern in _COPIED:
        for file in environment.folder.glob(pattern):
            if not file.name.endswith(("_override.tf", "_override.tf.json")):
                shutil.copy2(file, folder)
    shutil.copytree(paths.MODULES, root / paths.MODULES.name, ignore=shutil.ignore_patterns(".terraform*", "tests"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_VAR_"))}
    merged = provider_mirror.plugin_environment({**kept, **variables})
    state = place / "terraform.tfstate"
    return Deployment(environment, folder, place / "data", state, merged, own_variables, flags, hint)

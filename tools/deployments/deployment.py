"""One deployment: an environment in one place, with its own configuration, state and AWS account."""

from __future__ import annotations

import shlex
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.deployments import configuration, outputs
from tools.deployments.aws import Aws
from tools.deployments.recall import Given
from tools.errors import LakeError
from tools.locking import one_at_a_time
from tools.terraform import backend, initialised, lock_file, state, tfvars
from tools.terraform.runner import Terraform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tools.deployments.environments import Environment
    from tools.deployments.folders import DeploymentFolder
    from tools.deployments.outputs import Outputs
    from tools.deployments.settings import Claim
    from tools.terraform.state import State


@dataclass(frozen=True)
class Deployment:
    """One environment in one place, and what a command works on it with.

    `home` is what the deployment keeps, `folder` where Terraform runs (in `home`, or the environment's own),
    `data_folder` Terraform's data folder, `environment_variables` what Terraform and boto3 see, `known_variables` the
    NAME=VALUE pairs that this place decides, `claim` what it holds in its account (None: nothing yet), and
    `access_hint` how to look around there with the AWS CLI. `given` is what the command was given, completed with what
    the last deploy was given; `left_out` are options that the last deploy had besides.
    """

    environment: Environment
    home: DeploymentFolder
    folder: Path
    data_folder: Path
    environment_variables: Mapping[str, str]
    known_variables: tuple[str, ...] = ()
    is_local: bool = False
    claim: Claim | None = None
    access_hint: str = ""
    given: Given = field(default_factory=Given)
    left_out: tuple[str, ...] = ()

    @property
    def environment_name(self) -> str:
        """The environment's name."""
        return self.environment.name

    @property
    def options(self) -> str:
        """The options that a verb is called with to work on this deployment."""
        return self.home.options(local=self.is_local)

    @property
    def label(self) -> str:
        """The environment's name with those options."""
        return f"{self.environment_name}{self.options}"

    @property
    def runs_in_copy(self) -> bool:
        """True when Terraform runs in a copy of the configuration, with the state beside it or in S3."""
        return self.folder != self.environment.folder

    @property
    def exists(self) -> bool:
        """False when no deploy has ever begun here."""
        return not self.runs_in_copy or self.home.path.is_dir()

    def terraform(self) -> Terraform:
        """Returns Terraform for this place, checked to be installed and recent enough."""
        Terraform(self.environment.folder, self.data_folder, self.environment_variables).check_version()
        return Terraform(self.folder, self.data_folder, self.environment_variables)

    def open(self, terraform: Terraform) -> State | None:
        """Makes Terraform ready to work in this place, and returns the state; None where there is none.

        A state that is kept here becomes this user's alone to read, like all that Terraform writes from now on.

        Raises:
            LakeError: the provider cannot be reached, or the state cannot be opened.
        """
        is_ready = initialised.is_current(self.folder, self.data_folder, self._own_backend)
        if is_ready:
            self._trust_provider()
        found = self._opened(terraform, is_ready=is_ready)
        for folder in (self.folder, self.home.path):
            for file in folder.glob("*.tfstate*"):
                if file.is_file():
                    file.chmod(0o600)
        return found

    def read_state(self, terraform: Terraform) -> State | None:
        """Returns the state; None where there is none.

        Raises:
            LakeError: as `open`.
        """
        return self._opened(terraform, is_ready=backend.has_opened(self.data_folder, self._own_backend))

    def _opened(self, terraform: Terraform, *, is_ready: bool) -> State | None:
        if is_ready:
            # Where it fails, init says why.
            with suppress(LakeError):
                return state.read(terraform)
        terraform.init(self._own_backend)
        initialised.mark(self.folder, self.data_folder, self._own_backend)
        self._trust_provider()
        return state.read(terraform)

    def _trust_provider(self) -> None:
        # In an account, each command compares the provider's checksums again.
        if self.is_local:
            lock_file.drop_checksums(self.folder)

    def outputs(self) -> Outputs:
        """Returns what the deployed environment says of itself.

        Raises:
            LakeError: it is not deployed here, or another command is at work on its first deploy.
        """
        if not self.exists:
            raise outputs.not_deployed(self.label)
        terraform = self.terraform()
        if not self.folder.is_dir():
            with self.lock():
                pass
        raw = outputs.of_state(self.read_state(terraform))
        if not raw:
            # A first deploy that has not come to its end yet has no outputs.
            with self._alone():
                pass
        return outputs.parse_outputs(self.label, raw)

    @property
    def _own_backend(self) -> dict[str, str] | None:
        is_own_state = self.runs_in_copy and not (self.folder / backend.OVERRIDE).exists()
        return {"path": str(self.home.state_file)} if is_own_state else None

    def given_values(self) -> dict[str, Any]:
        """Returns the values given for its variables, as `tfvars.given` does; what this place decides, unless given."""
        variables = self.given.variables
        pairs = (*self.known_variables, *variables.pairs)
        return tfvars.given(self.folder, variables.files, pairs, self.environment_variables)

    def aws(self, region: str | None = None) -> Aws:
        """Returns access to this place's account."""
        return Aws(self.environment_variables, region)

    def command(self, verb: str) -> str:
        """Returns the command line that runs `verb` on this place."""
        return f"python -m tools.{verb} {self.label}"

    def show_command(self, plan_file: Path) -> str:
        """Returns the command line by which Terraform prints a saved plan of this place."""
        words = ["terraform", f"-chdir={self.folder}", "show", str(plan_file)]
        data_folder = f"TF_DATA_DIR={shlex.quote(str(self.data_folder))} " if self.runs_in_copy else ""
        return data_folder + shlex.join(words)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps other commands from this place, and brings its copy of the configuration up to date.

        Raises:
            LakeError: another command holds the lock.
        """
        with self._alone():
            if self.runs_in_copy:
                configuration.refresh(self.environment, self.home)
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.data_folder.mkdir(parents=True, exist_ok=True)
        busy = f"another command is at work on {self.label}; wait until it is done"
        with one_at_a_time(self.data_folder / "lake.lock", seconds=0, busy=busy):
            yield

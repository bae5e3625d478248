"""Runs Terraform for one deployment: `python-terraform` builds every argument vector, this module runs it.

The library's own ways to run are not used: its `apply` sends variables again with a saved plan, its `destroy` passes a
flag that Terraform no longer has, and none of them leaves an interrupted Terraform the time to write its state.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import python_terraform
from packaging.version import InvalidVersion, Version
from python_terraform import IsFlagged

from tools.cli import console
from tools.errors import LakeError, StoppedError, UsageError
from tools.terraform.diagnostics import Diagnostic, Event, describe, parse_event
from tools.terraform.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

OLDEST: Final = Version("1.11.0")
"""First release whose S3 backend locks natively (`use_lockfile`) without being experimental."""

LOCK_TIMEOUT: Final = "60s"

_NO_CHANGES, _FAILED, _CHANGES = 0, 1, 2
"""Exit codes of `terraform plan -detailed-exitcode`."""


@dataclass(frozen=True)
class Variables:
    """Values for input variables, as Terraform takes them: files first, then NAME=VALUE pairs, later ones win."""

    files: tuple[Path, ...] = ()
    pairs: tuple[str, ...] = ()
    shared: bool = False
    """True when the files serve another environment too, and may set variables that only that one has."""

    def options(self) -> dict[str, list[str]]:
        """Returns them as options of an argument vector."""
        return {"var_file": [str(file) for file in self.files], "var": list(self.pairs)}


class Terraform:
    """Terraform in one folder, with one data folder (`TF_DATA_DIR`), under one set of environment variables."""

    def __init__(self, folder: Path, data_folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._data_folder = data_folder
        self._environment = {
            **environment,
            "TF_DATA_DIR": str(data_folder),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",  # asks the network for newer releases, which nothing here needs
        }
        # Given a folder, the library reads the state in it, and fails on a damaged one before Terraform can say so.
        self._arguments = python_terraform.Terraform(working_dir=os.devnull)

    @property
    def plan_file(self) -> Path:
        """Where `plan` saves the plan."""
        return self._data_folder / "lake.tfplan"

    def check_version(self) -> None:
        """Raises LakeError when Terraform is missing or older than `OLDEST`."""
        version = json.loads(self._read("version", json=IsFlagged))["terraform_version"]
        try:
            too_old = Version(version) < OLDEST
        except InvalidVersion:
            too_old = False
        if too_old:
            raise LakeError(f"terraform on PATH is {version}; this project needs {OLDEST} or later")

    def init(self, backend: Mapping[str, str] | None = None) -> None:
        """Installs the provider that the lock file names and opens the state; `backend` holds its settings.

        Raises:
            LakeError: the provider cannot be reached, or the state cannot be opened.
        """
        self._data_folder.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"input": False, "lockfile": "readonly", "json": IsFlagged}
        if backend:
            options["backend_config"] = dict(backend)
        code, diagnostics = self._watch("init", options)
        if code:
            raise _init_failure(diagnostics, self._folder)

    def plan(self, variables: Variables, *, destroy: bool = False, targets: Sequence[str] = ()) -> bool:
        """Saves a plan to `plan_file` and returns whether it holds any change.

        Raises:
            UsageError: a value given for a variable cannot be used.
            LakeError: anything else that kept Terraform from planning.
        """
        options: dict[str, Any] = {"target": list(targets)}
        if destroy:
            options["destroy"] = IsFlagged
        return self._plan(variables, self.plan_file, options)

    def drift(self, variables: Variables) -> dict[str, Any]:
        """Returns, as a plan that `terraform show -json` describes, how what exists differs from the state.

        Raises:
            UsageError, LakeError: as `plan`.
        """
        file = self._data_folder / "drift.tfplan"
        try:
            self._plan(variables, file, {"refresh_only": IsFlagged})
            return self._shown(file)
        finally:
            file.unlink(missing_ok=True)

    def _plan(self, variables: Variables, file: Path, options: dict[str, Any]) -> bool:
        code, diagnostics = self._watch(
            "plan",
            {
                "out": str(file),
                "input": False,
                "json": IsFlagged,
                "detailed_exitcode": IsFlagged,
                "lock_timeout": LOCK_TIMEOUT,
                **options,
                **variables.options(),
            },
        )
        undeclared = [
            each for each in diagnostics if each.is_undeclared and not (variables.shared and not each.is_error)
        ]
        if undeclared:
            file.unlink(missing_ok=True)
            raise UsageError(undeclared[0].line())
        if code not in (_NO_CHANGES, _CHANGES):
            raise _failure(diagnostics)
        return code == _CHANGES

    def show(self) -> dict[str, Any]:
        """Returns the saved plan as `terraform show -json` describes it."""
        return self._shown(self.plan_file)

    def apply(self) -> None:
        """Applies the saved plan and removes it.

        Raises:
            StoppedError: it was interrupted; what was done is in the state.
            LakeError: a resource could not be made, changed or removed; what was done is in the state.
        """
        options = {"input": False, "json": IsFlagged, "lock_timeout": LOCK_TIMEOUT}
        code, diagnostics = self._watch("apply", options, str(self.plan_file))
        self.plan_file.unlink(missing_ok=True)
        if code:
            raise _failure(diagnostics)

    def output(self) -> dict[str, Any]:
        """Returns all outputs: name -> {"value": ..., "type": ..., "sensitive": ...}; empty before the first apply."""
        outputs: dict[str, Any] = json.loads(self._read("output", json=IsFlagged))
        return outputs

    def _shown(self, file: Path) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads(self._read("show", str(file), json=IsFlagged))
        return plan

    def _argv(self, command: str, *arguments: str, **options: Any) -> list[str]:  # noqa: ANN401  # the library's own type
        argv: list[str] = self._arguments.generate_cmd_string(command, *arguments, **options)
        return argv

    def _start(self, argv: list[str], stderr: int) -> subprocess.Popen[str]:
        try:
            return subprocess.Popen(
                argv,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                errors="replace",
                # Ctrl-C reaches this process only, which passes it on once: a second one would make Terraform
                # quit without writing its state.
                start_new_session=True,
            )
        except FileNotFoundError:
            raise LakeError(f"terraform is not on PATH; install Terraform {OLDEST} or later") from None

    def _read(self, command: str, *arguments: str, **options: Any) -> str:  # noqa: ANN401  # passed to _argv
        process = self._start(self._argv(command, *arguments, **options), subprocess.PIPE)
        output, errors = process.communicate()
        if process.returncode:
            lines = [line.strip("│╷╵ ") for line in errors.splitlines()]
            reason = " ".join(line for line in lines if line).removeprefix("Error: ")
            raise LakeError(f"terraform {command} failed: {reason or 'no reason given'}")
        return output

    def _watch(self, command: str, options: dict[str, Any], *arguments: str) -> tuple[int, list[Diagnostic]]:
        process = self._start(self._argv(command, *arguments, **options), subprocess.STDOUT)
        diagnostics: list[Diagnostic] = []
        with Progress() as progress, _SignalForwarding(process) as interrupted:
            for event in _events(process):
                if event.diagnostic:
                    diagnostics.append(event.diagnostic)
                progress.show(event)
            code = process.wait()
        if interrupted:
            raise StoppedError(
                f"terraform {command} was interrupted; its state is written: the same command goes on from there "
                "(what it then finds to exist already was made at that moment: terraform import it, or delete it)"
            )
        return code, diagnostics


def _events(process: subprocess.Popen[str]) -> Iterator[Event]:
    for line in process.stdout or ():
        if line.strip():
            yield parse_event(line)


class _SignalForwarding:
    """While entered, the first SIGINT or SIGTERM is passed to Terraform; later ones only say that it is stopping."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._signals: list[int] = []
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> list[int]:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._pass)
        return self._signals

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _pass(self, number: int, _frame: FrameType | None) -> None:
        if not self._signals:
            self._process.send_signal(signal.SIGINT)
        self._signals.append(number)
        console.warn("stopping: Terraform gives up what is under way and writes its state")


def _failure(diagnostics: Sequence[Diagnostic]) -> LakeError:
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.is_error]
    for diagnostic in errors[1:]:
        console.fail(diagnostic.line())
    kind = UsageError if errors and all(error.is_input for error in errors) else LakeError
    return kind(describe(errors))


def _init_failure(diagnostics: Sequence[Diagnostic], folder: Path) -> LakeError:
    text = " ".join(f"{diagnostic.summary} {diagnostic.detail}" for diagnostic in diagnostics)
    if "Failed to query available provider packages" in text or "Failed to install provider" in text:
        return LakeError(
            "the AWS provider could not be installed: the Terraform registry is out of reach and no filesystem mirror "
            'holds the version that .terraform.lock.hcl names; see README, "Without the Terraform registry"'
        )
    if "Backend configuration changed" in text or "Backend initialization required" in text:
        return LakeError(
            f"the state of {folder.name} lies in another backend; move it first: "
            f"terraform -chdir={folder} init -migrate-state"
        )
    if "Unsupported state file format" in text:
        return LakeError(
            f"the state of {folder.name} is damaged: it is not JSON; "
            "put back a good copy (a local state has one beside it, ending in .backup)"
        )
    return _failure(diagnostics)

"""Runs Terraform for one deployment: `python-terraform` builds every argument vector, this module runs it.

The library's own ways to run are not used: its `apply` sends variables again with a saved plan, its `destroy` passes a
flag that Terraform no longer has, and none of them leaves an interrupted Terraform the time to write its state.
"""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import python_terraform
from python_terraform import IsFlagged

from tools.cli import console
from tools.errors import LakeError, StoppedError, UsageError
from tools.terraform import child_process, init_failure, version
from tools.terraform.assignments import ENVIRONMENT_PREFIX
from tools.terraform.diagnostics import Diagnostic, boxed_text, error_lines, parse_event
from tools.terraform.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GARBAGE_COLLECTION: Final = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}
"""How Terraform and its provider collect garbage, unless the user's environment says otherwise: only near the limit.

Go's default takes a third of a plan's processor time. Source: Go documentation, "A Guide to the Go Garbage Collector".
"""

LOCK_TIMEOUT: Final = "60s"

_NO_CHANGES, _FAILED, _CHANGES = 0, 1, 2
"""Exit codes of `terraform plan -detailed-exitcode`."""


_UNSAVED: Final = (
    "; what was being made then may be missing in its state: run the same command again "
    "(what it finds to exist already: terraform import it, or delete it; a lock that stayed: terraform force-unlock)"
)


@dataclass(frozen=True)
class Run:
    """One command of Terraform that has ended: its exit code (negative: a signal), and what it said."""

    command: str
    code: int
    diagnostics: tuple[Diagnostic, ...]
    texts: tuple[str, ...]
    """Lines of output that are not Terraform's machine-readable messages."""


@dataclass(frozen=True)
class Variables:
    """Values for input variables, as Terraform takes them: files first, then NAME=VALUE pairs, later ones win."""

    files: tuple[Path, ...] = ()
    pairs: tuple[str, ...] = ()
    shared: bool = False
    """True when the files serve another environment too, and may set variables that only that one has."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name -> value of what may stand on no command line; files, pairs and the user's own environment win."""

    def options(self) -> dict[str, list[str]]:
        """Returns them as options of an argument vector."""
        return {"var_file": [str(file) for file in self.files], "var": list(self.pairs)}


class Terraform:
    """Terraform in one folder, with one data folder (`TF_DATA_DIR`), under one set of environment variables."""

    def __init__(self, folder: Path, data_folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._data_folder = data_folder
        self._environment = {
            **GARBAGE_COLLECTION,
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
        """Raises LakeError when Terraform is missing or older than `version.OLDEST`."""
        installed = json.loads(self._read("version", json=IsFlagged))["terraform_version"]
        if version.is_too_old(installed):
            raise LakeError(f"terraform on PATH is {installed}; this project needs {version.OLDEST} or later")

    def init(self, backend: Mapping[str, str] | None = None) -> None:
        """Installs the provider that the lock file names and opens the state; `backend` holds its settings.

        Raises:
            LakeError: the provider cannot be reached, or the state cannot be opened.
        """
        self._data_folder.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"input": False, "lockfile": "readonly", "json": IsFlagged}
        if backend:
            options["backend_config"] = dict(backend)
        run = self._run("init", options)
        if run.code:
            text = " ".join(f"{each.summary} {each.detail}" for each in run.diagnostics)
            raise init_failure.explain(text, self._folder, self._data_folder) or _failure(run)

    def plan(self, variables: Variables, *, destroy: bool = False) -> bool:
        """Saves a plan to `plan_file` and returns whether it holds any change.

        Raises:
            UsageError: a value given for a variable cannot be used.
            LakeError: anything else that kept Terraform from planning.
        """
        return self._plan(variables, self.plan_file, {"destroy": IsFlagged} if destroy else {})

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
        run = self._run(
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
            environment={f"{ENVIRONMENT_PREFIX}{name}": value for name, value in variables.secrets.items()},
        )
        undeclared = [
            each for each in run.diagnostics if each.is_undeclared and not (variables.shared and not each.is_error)
        ]
        if undeclared:
            file.unlink(missing_ok=True)
            raise UsageError(undeclared[0].line())
        if run.code not in (_NO_CHANGES, _CHANGES):
            raise _failure(run)
        return run.code == _CHANGES

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
        try:
            run = self._run("apply", options, str(self.plan_file))
        finally:
            self.plan_file.unlink(missing_ok=True)
        if run.code:
            raise _failure(run)

    def pull_state(self) -> str:
        """Returns the state as it is kept; nothing where there is none.

        Raises:
            LakeError: it cannot be read.
        """
        return self._read("state", "pull")

    def change_state(self, *words: str) -> None:
        """Runs `terraform state WORDS...`, which changes the state.

        Raises:
            StoppedError: it was interrupted.
            LakeError: it failed.
        """
        run = self._run("state", {}, *words, "-no-color")
        if run.code:
            reason = boxed_text(run.texts) or _how_it_ended(run.code)
            raise LakeError(f"terraform state {words[0]} failed: {reason}")

    def shown_state(self) -> dict[str, Any]:
        """Returns the state as `terraform show -json` describes it; without `values` before the first apply."""
        state: dict[str, Any] = json.loads(self._read("show", json=IsFlagged))
        return state

    def _shown(self, file: Path) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads(self._read("show", str(file), json=IsFlagged))
        return plan

    def _argv(self, command: str, *arguments: str, **options: Any) -> list[str]:  # noqa: ANN401  # the library's own type
        argv: list[str] = self._arguments.generate_cmd_string(command, *arguments, **options)
        return argv

    def _read(self, command: str, *arguments: str, **options: Any) -> str:  # noqa: ANN401  # passed to _argv
        argv = self._argv(command, *arguments, **options)
        code, output, errors = child_process.read(argv, folder=self._folder, environment=self._environment)
        if code:
            reason = boxed_text(errors.splitlines()) or _how_it_ended(code)
            raise LakeError(f"terraform {command} failed: {reason}")
        return output

    def _run(
        self, command: str, options: dict[str, Any], *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Run:
        diagnostics: list[Diagnostic] = []
        texts: list[str] = []
        with Progress() as progress:

            def show(line: str) -> None:
                event = parse_event(line)
                if event.diagnostic:
                    diagnostics.append(event.diagnostic)
                elif event.type == "text" and event.message.strip():
                    texts.append(event.message.strip())
                progress.show(event)

            code, interrupted = child_process.run(
                self._argv(command, *arguments, **options),
                folder=self._folder,
                environment={**(environment or {}), **self._environment},
                on_line=show,
                on_stop_signal=lambda process_id: _warn_of_stopping(command, process_id),
                # States, their backups and saved plans hold secrets. Providers may go into a folder that users share.
                private=command != "init",
            )
        if interrupted:
            raise StoppedError(f"terraform {command} was interrupted; {_after_interruption(command, code)}")
        return Run(command, code, tuple(diagnostics), tuple(texts))


def _warn_of_stopping(command: str, process_id: int) -> None:
    if command == "apply":
        console.warn(
            "stopping: Terraform gives up what is under way and writes its state "
            f"(if it never ends: kill -KILL {process_id}, which loses what is not in its state yet)"
        )
    else:
        console.warn(f"stopping: waiting for terraform {command} to end (if it never does: kill -KILL {process_id})")


def _after_interruption(command: str, code: int) -> str:
    if command == "state":
        return "the same command goes on from there"
    # Terraform catches SIGINT: one that SIGINT ended had not begun to work.
    if command != "apply" or code == -signal.SIGINT:
        return "nothing was made or changed"
    return (
        "its state is written: the same command goes on from there "
        "(what it then finds to exist already was made at that moment: terraform import it, or delete it)"
    )


def _how_it_ended(code: int) -> str:
    """Returns how a process that gave no reason ended, by its exit code (negative: a signal)."""
    if code >= 0:
        return f"exit code {code}, no reason given"
    name = signal.Signals(-code).name if -code in signal.valid_signals() else f"signal {-code}"
    return f"killed by {name}"


def _failure(run: Run) -> LakeError:
    """Returns the error to raise for a failed command; prints the errors that came before it."""
    errors = [each for each in run.diagnostics if each.is_error]
    lines = error_lines(errors)
    kind = UsageError if errors and all(each.is_input for each in errors) else LakeError
    if not lines or run.code < 0:
        kind = LakeError
        last_text = "".join(f": {text}" for text in run.texts[-1:])
        unsaved = _UNSAVED if run.command == "apply" and run.code < 0 else ""
        lines.append(f"terraform {run.command} failed: {_how_it_ended(run.code)}{last_text}{unsaved}")
    for line in lines[:-1]:
        console.fail(line)
    return kind(lines[-1])

"""The steps of a proof, as `steps.yaml` has them."""

from __future__ import annotations

import shlex
import string
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path(__file__).parent / "steps.yaml"


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One command, and what is expected of it.

    Attributes:
        name: what it shows, or does.
        run: the command line; $names are replaced by outputs of the deployment.
        exit: the exit code that it should end with.
        says: a regular expression that what it prints should match somewhere.
        within: seconds in which it is run again until it is as expected; 0 runs it once.
        settles: beginnings of lines of docs/proven.md of which it shows whether they hold.
        last: whether it is run at the end, whatever happened before.
    """

    name: str
    run: str
    exit: int = 0
    says: str = ""
    within: float = 0
    settles: tuple[str, ...] = ()
    last: bool = False


def read() -> tuple[Step, ...]:
    """Returns the steps in their order."""
    return msgspec.yaml.decode(FILE.read_bytes(), type=tuple[Step, ...])


def missing(step: Step, values: Mapping[str, str]) -> list[str]:
    """Returns the names in a step's command for which there is no value."""
    return [name for name in string.Template(step.run).get_identifiers() if name not in values]


def command_line(step: Step, values: Mapping[str, str]) -> str:
    """Returns a step's command as a person types it; a name without a value stays as it is."""
    typed = step.run if step.run.startswith("aws ") else f"python -m {step.run}"
    return string.Template(typed).safe_substitute(values)


def arguments(step: Step, values: Mapping[str, str]) -> list[str]:
    """Returns a step's command as a list, with this Python and the AWS CLI beside it.

    Values are put in after the words are told apart: they may hold anything.
    """
    first, *rest = (string.Template(word).substitute(values) for word in shlex.split(step.run))
    if first == "aws":
        return [str(Path(sys.executable).parent / "aws"), *rest]
    return [sys.executable, "-m", first, *rest]

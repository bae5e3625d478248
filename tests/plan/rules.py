"""The rules that the configuration states about its inputs, and which of them an error came from."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import hcl2

from tools import paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_OWNER: Final = re.compile(r'^(variable|output|resource|data|check) "([^"]+)"(?: "([^"]+)")? \{$')
_RULE: Final = re.compile(r"^( +)(validation|precondition|postcondition|assert) \{$")
_CHECKED: Final = re.compile(r"This was checked by the validation rule at (\S+):(\d+),")


@dataclass(frozen=True, order=True)
class Rule:
    """One block that states a rule."""

    file: str
    """From the root of the repository."""
    line: int
    last: int
    kind: str
    owner: str
    """As `expect_failures` names it."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind} of {self.owner}"


def of(file: Path) -> list[Rule]:
    """Returns the rules of a file, which must be formatted as `terraform fmt` does."""
    found, owner, start = [], "", (0, "", "")
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if matched := _OWNER.match(line):
            kind, first, second = matched.groups()
            owner = {"variable": f"var.{first}", "resource": f"{first}.{second}"}.get(kind, f"{kind}.{first}")
        elif matched := _RULE.match(line):
            start = (number, *matched.groups())
        elif start[0] and line == f"{start[1]}}}":
            where = file.relative_to(paths.REPOSITORY).as_posix()
            found.append(Rule(where, start[0], number, start[2], owner))
            start = (0, "", "")
    return found


def below(folder: Path) -> list[Rule]:
    """Returns the rules of every module or environment of a folder."""
    return [rule for file in sorted(folder.glob("*/*.tf")) for rule in of(file)]


def fired(diagnostic: Mapping[str, Any], folder: str, rules: Iterable[Rule]) -> list[Rule]:
    """Returns the rule that an error came from, as a list of it; `folder` was planned."""
    if checked := _CHECKED.search(diagnostic["detail"]):
        file, line = checked[1], int(checked[2])
    elif diagnostic["summary"].endswith("condition failed"):
        file, line = diagnostic["range"]["filename"], diagnostic["range"]["start"]["line"]
    else:
        return []
    path = posixpath.normpath(posixpath.join(folder, file))
    return [rule for rule in rules if rule.file == path and rule.line <= line <= rule.last]


@dataclass(frozen=True)
class Run:
    """A `run` of a module's own tests that expects to be refused."""

    module: str
    name: str
    variables: Mapping[str, Any]
    expected: frozenset[str]


def runs(module: Path) -> list[Run]:
    """Returns the runs of a module's own tests that expect to be refused, each with all of its variables."""
    found = []
    for file in sorted(module.glob("tests/*.tftest.hcl")):
        written = hcl2.loads(file.read_text())
        shared = _variables(written)
        for run in written.get("run", []):
            ((name, body),) = run.items()
            if expected := body.get("expect_failures"):
                names = frozenset(re.sub(r"^\$\{(.*)\}$", r"\1", each) for each in expected[0])
                # Said outright, because Terraform places an error about a variable that is left out in the module.
                unset = {each.removeprefix("var."): None for each in names if each.startswith("var.")}
                found.append(Run(module.name, name, {**unset, **shared, **_variables(body)}, names))
    return found


def _variables(block: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value[0] for block in block.get("variables", []) for name, value in block.items() if name[0] != "_"}

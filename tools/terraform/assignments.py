"""What a user sets Terraform's input variables to, each with its source: `--var`, a file, or `TF_VAR_NAME`.

Later sources win, in Terraform's order: environment variables, terraform.tfvars, *.auto.tfvars, then files and pairs
as given (https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from tools.terraform import hcl
from tools.terraform.type_constraints import Primitive, Variable

ENVIRONMENT_PREFIX: Final = "TF_VAR_"
PAIR_SOURCE: Final = "--var"

Syntax = Callable[[str], None]
"""Returns when a text is HCL, and raises `hcl.HclError` when it is not."""


@dataclass(frozen=True)
class Assignment:
    """One value for one variable, and where it comes from."""

    name: str
    value: Any
    source: str
    lines: Mapping[hcl.Path, int] = field(default_factory=dict)
    """Line in the source, where it has several, of the value and of all that it contains."""

    @property
    def is_from_environment(self) -> bool:
        """True for `TF_VAR_NAME`, which Terraform ignores where it has no such variable."""
        return self.source.startswith(ENVIRONMENT_PREFIX)

    @property
    def is_from_text(self) -> bool:
        """True for `--var` and `TF_VAR_NAME`, of which Terraform takes a value of a primitive type letter by letter."""
        return self.is_from_environment or self.source == PAIR_SOURCE

    def place(self, path: hcl.Path) -> str:
        """Returns the source, with the line of the value at `path` where it is known."""
        return _with_line(self.source, self.lines.get(path))


@dataclass(frozen=True)
class Assignments:
    """Everything that is set, weakest source first, and the lines about what could not be read."""

    found: tuple[Assignment, ...]
    unreadable: tuple[str, ...]

    def effective(self) -> dict[str, Assignment]:
        """Returns the assignment that counts for each variable."""
        return {assignment.name: assignment for assignment in self.found}


def automatic_files(folder: Path) -> list[Path]:
    """Returns the variable files that Terraform reads in `folder` by itself, in its order."""
    fixed = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    others = [*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")]
    return [file for file in [*fixed, *sorted(others)] if file.is_file()]


def read(
    variables: Mapping[str, Variable],
    *,
    files: Sequence[Path],
    pairs: Sequence[str],
    environ: Mapping[str, str],
    syntax: Syntax,
) -> Assignments:
    """Reads all sources; `files` are those that Terraform reads by itself, then the user's.

    What cannot be read is told, not raised. `syntax` sees every text in HCL before it is read.
    """
    reader = _Reader(variables, syntax)
    for name, text in environ.items():
        if name.startswith(ENVIRONMENT_PREFIX):
            reader.text(name.removeprefix(ENVIRONMENT_PREFIX), text, name)
    for file in files:
        reader.file(file)
    for pair in pairs:
        name, _, text = pair.partition("=")
        reader.text(name.strip(), text, PAIR_SOURCE)
    return Assignments(tuple(reader.found), tuple(reader.unreadable))


class _Reader:
    """Collects assignments from one source after the other."""

    def __init__(self, variables: Mapping[str, Variable], syntax: Syntax) -> None:
        self._variables = variables
        self._syntax = syntax
        self.found: list[Assignment] = []
        self.unreadable: list[str] = []

    def text(self, name: str, text: str, source: str) -> None:
        """Takes a value from a command line: text as it is for a primitive type, HCL for every other."""
        variable = self._variables.get(name)
        if variable is None or isinstance(variable.type, Primitive):
            self.found.append(Assignment(name, text, source))
            return
        try:
            value = parse_text(text, self._syntax)
        except hcl.HclError as error:
            self.unreadable.append(f"{name} ({source}): {error}")
        else:
            self.found.append(Assignment(name, value, source))

    def file(self, file: Path) -> None:
        """Takes all values of a file."""
        try:
            document = read_file(file, self._syntax)
        except hcl.HclError as error:
            self.unreadable.append(f"{source_text(file, error.line)}: {error}")
        else:
            source, values = source_text(file), document.values
            self.found += [Assignment(name, value, source, document.lines) for name, value in values.items()]


def parse_text(text: str, syntax: Syntax) -> Any:  # noqa: ANN401  # an HCL value of any type
    """Returns the value that a text in HCL spells.

    Raises:
        HclError: it spells none.
    """
    document = f"value = {text}"
    syntax(document)
    values = hcl.parse(document).values
    if len(values) > 1:
        raise hcl.HclError("this is more than one value")
    return values["value"]


def read_file(file: Path, syntax: Syntax) -> hcl.Document:
    """Reads a variable file, in JSON when its name ends so, else in HCL.

    Raises:
        HclError: it cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise hcl.HclError(f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise hcl.HclError("is not text in UTF-8") from None
    if file.suffix == ".json":
        return hcl.Document(_read_json(text), {})
    syntax(text)
    return hcl.parse(text)


def _read_json(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise hcl.HclError(f"is not JSON: {error.msg}", error.lineno) from None
    if not isinstance(content, dict):
        raise hcl.HclError("is not a JSON object with variables as its members", 1)
    content.pop("//", None)  # how HCL's JSON writes a comment
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise hcl.HclError(f"is not JSON: {name} is no number there")


def source_text(file: Path, line: int | None = None) -> str:
    """Returns a file, and a line in it, as a user would write it: relative where it lies below the current folder."""
    try:
        shown = str(file.relative_to(Path.cwd()))
    except ValueError:
        shown = str(file)
    return _with_line(shown, line)


def _with_line(source: str, line: int | None) -> str:
    return f"{source}, line {line}" if line else source

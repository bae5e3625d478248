"""What a user's variable files and `--var` pairs say, as far as the tools must know it before Terraform reads them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from tools.errors import UsageError
from tools.terraform import assignments, hcl, hcl_syntax

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def check_pairs(pairs: Sequence[str]) -> None:
    """Raises UsageError when a `--var` is not of the form NAME=VALUE (or HALF.NAME=VALUE, for a pair)."""
    for pair in pairs:
        name, equals, _ = pair.partition("=")
        if not equals or not all(part.isidentifier() for part in name.strip().split(".", 1)):
            raise UsageError(f"--var: {pair!r} is not of the form NAME=VALUE")


def pair(name: str, value: object) -> str:
    """Returns NAME=VALUE as `--var` takes it, for any value that JSON can hold."""
    return f"{name}={written(value)}"


def written(value: object) -> str:
    """Returns a value as HCL, for any value that JSON can hold.

    >>> written({"name": "${x}"})
    '{"name":"$${x}"}'
    """
    # These begin a template.
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("${", "$${").replace("%{", "%%{")


def given(
    folder: Path, files: Sequence[Path], pairs: Sequence[str], environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Returns the values given for variables, in Terraform's order of precedence (last wins).

    Numbers and bools of the command line stay text, and what only Terraform can evaluate is `${...}`. A file that
    cannot be read counts as empty: `tools.deployments.variables` says what is wrong with it, before a deploy.

    Raises:
        LakeError: Terraform, which judges the notation, cannot be run.
    """
    prefix = assignments.ENVIRONMENT_PREFIX
    values = {name.removeprefix(prefix): value for name, value in environ.items() if name.startswith(prefix)}
    found: dict[str, Any] = {name: _parse_text(text) for name, text in values.items()}
    for file in [*assignments.automatic_files(folder), *files]:
        found.update(_read_file(file))
    for pair in pairs:
        name, _, text = pair.partition("=")
        found[name.strip()] = _parse_text(text)
    return {name: _plain(value) for name, value in found.items()}


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return assignments.read_file(file, _check_syntax).values
    except hcl.HclError:
        return {}


def _parse_text(text: str) -> Any:  # noqa: ANN401  # an HCL value of any type
    if not text.lstrip().startswith(("{", "[")):
        return None if text.strip() == "null" else text
    try:
        return assignments.parse_text(text, _check_syntax)
    except hcl.HclError:
        return text  # as a variable of type string takes it


def _check_syntax(text: str) -> None:
    hcl_syntax.check(text, os.environ)


def _plain(value: Any) -> Any:  # noqa: ANN401  # as above
    if isinstance(value, hcl.Expression):
        return f"${{{value.text}}}"
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value

"""What a user's variable files and `--var` pairs say, as far as the tools must know it before Terraform reads them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

from hcl2.api import loads

from tools.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

ENVIRONMENT_PREFIX: Final = "TF_VAR_"
"""Environment variables that give a value to a variable start with it."""


def check_files(files: Sequence[Path]) -> None:
    """Raises UsageError when one of the variable files cannot be read at all."""
    for file in files:
        try:
            file.read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--var-file: cannot read {file} ({error.strerror})") from None
        except UnicodeDecodeError:
            raise UsageError(f"--var-file: {file} is not text in UTF-8") from None


def check_pairs(pairs: Sequence[str]) -> None:
    """Raises UsageError when a `--var` is not of the form NAME=VALUE (or HALF.NAME=VALUE, for a pair)."""
    for pair in pairs:
        name, equals, _ = pair.partition("=")
        if not equals or not all(part.isidentifier() for part in name.strip().split(".", 1)):
            raise UsageError(f"--var: {pair!r} is not of the form NAME=VALUE")


def given(
    folder: Path, files: Sequence[Path], pairs: Sequence[str], environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Returns the values given for variables, in Terraform's order of precedence (last wins).

    That order is: environment, terraform.tfvars, *.auto.tfvars, then files and pairs (Terraform documentation, "Input
    Variables: Variable Definition Precedence"). A file that cannot be parsed counts as empty: Terraform says what is
    wrong with it, with its line, when it plans.
    """
    values: dict[str, Any] = {
        name.removeprefix(ENVIRONMENT_PREFIX): _parse_value(value)
        for name, value in environ.items()
        if name.startswith(ENVIRONMENT_PREFIX)
    }
    automatic = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    automatic += sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")])
    for file in [*automatic, *files]:
        values.update(_parse_file(file))
    for pair in pairs:
        name, _, value = pair.partition("=")
        values[name.strip()] = _parse_value(value)
    return values


def names(file: Path) -> list[str]:
    """Returns the names of the variables that `file` sets, in its order; none when it cannot be parsed."""
    return list(_parse_file(file))


def _parse_file(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    text = file.read_text(encoding="utf-8")
    try:
        if file.suffix == ".json":
            content = json.loads(text)
            return content if isinstance(content, dict) else {}
        # The parser keeps each attribute in a list of one, as if it were a block.
        return {name: value[0] for name, value in loads(text).items()}
    except Exception:  # noqa: BLE001  # the parser raises whatever its grammar library raises
        return {}


def _parse_value(text: str) -> Any:  # noqa: ANN401  # an HCL value of any type
    if not text.lstrip().startswith(("{", "[")):
        return None if text.strip() == "null" else text
    try:
        return loads(f"value = {text}\n")["value"][0]
    except Exception:  # noqa: BLE001  # as above
        return text

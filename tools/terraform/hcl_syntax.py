"""Lets Terraform itself judge whether a text is HCL, without a configuration, a state or credentials."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Final

from tools.errors import LakeError
from tools.terraform.hcl import HclError

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMAND: Final = ("terraform", "fmt", "-no-color", "-")
_ERROR: Final = re.compile(
    r"^[│ ]*Error: (?P<summary>.+)\n(?P<rest>(?:.*\n)*?[│ ]*on <stdin> line (?P<line>\d+)(?:.*\n)*)", re.MULTILINE
)
_SNIPPET: Final = re.compile(r"^[│ ]*(on <stdin> line \d+.*|\d+: .*|[╷╵])$")


def check(text: str, environ: Mapping[str, str]) -> None:
    """Returns when `text` is HCL; takes about 0.1 s.

    Raises:
        HclError: it is not; says what Terraform says, and the line.
        LakeError: Terraform cannot be run.
    """
    # Options of the user's for `fmt` would change what it prints.
    kept = {name: value for name, value in environ.items() if not name.startswith("TF_CLI_ARGS")}
    try:
        done = subprocess.run(
            _COMMAND, input=text, env=kept, capture_output=True, text=True, encoding="utf-8", check=False
        )
    except FileNotFoundError:
        raise LakeError("terraform is not on PATH; install it first") from None
    if done.returncode:
        raise read_failure(done.stderr)


def read_failure(printed: str) -> HclError | LakeError:
    """Returns the first error that `terraform fmt` printed about its standard input."""
    found = _ERROR.search(printed)
    if found is None:
        reason = " ".join(line.strip("│╷╵ ") for line in printed.splitlines()).strip()
        return LakeError(f"terraform fmt failed: {reason or 'no reason given'}")
    words: list[str] = []
    for line in found["rest"].splitlines():
        if line.strip("│ ").startswith("Error: ") or line.startswith("╵"):
            break
        if not _SNIPPET.match(line):
            words += line.strip("│ ").split()
    return HclError(f"{found['summary'].strip()}: {' '.join(words)}".removesuffix(": "), int(found["line"]))

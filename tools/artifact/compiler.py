"""The compiler of the function's native code, in a virtual environment of its own that is made on first use.

`python -m tools.artifact.compiler ARGUMENT ...` runs it.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from typing import Final

from tools import paths, tool_environments
from tools.cli import command
from tools.errors import LakeError
from tools.tool_environments import ToolEnvironment

ENVIRONMENT: Final = ToolEnvironment(
    "compiler",
    paths.REQUIREMENTS / "compiler.txt",
    size="about 100 MB to download, 410 MB on the disk",
    way_out="--without-native builds the function without native code: its lines are the same, and take longer to make",
)
_PACKAGE: Final = "ziglang"


@dataclass(frozen=True)
class Compiler:
    """The installed compiler.

    Attributes:
        command: the start of its command line.
        version: the version of its package.
        licence: the path of its licence in the package's records, and the licence.
    """

    command: tuple[str, ...]
    version: str
    licence: tuple[str, bytes]


def installed() -> Compiler:
    """Returns the compiler, which is installed first if it is not there.

    Raises:
        LakeError: it could not be installed.
    """
    interpreter = tool_environments.interpreter(ENVIRONMENT)
    folder = tool_environments.site_packages(ENVIRONMENT)
    for package in metadata.distributions(name=_PACKAGE, path=[str(folder)]):
        records = f"{_PACKAGE}-{package.version}.dist-info"
        licence = f"licenses/{_PACKAGE}/LICENSE"
        text = (package.read_text(licence) or "").encode()
        # -P: a file in the working directory must not take the package's place.
        return Compiler((str(interpreter), "-P", "-m", _PACKAGE), package.version, (f"{records}/{licence}", text))
    raise LakeError(f"{folder} holds no {_PACKAGE}; remove {folder.parents[2]}, and the next build installs it again")


def main() -> int:
    """Runs the compiler with this process's arguments, and returns its exit code."""
    return subprocess.run([*installed().command, *sys.argv[1:]], check=False).returncode


if __name__ == "__main__":
    sys.exit(command.outcome(main, "build"))

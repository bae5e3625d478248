"""The emulator's virtual environment: it pins another botocore than the tools have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools import paths, tool_environments
from tools.tool_environments import ToolEnvironment

if TYPE_CHECKING:
    from pathlib import Path

EMULATOR: Final = ToolEnvironment("emulator", paths.REQUIREMENTS / "localaws.txt")


def python() -> Path:
    """Returns the interpreter of the emulator's virtual environment, which is made on first use.

    Raises:
        LakeError: it could not be made.
    """
    return tool_environments.interpreter(EMULATOR)

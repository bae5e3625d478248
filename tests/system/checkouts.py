"""A checkout of its own, whose commands run without --local, in the account of the credentials they are given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from tools import paths

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".local", ".deployments", ".terraform", "build", "*.tfstate*", "__pycache__", ".*_cache"
)


@dataclass
class Checkout:
    """Where it is, and the variables by which its commands act as somebody in an account."""

    folder: Path
    environment: dict[str, str]

    def start(self, verb: str, *arguments: str) -> subprocess.Popen[str]:
        """Starts `python -m tools.VERB`, as a user would, without a terminal."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return subprocess.Popen(
            [sys.executable, "-u", "-m", f"tools.{verb}", *arguments],
            cwd=self.folder,
            env={**kept, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, verb: str, *arguments: str) -> SimpleNamespace:
        """Runs `python -m tools.VERB`, and returns its exit code and what it wrote."""
        return finish(self.start(verb, *arguments))


def copy(folder: Path, environment: dict[str, str]) -> Checkout:
    """Returns a copy of this checkout in `folder`, without artifacts and deployments."""
    shutil.copytree(paths.REPOSITORY, folder, ignore=_LEFT_OUT)
    paths.TOOL_ENVIRONMENTS.mkdir(exist_ok=True)
    (folder / paths.TOOL_ENVIRONMENTS.name).symlink_to(paths.TOOL_ENVIRONMENTS)
    # Configurations that passed the gate and compiled libraries are told by what is in them: they need no other scan
    # here, and no other compilation.
    for name in ("passed", "native"):
        if (kept := paths.BUILD / name).is_dir():
            shutil.copytree(kept, folder / kept.relative_to(paths.REPOSITORY))
    return Checkout(folder, environment)


def finish(process: subprocess.Popen[str]) -> SimpleNamespace:
    """Waits for a command, and returns its exit code and what it wrote."""
    out, err = process.communicate(timeout=900)
    return SimpleNamespace(code=process.returncode, out=out, err=err)

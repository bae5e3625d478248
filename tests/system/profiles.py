"""Somebody with an AWS profile for each account, in a checkout whose states describe a pair on local AWS."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.system import checkouts
from tools.localaws import service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TABLES, LAKE = "tables", "lake"
"""The profile of the producer's account, and that of the consumer's: both are roots."""


def state_of(home: Path, environment: str) -> Path:
    """Returns the state of one half of a pair that was deployed to the local AWS of a home."""
    return home / "deployments" / environment / "default" / "terraform.tfstate"


def verbs(home: Path, folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Returns what runs a verb in a new checkout in `folder`, with both profiles and without --local."""
    checkouts.copy(folder, {})
    for half in ("producer", "consumer"):
        shutil.copy2(state_of(home, half), folder / "envs" / half)
    local = service.connect(home).environment(service.PRODUCER)
    secret = local["AWS_SECRET_ACCESS_KEY"]
    for profile, account in ((TABLES, service.PRODUCER), (LAKE, service.CONSUMER)):
        with (folder / "credentials").open("a") as file:
            file.write(f"[{profile}]\naws_access_key_id={account}\naws_secret_access_key={secret}\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    chosen = {name: value for name, value in local.items() if "KEY" not in name and "FILE" not in name}
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"), "AWS_CONFIG_FILE": os.devnull}

    def verb(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", f"tools.{name}", *arguments]
        environment = {**kept, **chosen, **files}
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600, input=""
        )

    return verb

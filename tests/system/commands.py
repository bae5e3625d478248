"""Runs the project's commands as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools import paths
from tools.deployments.aws import Aws
from tools.localaws import known_drift, service
from tools.operations.drift import without_known_drift
from tools.plan_review import plan, review

if TYPE_CHECKING:
    from tools.plan_review.review import Item

LAKE_SETTINGS = (
    "--var-file",
    "tests/system/lake.tfvars",
    "--var",
    f"columns_directory={paths.REPOSITORY / 'tests' / 'system' / 'columns'}",
)
"""What the fixture `deployed` is deployed with: with anything else its next plan has changes."""


def run(*arguments: str, home: Path, timeout: int = 300, **extra: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m tools.…` with its state in `home`, as a user would, without a terminal."""
    return _run([sys.executable, "-m", *arguments], home, timeout, extra)


def shell(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command line that the tools printed, in a shell that finds `python` and `aws` as a user's would."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return _run(["bash", "-c", command], home, 300, {"PATH": path})


def _run(command: list[str], home: Path, timeout: int, extra: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        command,
        cwd=paths.REPOSITORY,
        env={**environment, "LAKE_LOCAL_HOME": str(home), **extra},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def done(*arguments: str, home: Path, **options: object) -> str:
    """Runs a command that must succeed and returns what it printed."""
    result = run(*arguments, home=home, **options)
    assert result.returncode == 0, (
        f"{' '.join(arguments)} ended with {result.returncode}:\n{result.stdout}\n{result.stderr}"
    )
    return result.stdout


def acting_as(home: Path, role_arn: str) -> Aws:
    """Returns clients that act as a role, which the root of its account assumes."""
    environment = service.connect(home).environment(role_arn.split(":")[4])
    given = Aws(environment).client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
    keys = {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
    return Aws({**environment, **keys})


def kept_plan(home: Path, environment: str, deployment: str = "default") -> tuple[Item, ...]:
    """Returns what the plan that `--plan-only` kept would change, but for what the emulator is known to forget."""
    place = home / "deployments" / environment / deployment
    shown = subprocess.run(
        ["terraform", "show", "-json", place / "data" / "lake.tfplan"],
        cwd=place / "configuration" / "envs" / environment,
        env={**os.environ, "TF_DATA_DIR": str(place / "data")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    items = review.items(plan.parse(json.loads(shown)).changes())
    return without_known_drift(items, known_drift.is_known)

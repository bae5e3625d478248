"""Where things lie in a checkout. The only module that knows the folder names."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
ENVIRONMENTS = REPOSITORY / "envs"
MODULES = REPOSITORY / "modules"
LAMBDA_SOURCES = REPOSITORY / "lambda"
REQUIREMENTS = REPOSITORY / "requirements"
BUILD = REPOSITORY / "build"
DEPLOYMENTS = REPOSITORY / ".deployments"
"""What each deployment of this checkout keeps: ENV/NAME/. Those on local AWS keep theirs in its home."""
TOOL_ENVIRONMENTS = REPOSITORY / ".venv-tools"


def local_home() -> Path:
    """State folder of local AWS: `LAKE_LOCAL_HOME`, or `.local` in the checkout. Not created by this call."""
    return Path(os.environ.get("LAKE_LOCAL_HOME") or REPOSITORY / ".local").absolute()

"""The Lambda function with settings of its own, beside the one that has the defaults."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any

import lake_transform


def handler_with(**variables: str) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """Returns the handler of a fresh copy of its module, which finds these environment variables."""
    (folder,) = lake_transform.__path__
    spec = importlib.util.spec_from_file_location(f"handler_with_{'_'.join(variables)}", f"{folder}/handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    before = dict(os.environ)
    # By hand, because importing unittest.mock would count as the way's own import time.
    os.environ.update(variables)
    try:
        spec.loader.exec_module(module)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return module.lambda_handler  # type: ignore[no-any-return]

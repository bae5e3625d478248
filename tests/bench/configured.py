"""The Lambda function with other settings than the defaults."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any

import lake_transform


def handler_with(**variables: str) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """Returns the handler of a new copy of its module, imported with these environment variables."""
    (folder,) = lake_transform.__path__
    spec = importlib.util.spec_from_file_location(f"handler_with_{'_'.join(variables)}", f"{folder}/handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    before = dict(os.environ)
    # Without unittest.mock, because its import would count as import time of the way.
    os.environ.update(variables)
    try:
        spec.loader.exec_module(module)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return module.lambda_handler  # type: ignore[no-any-return]

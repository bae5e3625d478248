"""Hooks to measure, and the Lambda function set up with one."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any
from unittest import mock

import lake_transform

Row = dict[str, Any]


def unchanged(row: Row, _change: object) -> Row:
    """Returns the row as it is."""
    return row


def masked(row: Row, _change: object) -> Row:
    """Keeps of an e-mail address where it is, not whose."""
    email = row.get("email")
    if isinstance(email, str):
        row["email"] = "***" + email[email.rfind("@") :]
    return row


def handler_with(hook: str) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """Returns the handler of a fresh copy of its module, whose TRANSFORM_HOOK is `hook`."""
    (folder,) = lake_transform.__path__
    spec = importlib.util.spec_from_file_location(f"handler_of_{hook}", f"{folder}/handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(os.environ, TRANSFORM_HOOK=hook):
        spec.loader.exec_module(module)
    return module.lambda_handler  # type: ignore[no-any-return]

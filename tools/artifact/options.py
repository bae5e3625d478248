"""Command line options that decide what is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def native(command: F) -> F:
    """Adds --native and --without-native; the command gets True, False, or None where neither is given."""
    return click.option(
        "--native/--without-native",
        default=None,
        help="Build the function with native code, or without it, which writes the same lines in more time. "
        "[default: with it for Lambda, without it for --local]",
    )(command)

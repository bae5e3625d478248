"""Asks the user to confirm."""

from __future__ import annotations

import sys

import click

from tools.errors import LakeError, UsageError


def confirm(question: str, *, yes: bool) -> None:
    """Returns when the answer is yes, or when `yes` says not to ask.

    Raises:
        LakeError: the answer is no.
        UsageError: there is nobody to ask.
    """
    if yes:
        return
    check_terminal(yes=yes)
    if not click.confirm(question):
        raise LakeError("not done: the answer was no")


def check_terminal(*, yes: bool) -> None:
    """Raises UsageError when a question could not be asked, and `yes` does not say to go ahead without."""
    if not yes and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on; pass --yes to go ahead without asking")

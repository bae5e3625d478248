"""Errors that a user can act on, and the exit code of the command for each."""

from __future__ import annotations

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_INTERRUPTED = 130
"""After Ctrl-C: 128 + SIGINT, as shells report it."""


class LakeError(Exception):
    """Something failed for a reason the user can act on: says what is wrong, where, and what to do.

    Raise it with one line for `str(error)`. Commands print that line and no stack trace.
    """

    exit_code = EXIT_FAILED


class UsageError(LakeError):
    """The command was called in a way that cannot work: an unknown name, a broken file, a missing option."""

    exit_code = EXIT_USAGE


class RefusedError(LakeError):
    """A gate or a guard refused: the request is valid, but must not be carried out."""

    exit_code = EXIT_REFUSED


class StoppedError(LakeError):
    """The user interrupted the command, and it ended in order."""

    exit_code = EXIT_INTERRUPTED

"""Runs a verb's command line and turns how it ended into one line and an exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from tools.cli import console
from tools.errors import EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, LakeError

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT: dict[str, object] = {"help_option_names": ["-h", "--help"], "max_content_width": 120}
"""Settings of every verb's command: `@click.command(context_settings=cli.CONTEXT)`."""


def run(command: click.Command, verb: str) -> NoReturn:
    """Runs `command` as `python -m tools.VERB` and exits the process, as `run_program` does."""
    run_program(command, f"python -m tools.{verb}")


def run_program(command: click.Command, program: str) -> NoReturn:
    """Runs `command` under the name `program`, which its help and its usage errors show, and exits the process.

    Exit codes: 0 done, 1 failed, 2 usage, 3 a gate refused, 130 after Ctrl-C. A `LakeError` prints as one line;
    any other exception is a defect of ours and keeps its stack trace.
    """
    sys.exit(outcome(lambda: _invoke(command, program), program))


def outcome(action: Callable[[], int], program: str) -> int:
    """Returns the exit code that `action` ends with; prints the one line of an error that a user can act on."""
    try:
        return action()
    except LakeError as error:
        console.fail(str(error))
        return error.exit_code
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else program
        console.fail(f"{error.format_message()} See: {path} --help")
        return EXIT_USAGE
    except click.ClickException as error:
        console.fail(error.format_message())
        return EXIT_FAILED
    except (KeyboardInterrupt, click.Abort):
        console.fail("interrupted")
        return EXIT_INTERRUPTED


def _invoke(command: click.Command, program: str) -> int:
    result = command.main(prog_name=program, standalone_mode=False)
    return result if isinstance(result, int) else EXIT_DONE

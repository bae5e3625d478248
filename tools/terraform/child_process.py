"""Runs Terraform as a child process that is never cut off: it is interrupted once, and its end is waited for."""

from __future__ import annotations

import signal
import subprocess
import threading
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from tools.errors import LakeError
from tools.terraform.version import OLDEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

_PRIVATE: Final = 0o077
_UNCHANGED: Final = -1
"""Mode bits that new files do not get: none for group and others, or those that this process's files do not get."""

_SIGNAL_CHECK_SECONDS: Final = 0.2
"""How often the main thread wakes up. Python runs signal handlers in the main thread only, and a signal that another
thread received does not wake it (Python documentation, "signal": "Execution of Python signal handlers")."""


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    on_line: Callable[[str], None],
    on_stop_signal: Callable[[int], None],
    private: bool = True,
) -> tuple[int, bool]:
    """Runs `command` and returns its exit code (negative: the signal that ended it), and whether it was interrupted.

    When `private`, only this user can read the files that it makes.

    `on_line` gets each line of its output. The first SIGINT or SIGTERM that this process receives is passed on as one
    SIGINT; `on_stop_signal` gets the child's process id at this one and at each later one. Later ones are not passed
    on: a second SIGINT makes Terraform quit without writing its state. When `on_line` or `on_stop_signal` fails, the
    child is interrupted too, and its end is waited for.

    Raises:
        LakeError: the command cannot be started.
    """
    messages: SimpleQueue[str | int | None] = SimpleQueue()
    # The handlers come before the child: it then starts with the default action for SIGINT, also where this process
    # was started with SIGINT ignored, and no signal finds a child that nobody would pass it to.
    with _received_signals(messages) as received:
        umask = _PRIVATE if private else _UNCHANGED
        process = _start(command, folder, environment, stderr=subprocess.STDOUT, umask=umask)
        threading.Thread(target=_read_output, args=(process, messages), daemon=True).start()
        passed_on = False
        try:
            while (message := _next_message(messages)) is not None:
                if isinstance(message, str):
                    on_line(message)
                    continue
                if not passed_on:
                    passed_on = True
                    process.send_signal(signal.SIGINT)
                on_stop_signal(process.pid)
        finally:
            if process.poll() is None:
                if not passed_on:
                    process.send_signal(signal.SIGINT)
                process.wait()
    return process.wait(), bool(received)


def read(command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Runs `command`, which changes nothing, and returns its exit code, its output and what it wrote to stderr.

    It is killed when this process is interrupted.

    Raises:
        LakeError: the command cannot be started.
    """
    process = _start(command, folder, environment, stderr=subprocess.PIPE, umask=_UNCHANGED)
    try:
        output, errors = process.communicate()
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process.returncode, output, errors


def _start(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, stderr: int, umask: int
) -> subprocess.Popen[str]:
    """Starts `command` out of reach of the terminal's Ctrl-C, with its output in a pipe.

    Raises:
        LakeError: it cannot be started.
    """
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            umask=umask,
        )
    except FileNotFoundError:
        raise LakeError(f"terraform is not on PATH; install Terraform {OLDEST} or later") from None
    except OSError as error:
        raise LakeError(f"terraform cannot be started ({error.strerror}: {error.filename})") from None


@contextmanager
def _received_signals(messages: SimpleQueue[str | int | None]) -> Iterator[list[int]]:
    """Collects the stop signals that arrive inside; yields the list, and puts each into `messages` too."""
    received: list[int] = []

    def receive(number: int, _frame: object) -> None:
        received.append(number)
        messages.put(number)

    previous: dict[int, Any] = {number: signal.signal(number, receive) for number in STOP_SIGNALS}
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _read_output(process: subprocess.Popen[str], messages: SimpleQueue[str | int | None]) -> None:
    """Puts each line of output into `messages`, and None once the process has ended."""
    for line in process.stdout or ():
        messages.put(line)
    process.wait()
    messages.put(None)


def _next_message(messages: SimpleQueue[str | int | None]) -> str | int | None:
    while True:
        try:
            return messages.get(timeout=_SIGNAL_CHECK_SECONDS)
        except Empty:
            continue

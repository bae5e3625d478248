"""Runs checks side by side, each for a limited time."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.operations.preflight.account import REFUSALS, code
from tools.operations.preflight.findings import note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.check import Check
    from tools.operations.preflight.findings import Finding
    from tools.operations.preflight.wanted import Wanted

SECONDS: Final = 30
"""How long AWS may take to answer all checks, in seconds."""


def run(checks: Sequence[Check[Any]], account: Account, wanted: Wanted, *, seconds: float = SECONDS) -> list[Finding]:
    """Returns what the checks find, in their order. One that may not look, or takes too long, is a note.

    Raises:
        Exception: a check has a fault of its own.
    """
    done: SimpleQueue[tuple[int, list[Finding] | Exception]] = SimpleQueue()

    def look(number: int, check: Check[Any]) -> None:
        try:
            done.put((number, check.look(account, wanted)))
        except Exception as error:  # noqa: BLE001  # handed to the thread that waits
            done.put((number, error))

    # As daemons they keep no command alive that has its answer.
    for number, check in enumerate(checks):
        Thread(target=look, args=(number, check), daemon=True).start()
    found: dict[int, list[Finding]] = {}
    until = monotonic() + seconds
    while len(found) < len(checks):
        try:
            number, outcome = done.get(timeout=max(0.0, until - monotonic()))
        except Empty:
            break
        found[number] = outcome if isinstance(outcome, list) else [_not_looked_at(checks[number].subject, outcome)]
    late = [note(each.subject, f"not looked at: AWS did not answer within {seconds:g} s") for each in checks]
    return [finding for number in range(len(checks)) for finding in found.get(number, [late[number]])]


def _not_looked_at(subject: str, error: Exception) -> Finding:
    if isinstance(error, ClientError) and code(error) in REFUSALS:
        return note(subject, f"not looked at: these credentials may not ask ({error.operation_name})")
    if isinstance(error, ClientError | BotoCoreError):
        return note(subject, f"not looked at ({reason(error)})")
    raise error

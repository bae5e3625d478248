"""A check: what it asks of the account, and how it judges the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.findings import Finding
    from tools.operations.preflight.wanted import Wanted

Answers = TypeVar("Answers")


@dataclass(frozen=True)
class Check(Generic[Answers]):
    """One check of the account.

    `subject` says what it looks at; `applies` whether a deployment has anything that it is about; `ask` gets AWS's
    answers, and `judge`, which asks nothing, turns them into findings.
    """

    subject: str
    applies: Callable[[Wanted], bool]
    ask: Callable[[Account, Wanted], Answers]
    judge: Callable[[Wanted, Answers], Iterable[Finding]]

    def look(self, account: Account, wanted: Wanted) -> list[Finding]:
        """Returns what the check finds; nothing is asked where it does not apply.

        Raises:
            ClientError, BotoCoreError: AWS refuses, or cannot be reached.
        """
        return list(self.judge(wanted, self.ask(account, wanted))) if self.applies(wanted) else []

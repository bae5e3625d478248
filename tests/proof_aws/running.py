"""Runs the steps of a proof, and whatever happens the last ones too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from tests.proof_aws import steps
from tests.proof_aws.steps import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Verdict = Literal["as expected", "not as expected", "not run"]


@dataclass(frozen=True)
class Answer:
    """How a command ended: its exit code, and all that it printed."""

    code: int
    printed: str


@dataclass(frozen=True)
class Outcome:
    """What became of a step.

    Attributes:
        command: its command line as it was run.
        answer: of the last time that it was run; None where it was not.
        seconds: from its first start to its last end.
        tries: how often it was run.
        why: why it was not run.
    """

    step: Step
    command: str
    answer: Answer | None = None
    seconds: float = 0.0
    tries: int = 0
    why: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.answer is None:
            return "not run"
        return "as expected" if is_expected(self.step, self.answer) else "not as expected"


class Place(Protocol):
    """Where commands run, and the time there."""

    def run(self, arguments: Sequence[str]) -> Answer:
        """Runs a command to its end."""

    def values(self) -> Mapping[str, str]:
        """Returns what names in commands stand for: few, before there is a deployment."""

    def now(self) -> float:
        """Returns seconds that only grow."""

    def pause(self) -> None:
        """Waits until a command may be run again."""


def is_expected(step: Step, answer: Answer) -> bool:
    """Returns whether a step's command ended as it should, and said what it should."""
    return answer.code == step.exit and re.search(step.says, answer.printed) is not None


def prove(plan: Sequence[Step], place: Place, tell: Callable[[Outcome], None]) -> list[Outcome]:
    """Runs the steps one after the other and returns what became of them; `tell` hears of each when it is over.

    A step that is not as expected stops nothing. After Ctrl-C only the steps remain that are last.
    """
    outcomes: list[Outcome] = []
    stopped = ""
    for step in sorted(plan, key=lambda each: each.last):
        if stopped and not step.last:
            outcome = Outcome(step, steps.command_line(step, {}), why=stopped)
        else:
            outcome, why = _outcome(step, place)
            stopped = stopped or why
        outcomes.append(outcome)
        tell(outcome)
    return outcomes


def _outcome(step: Step, place: Place) -> tuple[Outcome, str]:
    """Runs a step; also returns why nothing but the last steps may follow, "" where anything may."""
    values: Mapping[str, str] = {}
    answers: list[Answer] = []
    started, stopped = place.now(), ""
    try:
        values = place.values()
        if unknown := steps.missing(step, values):
            why = f"nothing is deployed that says {', '.join(unknown)}"
            return Outcome(step, steps.command_line(step, values), why=why), ""
        _ask(step, place, values, answers)
    except KeyboardInterrupt:
        stopped = "interrupted"
    answer = answers[-1] if answers else None
    command = steps.command_line(step, values)
    return Outcome(step, command, answer, place.now() - started, len(answers), stopped), stopped


def _ask(step: Step, place: Place, values: Mapping[str, str], answers: list[Answer]) -> None:
    """Runs a step's command, until the answer is as expected or its time is over."""
    started = place.now()
    while True:
        answers.append(place.run(steps.arguments(step, values)))
        if is_expected(step, answers[-1]) or place.now() - started >= step.within:
            return
        place.pause()

"""Lays out what a proof saw, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.proof_aws.running import Outcome

_LINES: Final = 40
"""Lines of an answer that a report shows."""


def markdown(title: str, outcomes: Sequence[Outcome], questions: Sequence[str]) -> str:
    """Returns a report: the steps, what was settled, and what each command answered."""
    parts = [f"# {title}", _steps(outcomes), "## What was to be seen in an account", _settled(outcomes, questions)]
    parts += ["## Commands and answers", *(_detail(number, each) for number, each in enumerate(outcomes, 1))]
    return "\n\n".join(parts) + "\n"


def line(outcome: Outcome) -> str:
    """Returns one line about a step."""
    more = f", {outcome.why}" if outcome.why else ""
    return f"{outcome.verdict}: {outcome.step.name} ({outcome.seconds:.0f} s{more})"


def _steps(outcomes: Sequence[Outcome]) -> str:
    rows = ["| | step | result | exit code | seconds | tries |", "|---|---|---|---|---|---|"]
    for number, each in enumerate(outcomes, 1):
        code = "" if each.answer is None else each.answer.code
        rows.append(f"| {number} | {each.step.name} | {each.verdict} | {code} | {each.seconds:.0f} | {each.tries} |")
    return "\n".join(rows)


def _settled(outcomes: Sequence[Outcome], questions: Sequence[str]) -> str:
    rows = ["| behaviour | result |", "|---|---|"]
    for question in questions:
        by = [
            f"{each.verdict} (step {number})"
            for number, each in enumerate(outcomes, 1)
            if any(question.startswith(beginning) for beginning in each.step.settles)
        ]
        rows.append(f"| {question.replace('|', '/')} | {', '.join(by) or 'no step looks at it'} |")
    return "\n".join(rows)


def _detail(number: int, outcome: Outcome) -> str:
    head = f"### {number}. {outcome.step.name}\n\n```sh\n{outcome.command}\n```"
    expected = f"Expected: exit code {outcome.step.exit}"
    expected += f", and `{outcome.step.says}`" if outcome.step.says else ""
    if outcome.answer is None:
        return f"{head}\n\n{expected}. Not run: {outcome.why}."
    printed = outcome.answer.printed.strip().splitlines()
    left_out = f"({len(printed) - _LINES} lines before)\n" if len(printed) > _LINES else ""
    text = left_out + "\n".join(printed[-_LINES:])
    return (
        f"{head}\n\n{expected}. Exit code {outcome.answer.code} after {outcome.seconds:.0f} s.\n\n```text\n{text}\n```"
    )

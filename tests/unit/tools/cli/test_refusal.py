from __future__ import annotations

import pytest

from tools.cli.command import outcome
from tools.cli.refusal import MOST_LINES, refuse
from tools.errors import EXIT_USAGE


def printed(problems, capsys):
    assert outcome(lambda: refuse(problems), "deploy") == EXIT_USAGE
    return capsys.readouterr().err.splitlines()


def test_without_problems_the_command_goes_on():
    refuse([])


@pytest.mark.parametrize("count", [1, 2, MOST_LINES])
def test_each_problem_is_one_line(capsys, count):
    assert printed([f"p{number}" for number in range(count)], capsys) == [
        f"error: p{number}" for number in range(count)
    ]


def test_the_same_problem_is_told_once(capsys):
    assert printed(["a", "b", "a"], capsys) == ["error: a", "error: b"]


def test_of_very_many_problems_the_first_are_told_and_the_others_counted(capsys):
    lines = printed([f"p{number}" for number in range(100)], capsys)

    assert len(lines) == MOST_LINES
    assert lines[-1] == f"error: {100 - MOST_LINES + 1} more problems like these"

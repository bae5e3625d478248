"""A proof runs its steps, writes down what fails, and takes away what it made whatever happens."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.docs import command_lines
from tests.proof_aws import open_questions, report, running, steps
from tests.proof_aws.running import Answer
from tests.proof_aws.steps import Step
from tools import paths

PLAN = steps.read()
QUESTIONS = open_questions.read(open_questions.PAGE.read_text())
BROKEN = Step("breaks", "tools.verify x")
LAST = Step("everything is taken away", "tools.destroy $deployment", last=True)


class Scripted:
    """A place in which commands answer what the test says, and time passes only in pauses."""

    def __init__(self, *answers, **values):
        self.answers, self.said, self.ran, self.time = list(answers), {"deployment": "d", **values}, [], 0

    def run(self, arguments):
        self.ran.append(" ".join(arguments[2:] if arguments[1] == "-m" else arguments))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def values(self):
        return self.said

    def now(self):
        return self.time

    def pause(self):
        self.time += 10


def proven(plan, place):
    told = []
    outcomes = running.prove(plan, place, told.append)
    assert told == outcomes
    return [(each.step.name, each.verdict) for each in outcomes]


def test_a_step_that_fails_stops_nothing_and_the_last_comes_at_the_end():
    place = Scripted(Answer(1, ""), Answer(0, ""), Answer(0, ""))
    assert proven([LAST, BROKEN, Step("goes on", "tools.query x")], place) == [
        ("breaks", "not as expected"),
        ("goes on", "as expected"),
        ("everything is taken away", "as expected"),
    ]
    assert place.ran[-1] == "tools.destroy d"


def test_after_ctrl_c_only_what_is_last_is_run():
    place = Scripted(KeyboardInterrupt(), Answer(0, ""))
    assert proven([BROKEN, Step("goes on", "tools.query x"), LAST], place) == [
        ("breaks", "not run"),
        ("goes on", "not run"),
        ("everything is taken away", "as expected"),
    ]
    assert place.ran == ["tools.verify x", "tools.destroy d"]


def test_a_step_is_repeated_until_it_is_as_expected_or_its_time_is_over():
    waits = Step("arrives", "tools.query x", says="found", within=20)
    place = Scripted(Answer(0, "none"), Answer(0, "found"))
    assert proven([waits], place) == [("arrives", "as expected")]
    place = Scripted(*[Answer(0, "none")] * 3)
    assert proven([waits], place) == [("arrives", "not as expected")]
    assert place.time == 20


def test_a_step_about_something_that_is_not_deployed_is_not_run():
    place = Scripted()
    (outcome,) = running.prove([Step("reads", "aws s3 ls $bucket")], place, lambda _: None)
    assert (outcome.verdict, outcome.why) == ("not run", "nothing is deployed that says bucket")
    assert place.ran == []


def test_a_report_tells_of_each_step_and_of_each_open_question():
    place = Scripted(Answer(1, "refused"), Answer(0, ""))
    plan = [Step("asks", "tools.query 'SELECT 1'", settles=("doubles",)), LAST]
    outcomes = running.prove(plan, place, lambda _: None)
    text = report.markdown("Seen", outcomes, ["doubles are spelled", "dates are"])
    assert "| 1 | asks | not as expected | 1 | 0 | 1 |" in text
    assert "| doubles are spelled | not as expected (step 1) |" in text
    assert "| dates are | no step looks at it |" in text
    assert "python -m tools.query 'SELECT 1'" in text
    assert "refused" in text


def test_open_questions_are_the_rows_and_lists_that_say_so():
    page = """
What an account has to settle first: these.

- one: because
  of it
- two

| behaviour | proven by |
|---|---|
| three | to be seen in an account |
| four | local AWS |

Refused on local AWS:

- five
"""
    assert open_questions.read(page) == ["one: because of it", "two", "three"]
    assert len(QUESTIONS) > 50


@pytest.mark.parametrize("beginning", sorted({each for step in PLAN for each in step.settles}))
def test_what_a_step_settles_is_one_open_question_of_the_page(beginning):
    assert len([question for question in QUESTIONS if question.startswith(beginning)]) == 1


def test_the_steps_are_commands_that_there_are_and_destroy_is_the_last():
    values = dict.fromkeys(
        ("bucket", "catalog_table", "delivery_role", "deployment", "function", "stream", "table", "variables"), "x"
    )
    for step in PLAN:
        assert steps.missing(step, values) == [], step.name
        program, *rest = steps.arguments(step, values)
        if rest[:1] == ["-m"]:
            command_lines.parse([rest[1].removeprefix("tools."), *rest[2:]])
        else:
            assert program.endswith("/aws"), step.name
    assert [step.run.split()[0] for step in PLAN if step.last] == ["tools.destroy"]
    assert PLAN[-1].last


def test_without_the_word_it_only_says_what_it_would_do_and_what_it_costs():
    done = subprocess.run(
        [sys.executable, "-m", "tests.proof_aws"],
        cwd=paths.REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "python -m tools.destroy single-account" in done.stdout
    assert "USD" in done.stdout

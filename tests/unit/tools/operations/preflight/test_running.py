from __future__ import annotations

import time

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.unit.tools.aws_answers import failed
from tests.unit.tools.operations.preflight.recorded import wanted
from tools.operations.preflight.check import Check
from tools.operations.preflight.findings import note, stops
from tools.operations.preflight.running import run

SOUND = stops("here", "something", "do something")


def check(subject, ask):
    return Check(subject, lambda _: True, lambda *_: ask(), lambda _, answer: [answer])


def failing(error):
    def ask():
        raise error

    return ask


def test_findings_stand_in_the_order_of_their_checks_whoever_answers_first():
    other = stops("there", "something else", "")
    checks = [check("slow", lambda: time.sleep(0.05) or SOUND), check("fast", lambda: other)]

    assert run(checks, None, wanted()) == [SOUND, other]


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (
            failed("DescribeLimits", 400, "AccessDeniedException"),
            "not looked at: these credentials may not ask (DescribeLimits)",
        ),
        (
            failed("DescribeLimits", 400, "LimitExceededException"),
            "not looked at (An error occurred (LimitExceededException) when calling the DescribeLimits "
            "operation: Unknown)",
        ),
        (
            EndpointConnectionError(endpoint_url="https://kinesis.invalid"),
            'not looked at (Could not connect to the endpoint URL: "https://kinesis.invalid")',
        ),
    ],
)
def test_what_may_not_be_looked_at_or_does_not_answer_is_a_note(error, what):
    assert run([check("quotas", failing(error))], None, wanted()) == [note("quotas", what)]


def test_a_check_that_does_not_end_holds_nothing_up():
    started = time.monotonic()
    found = run([check("stuck", lambda: time.sleep(30)), check("fast", lambda: SOUND)], None, wanted(), seconds=0.1)

    assert found == [note("stuck", "not looked at: AWS did not answer within 0.1 s"), SOUND]
    assert time.monotonic() - started < 5


def test_a_fault_of_a_check_is_no_note():
    with pytest.raises(KeyError):
        run([check("broken", failing(KeyError("ZoneName")))], None, wanted())

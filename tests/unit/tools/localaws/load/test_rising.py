from __future__ import annotations

import pytest

from tools.localaws.load import rising
from tools.localaws.load.running import Result


def result(changes, written, delivered, faults=(), **hops):
    calls = {"put": 1.0, **{hop.replace("_", ":"): seconds for hop, seconds in hops.items()}}
    return Result(changes, 0, 0, written, delivered, 0, tuple(faults), calls)


def climbed(results):
    asked = []

    def run(rate):
        asked.append(rate)
        return results[len(asked) - 1]

    return list(rising.climb(run)), asked


def test_the_rate_doubles_until_delivery_falls_behind_and_the_slowest_hop_is_named():
    steps, asked = climbed(
        [
            result(500, 10.0, 16.0),
            result(1000, 10.0, 17.0),
            result(2000, 10.0, 40.0, lambda_InvokeFunction=30.0, s3_PutObject=3.0),
        ]
    )

    assert asked == [50, 100, 200]
    assert [step.gave_way for step in steps] == ["", "", "lambda:InvokeFunction"]
    assert rising.lines(steps[-1])[-1] == "    gave way: lambda:InvokeFunction"


def test_a_table_that_does_not_take_the_rate_gives_way_first():
    steps, _ = climbed([result(500, 10.0, 16.0), result(800, 10.0, 60.0, lambda_InvokeFunction=50.0)])

    assert steps[-1].gave_way == "put"


@pytest.mark.parametrize(("delivered", "hop"), [(20.9, ""), (21.1, "delivery")])
def test_delivery_keeps_up_while_it_ends_as_soon_as_in_the_first_step_and_half_of_the_time_of_writing(delivered, hop):
    step = rising.Step(50, result(500, 10.0, delivered), usual_seconds=6.0)

    assert step.gave_way == hop


def test_a_fault_ends_the_climb():
    steps, asked = climbed([result(500, 10.0, 16.0, faults=["1 change is missing"])])

    assert (len(steps), asked) == (1, [50])

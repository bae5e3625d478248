from __future__ import annotations

import pytest

from tools.localaws.emulator.alarm_evaluation import evaluate

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
A, O, I, KEPT = "ALARM", "OK", "INSUFFICIENT_DATA", None  # noqa: E741  # columns of a table

# The examples of the CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data": the oldest point
# first, 0 is within the threshold, X is not, - is missing; then the state by each treatment.
EXAMPLES = {
    3: {
        "0-X-X": (O, O, O, O),
        "0----": (O, O, O, O),
        "-----": (I, KEPT, A, O),
        "0XX-X": (A, A, A, A),
        "----X": (I, KEPT, A, O),
        "--X--": (A, KEPT, A, O),
        "X----": (A, KEPT, A, O),
    },
    2: {
        "0-X-X": (A, A, A, A),
        "00X0X": (A, A, A, A),
        "0-X--": (O, O, A, O),
        "----0": (O, O, A, O),
        "----X": (I, KEPT, A, O),
        "---X-": (A, KEPT, A, O),
    },
}


def alarm(**settings):
    found = {"EvaluationPeriods": 3, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 10.0}
    return {**found, **settings}


def state(*arguments):
    found = evaluate(*arguments)
    return found and found[0]


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize(("needed", "points"), [(needed, points) for needed in EXAMPLES for points in EXAMPLES[needed]])
def test_the_documents_examples_of_missing_data(needed, points, treatment):
    values = [{"0": 10.0, "X": 11.0, "-": None}[point] for point in reversed(points)]
    settings = alarm(DatapointsToAlarm=needed, TreatMissingData=treatment)
    assert state(settings, values) == EXAMPLES[needed][points][TREATMENTS.index(treatment)]


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanOrEqualToThreshold", [10.0, 11.0]),
        ("GreaterThanThreshold", [11.0]),
        ("LessThanThreshold", [9.0]),
        ("LessThanOrEqualToThreshold", [9.0, 10.0]),
    ],
)
def test_each_comparison_is_with_the_threshold(comparison, breaching):
    settings = alarm(EvaluationPeriods=1, ComparisonOperator=comparison)
    found = [value for value in (9.0, 10.0, 11.0) if state(settings, [value, None, None]) == "ALARM"]
    assert found == breaching


def test_without_datapoints_to_alarm_all_periods_must_breach():
    assert state(alarm(), [11.0, 11.0, 9.0, 11.0, 11.0]) == "OK"
    assert state(alarm(), [11.0, 11.0, 11.0, 9.0, 9.0]) == "ALARM"


def test_missing_data_of_dynamodb_is_ignored_whatever_the_alarm_says():
    settings = alarm(Namespace="AWS/DynamoDB", TreatMissingData="notBreaching")
    assert evaluate(settings, [None] * 5) is None


def test_an_alarm_on_a_band_keeps_its_state():
    assert evaluate(alarm(ComparisonOperator="LessThanLowerOrGreaterThanUpperThreshold"), [99.0] * 5) is None


def test_the_reason_tells_the_datapoints_and_the_threshold():
    _, reason = evaluate(alarm(DatapointsToAlarm=2, TreatMissingData="breaching"), [11.0, None, 9.0, None, None])
    assert reason == (
        "Threshold Crossed: 2 out of the last 3 datapoints [11.0, 9.0] was greater than the threshold (10.0) "
        "(minimum 2 datapoints for OK -> ALARM transition); 1 missing datapoints were treated as [breaching]."
    )

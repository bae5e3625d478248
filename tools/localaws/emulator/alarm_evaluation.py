"""Which state an alarm has by its data points.

Source: Amazon CloudWatch User Guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data".
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

EXTRA_PERIODS: Final = 2
"""So many periods more than the alarm's are looked at where data is missing.

CloudWatch does not tell how many it takes; its examples look at five periods for an alarm over three."""

_COMPARISONS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


def evaluate(alarm: Mapping[str, Any], points: Sequence[float | None]) -> tuple[str, str] | None:
    """Returns an alarm's state and its reason; None where it keeps the state that it has.

    Args:
        alarm: its settings, as DescribeAlarms has them.
        points: one value for each period, None where there is none, the newest first: as many as the alarm's
            EvaluationPeriods and `EXTRA_PERIODS`.

    >>> alarm = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0}
    >>> evaluate(alarm, [5.0, None, None])[0], evaluate(alarm, [None, None, None])[0]
    ('ALARM', 'INSUFFICIENT_DATA')
    """
    if alarm["ComparisonOperator"] not in _COMPARISONS:
        return None
    periods = int(alarm["EvaluationPeriods"])
    needed = int(alarm.get("DatapointsToAlarm") or periods)
    is_breaching, comparison = _COMPARISONS[alarm["ComparisonOperator"]]
    found = [(age, value) for age, value in enumerate(points, 1) if value is not None][:periods]
    breaching = [age for age, value in found if is_breaching(value, alarm["Threshold"])]
    treatment = _treatment(alarm)
    missing = periods - len(found)
    assumed = missing if treatment == "breaching" else 0
    values = ", ".join(f"{value}" for _, value in found)
    reason = (
        f"{len(breaching) + assumed} out of the last {periods} datapoints [{values}] was {comparison} the threshold "
        f"({alarm['Threshold']}) (minimum {needed} datapoints for OK -> ALARM transition)"
    )
    if missing and treatment in ("breaching", "notBreaching"):
        reason += f"; {missing} missing datapoints were treated as [{treatment}]"
    if len(breaching) + assumed >= needed:
        return "ALARM", f"Threshold Crossed: {reason}."
    if not missing or treatment in ("breaching", "notBreaching") or len(found) > len(breaching):
        return "OK", f"Threshold Crossed: {reason}."
    # All that there is breaches, if there is anything, and it is too little.
    if treatment == "ignore":
        return None
    if breaching and breaching[-1] >= needed:
        return "ALARM", f"Threshold Crossed: {reason}; no newer datapoint is within the threshold."
    return "INSUFFICIENT_DATA", f"Insufficient Data: {missing} datapoints were unknown."


def _treatment(alarm: Mapping[str, Any]) -> str:
    # Source: CloudWatch API Reference, PutMetricAlarm, TreatMissingData.
    ignores = alarm.get("Namespace") == "AWS/DynamoDB"
    return "ignore" if ignores else str(alarm.get("TreatMissingData") or "missing")

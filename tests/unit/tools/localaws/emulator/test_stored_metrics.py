from __future__ import annotations

import pytest

from tools.localaws.emulator import stored_metrics

NOW = 1_700_000_099.5


def stored(*data):
    points = []
    for datum in data:
        for point in stored_metrics.points_of(datum, NOW):
            stored_metrics.add(points, point)
    return points


def totals(points):
    """Returns count and sum of all points."""
    sets = [
        point.get("_stat") or {"SampleCount": point["Count"], "Sum": point["Value"] * point["Count"]}
        for point in points
    ]
    return sum(each["SampleCount"] for each in sets), sum(each["Sum"] for each in sets)


def test_equal_values_of_a_minute_are_one_point_however_often_they_come():
    points = stored(*[{"Value": 1, "Timestamp": NOW - second / 10} for second in range(200)])
    assert [(point["Timestamp"], point["Value"], point["Count"]) for point in points] == [(1_700_000_040, 1.0, 200.0)]


def test_another_minute_unit_or_value_is_another_point():
    points = stored({"Value": 1}, {"Value": 2}, {"Value": 1, "Unit": "Count"}, {"Value": 1, "Timestamp": NOW + 60})
    assert len(points) == 4


def test_high_resolution_tells_seconds_apart():
    points = stored(*[{"Value": 1, "StorageResolution": 1, "Timestamp": NOW + second} for second in (0, 0.4, 1)])
    assert [point["Timestamp"] for point in points] == [1_700_000_099, 1_700_000_100]


def test_values_come_as_often_as_their_counts_say():
    assert totals(stored({"Values": [1, 5], "Counts": [3, 2]})) == (5, 13)
    assert totals(stored({"Values": [1, 5]})) == (2, 6)
    assert totals(stored({"Values": [1], "Counts": [3]}, {"Values": [1], "Counts": [2]})) == (5, 5)


@pytest.mark.parametrize("values", [stored_metrics.MAX_VALUES, 1000])
def test_many_values_in_a_minute_take_limited_room_and_none_is_lost(values):
    points = stored(*[{"Value": number} for number in range(values)])
    assert len(points) <= stored_metrics.MAX_VALUES + 1
    assert totals(points) == (values, values * (values - 1) / 2)


def test_statistic_sets_of_a_minute_are_merged():
    one = {"SampleCount": 2, "Sum": 6, "Minimum": 1, "Maximum": 5}
    other = {"SampleCount": 1, "Sum": 9, "Minimum": 9, "Maximum": 9}
    (point,) = stored({"StatisticValues": one}, {"StatisticValues": other})
    assert point["_stat"] == {"SampleCount": 3, "Sum": 15, "Minimum": 1, "Maximum": 9}


def test_points_are_kept_for_three_hours():
    points = stored({"Value": 1}, {"Value": 1, "Timestamp": NOW + 3 * 3600})
    assert len(stored_metrics.recent(points, NOW + 2 * 3600)) == 2
    assert stored_metrics.recent(points, NOW + 3 * 3600 + 60) == points[1:]

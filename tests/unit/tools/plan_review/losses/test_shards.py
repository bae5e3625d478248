"""The steps to another number of shards are those that AWS takes."""

from __future__ import annotations

import itertools

import pytest

from tools.plan_review.losses import shards


@pytest.mark.parametrize(("before", "after"), [(1, 1), (1, 2), (1, 100), (10, 2), (10, 5), (7, 3), (3, 1), (1000, 1)])
def test_each_step_is_at_most_double_and_at_least_half_of_the_one_before(before, after):
    way = [before, *shards.steps(before, after)]

    assert way[-1] == after
    assert all(one / 2 <= other <= one * 2 for one, other in itertools.pairwise(way))


def test_there_are_as_few_steps_as_can_be():
    assert shards.steps(10, 2) == [5, 3, 2]
    assert shards.steps(7, 3) == [4, 3]
    assert shards.steps(5, 40) == [10, 20, 40]

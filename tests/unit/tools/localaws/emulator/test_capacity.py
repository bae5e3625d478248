from __future__ import annotations

import pytest

from tools.localaws.emulator import capacity


@pytest.mark.parametrize(("current", "target"), [(10, 20), (10, 5), (5, 3), (3, 2), (2, 1), (1, 1), (1, 2)])
def test_a_stream_scales_up_to_double_and_down_to_half(current, target):
    assert capacity.shard_count_refusal(current, target, 9) is None


@pytest.mark.parametrize(
    ("current", "target", "words"),
    [(10, 21, "over double"), (1, 3, "over double"), (10, 4, "below half"), (3, 1, "below half")],
)
def test_beyond_that_kinesis_refuses_and_tells_both_numbers(current, target, words):
    code, reason = capacity.shard_count_refusal(current, target, 0)

    assert code == "InvalidArgumentException"
    assert words in reason
    assert reason.endswith(f"Current open shard count: {current} Target shard count: {target}")


def test_the_eleventh_time_in_a_day_is_refused_and_a_day_later_is_not(monkeypatch):
    stream = {}
    now = 1_000_000.0
    monkeypatch.setattr(capacity.time, "time", lambda: now)
    for _ in range(12):
        capacity._remember(stream, "shard_counts")

    assert capacity.shard_count_refusal(2, 2, capacity._count(stream, "shard_counts"))[0] == "LimitExceededException"
    now += 24 * 3600
    assert capacity._count(stream, "shard_counts") == 0

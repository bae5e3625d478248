from __future__ import annotations

import base64
import json
import time

import pytest

from tools.localaws.emulator import clock
from tools.localaws.emulator.clock import Clock
from tools.localaws.emulator.database import Database


def test_sequence_numbers_rise_though_the_clock_is_set_back_and_the_process_starts_anew(tmp_path, monkeypatch):
    now = 2_000_000_000.0
    monkeypatch.setattr(clock.time, "time", lambda: now)
    database = Database(tmp_path / "state.db")
    numbers = [Clock(database).next_sequence_number()]
    for step in (0, -60, 60, -86400 * 365 * 40, 1):
        now += step
        numbers.append(Clock(database).next_sequence_number())
        database.close()
        database = Database(tmp_path / "state.db")
    assert numbers == sorted(set(numbers))
    assert {len(number) for number in numbers} == {30}


def test_uptime_goes_on_after_a_restart_and_ignores_the_clock(tmp_path, monkeypatch):
    database = Database(tmp_path / "state.db")
    seconds = 100.0
    monkeypatch.setattr(clock.time, "monotonic", lambda: seconds)
    first = Clock(database)
    seconds += 30
    first.save()
    seconds += 1000
    assert Clock(database).uptime() == 30


def test_numbers_given_in_a_transaction_that_failed_and_after_it_do_not_come_again(tmp_path):
    database = Database(tmp_path / "state.db")
    running = Clock(database)

    def fail():
        with database.transaction():
            running.next_sequence_number()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    given = running.next_sequence_number()
    assert Clock(database).next_sequence_number() > given


def test_the_database_is_written_for_one_number_in_many(tmp_path):
    database = Database(tmp_path / "state.db")
    running = Clock(database)
    running.next_sequence_number()
    database.execute("PRAGMA query_only = ON")
    numbers = [running.next_sequence_number() for _ in range(100)]
    assert numbers == sorted(set(numbers))


def record(content):
    return {"Data": base64.b64encode(json.dumps(content).encode()).decode()}


def test_a_change_never_has_an_earlier_time_than_the_one_before_though_the_clock_is_set_back(tmp_path, monkeypatch):
    now = 2_000_000_000.9
    monkeypatch.setattr(clock.time, "time", lambda: now)
    database = Database(tmp_path / "state.db")
    running, times = Clock(database), []
    for step in (0, -60, 60, 5, -3600):
        now += step
        times += [running.creation_time(), running.creation_time()]
        running = Clock(database)
        running.go_on_after(record({"dynamodb": {"ApproximateCreationDateTime": times[-1]}}))
        running.go_on_after(record({"no": "change"}))
    assert times == sorted(times)
    assert (times[0], times[-1]) == (2_000_000_000, 2_000_000_005)


@pytest.mark.parametrize("foreign", [1_769_854_830_123_456, 1_769_854_830_123, "soon", None])
def test_a_record_with_the_time_of_another_source_does_not_set_the_time_of_changes(tmp_path, foreign):
    running = Clock(Database(tmp_path / "state.db"))

    running.go_on_after(record({"dynamodb": {"ApproximateCreationDateTime": foreign}}))

    assert running.creation_time() <= time.time()

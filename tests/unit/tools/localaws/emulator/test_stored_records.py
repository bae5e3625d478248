from __future__ import annotations

import pytest

from tools.localaws.emulator import stored_records
from tools.localaws.emulator.clock import Clock
from tools.localaws.emulator.database import Database, UnusableStateError
from tools.localaws.emulator.stored_records import ShardRecords, _start_position


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "state.db")


def records_in(database, name="shard"):
    return ShardRecords(database, Clock(database), name)


def put(records, count, data="eA==", arrival=1.0):
    clock = records._clock
    for _ in range(count):
        number = clock.next_sequence_number()
        records.append(
            {"SequenceNumber": number, "ApproximateArrivalTimestamp": arrival, "Data": data, "PartitionKey": "k"}
        )


def test_records_come_back_in_order_in_a_new_process(tmp_path):
    first = Database(tmp_path / "state.db")
    put(records_in(first), 5)
    written = records_in(first)[0:5]
    first.close()
    again = records_in(Database(tmp_path / "state.db"))
    assert (len(again), again[0:100], again[3]) == (5, written, written[3])


def test_records_of_a_transaction_that_failed_leave_no_gap(database):
    records = records_in(database)
    put(records, 1)

    def fail():
        with database.transaction():
            put(records, 2)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    put(records, 1)
    assert (len(records), len(records[0:9]), len(records_in(database))) == (2, 2, 2)


def test_data_that_is_no_base64_comes_back_as_base64_of_its_text(database):
    records = records_in(database)
    put(records, 1, data="no base64!")
    assert records[0]["Data"] == "bm8gYmFzZTY0IQ=="


def test_a_page_holds_at_most_ten_megabytes_and_at_least_one_record(database, monkeypatch):
    records = records_in(database)
    put(records, 5, data="A" * 400)
    assert len(records[0:5]) == 5
    monkeypatch.setattr(stored_records, "_MAX_PAGE_BYTES", 700)
    assert len(records[0:5]) == 2
    monkeypatch.setattr(stored_records, "_MAX_PAGE_BYTES", 10)
    assert len(records[1:5]) == 1


def test_shards_do_not_mix(database):
    one, other = records_in(database, "one"), records_in(database, "other")
    put(one, 2)
    put(other, 1)
    assert (len(one), len(other)) == (2, 1)


def test_what_expired_leaves_the_positions_of_the_others(database):
    records = records_in(database)
    put(records, 3)
    cutoff = records._clock.uptime()
    put(records, 2)
    kept = records[3:5]
    assert records.expire(cutoff) == 3
    assert (records.first, len(records), records[0:5], records[3:9]) == (3, 5, kept, kept)
    assert records.expire(cutoff) == 0
    assert records.expire(cutoff + 60) == 2
    assert (bool(records), len(records), records[0:9]) == (False, 5, [])


def test_each_kind_of_iterator_starts_where_it_should(database):
    records = records_in(database)
    put(records, 2, arrival=10.0)
    cutoff = records._clock.uptime()
    put(records, 2, arrival=20.0)
    # A clock that was set back.
    put(records, 1, arrival=5.0)
    records.expire(cutoff)
    third = records[2]["SequenceNumber"]
    assert _start_position(records, "TRIM_HORIZON", "", None) == 2
    assert _start_position(records, "LATEST", "", None) == 5
    assert _start_position(records, "AT_SEQUENCE_NUMBER", third, None) == 2
    assert _start_position(records, "AFTER_SEQUENCE_NUMBER", third, None) == 3
    assert _start_position(records, "AFTER_SEQUENCE_NUMBER", "9" * 29, None) == 2
    assert _start_position(records, "AT_TIMESTAMP", "", 15) == 2
    assert _start_position(records, "AT_TIMESTAMP", "", 21) == 5
    assert _start_position(records, "NEAR", "", None) is None


def test_a_damaged_record_is_named_when_it_is_read(database):
    records = records_in(database)
    put(records, 3)
    database.execute("UPDATE records SET data = x'79' WHERE position = 1")
    assert records[0:1]
    with pytest.raises(UnusableStateError, match=r"state\.db is damaged \(a record of shard"):
        records[0:3]


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_record_that_is_gone_is_never_passed_over(database, position):
    records = records_in(database)
    put(records, 3)
    database.execute("DELETE FROM records WHERE position = ?", position)
    with pytest.raises(UnusableStateError, match="is missing"):
        records[0:3]

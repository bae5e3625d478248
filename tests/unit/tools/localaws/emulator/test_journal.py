from __future__ import annotations

from tools.localaws.emulator.journal import Journal


def test_entries_come_back_in_order_in_a_new_process(tmp_path):
    journal = Journal(tmp_path, "kinesis")
    for number in range(3):
        journal.append("shard", number, {"Data": "x"})
    assert list(Journal(tmp_path, "kinesis").entries()) == [["shard", number, {"Data": "x"}] for number in range(3)]


def test_a_line_that_was_cut_off_is_left_out_and_what_follows_is_kept(tmp_path):
    journal = Journal(tmp_path, "kinesis")
    journal.append(1)
    journal.append(2)
    (part,) = tmp_path.iterdir()
    part.write_bytes(part.read_bytes()[:-2])
    later = Journal(tmp_path, "kinesis")
    later.append(3)
    assert list(Journal(tmp_path, "kinesis").entries()) == [[1], [3]]


def test_a_snapshot_removes_what_it_covers_and_nothing_later(tmp_path):
    journal = Journal(tmp_path, "kinesis")
    journal.append("covered")
    covered = journal.begin_part()
    journal.append("later")
    assert list(journal.entries()) == [["covered"], ["later"]]
    journal.remove_parts(covered)
    assert list(journal.entries()) == [["later"]]


def test_journals_of_two_services_do_not_meet(tmp_path):
    Journal(tmp_path, "kinesis").append(1)
    Journal(tmp_path, "dynamodb").append(2)
    assert list(Journal(tmp_path, "dynamodb").entries()) == [[2]]


def test_size_counts_what_no_snapshot_covers(tmp_path):
    journal = Journal(tmp_path, "kinesis")
    journal.append("x")
    assert journal.size == Journal(tmp_path, "kinesis").size > 0
    journal.begin_part()
    assert journal.size == 0

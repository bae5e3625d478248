from __future__ import annotations

from tools.lake.compaction.grouping import Source
from tools.lake.replay import grouping
from tools.lake.replay.failed_objects import FailedObject
from tools.lake.replay.selection import Survey, Tally

CHOSEN = {("processing-failed", "C", "h"): Tally(1)}


def survey(key, lines=10, size=1, **more):
    folder = key.rpartition("/")[0] + "/"
    found = FailedObject(Source(key, "e", size), "processing-failed", folder)
    return Survey(found, **{"tallies": CHOSEN, "lines": lines, **more})


def keys(surveys, most_lines=20):
    return ["".join(source.key[-1] for source in group.sources) for group in grouping.plan(surveys, most_lines)]


def test_objects_of_a_folder_go_together_up_to_a_number_of_lines():
    assert keys([survey("f/c"), survey("f/a"), survey("f/b"), survey("g/d"), survey("g/e", 99), survey("g/f")]) == [
        "ab",
        "c",
        "d",
        "e",
        "f",
    ]


def test_objects_go_together_up_to_a_size():
    assert keys([survey("f/a", size=grouping.MOST_BYTES), survey("f/b"), survey("f/c")]) == ["a", "bc"]


def test_what_cannot_be_read_or_has_no_chosen_record_stays():
    unreadable = {("processing-failed", "unreadable", ""): Tally(3)}
    assert (
        keys([survey("f/a", unreadable="damaged"), survey("f/b", tallies={}), survey("f/c", tallies=unreadable)]) == []
    )


def test_a_group_is_told_by_what_is_in_it():
    first, same, other = (grouping.plan([survey("f/a", size=size)])[0] for size in (1, 1, 1))
    assert first.identity == same.identity
    changed = Survey(FailedObject(Source("f/a", "other", 1), "processing-failed", "f/"), CHOSEN, 1)
    assert grouping.plan([changed])[0].identity != other.identity

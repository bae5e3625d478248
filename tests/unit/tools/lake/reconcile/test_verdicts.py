from __future__ import annotations

import pytest

from tools.lake.function_versions import Versions
from tools.lake.reconcile import verdicts
from tools.lake.reconcile.rows import LakeRow
from tools.lake.reconcile.verdicts import State

A, B = b"a" * 16, b"b" * 16
VERSIONS = Versions("3", ("2",), live_since_us=1000, since_us=100)


def row(digest=A, event="M", us=500):
    return LakeRow(0, 1, us, event, digest)


def state(outcome="O", digest=A, before=None, *, moving=0, met=False, version=0, same_key=True):
    return State(version, outcome, digest, same_key, before, moving, met)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (state(before=row()), "equal"),
        (state(before=row(B)), "different"),
        (state(), "missing"),
        (state(before=row(event="R")), "missing"),
        (state("F", None, row()), "different"),
        (state("F", None), "missing"),
        (state("A", None), "equal"),
        (state("A", None, row(event="R")), "equal"),
        (state("A", None, row()), "extra"),
        (state("D", None, row()), "dropped"),
        (state("D", None), "dropped"),
        (state(before=row(), moving=1), "changing"),
        (state(before=row(B), moving=1, met=True), "changing"),
        (state(before=row(B), moving=1), "unsettled"),
        (state(moving=2), "unsettled"),
        (state("A", None, row(), moving=1), "unsettled"),
        (state("A", None, row(), moving=1, met=True), "changing"),
    ],
)
def test_a_key_is_held_to_the_state_before_it_was_read_and_not_to_changes_around_that_time(found, verdict):
    assert verdicts.of_state(found) == verdict


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ([state(before=row(B)), state(digest=B, before=row(B), version=1)], "other version"),
        ([state(before=row(B)), state(digest=A, before=row(B), version=1)], "different"),
        ([state(), state("D", None, version=1)], "other version"),
        ([state(before=row(B)), state("D", None, row(B), version=1)], "different"),
        ([state(), state(before=row(), version=1, same_key=False)], "other version"),
        ([state(before=row(), same_key=False), state(version=1, before=row(B))], "other version"),
        ([state(before=row(), same_key=False)], "extra"),
        ([state(before=row()), state(digest=B, before=row(), version=1)], "equal"),
        ([state(before=row(B)), state(before=row(B), moving=1, met=True, version=1)], "changing"),
        ([state("A", None, row(B))], "extra"),
    ],
)
def test_a_row_of_an_older_version_is_that_only_where_this_version_makes_it_of_the_item_as_it_is(states, verdict):
    assert verdicts.settle(states) == verdict


@pytest.mark.parametrize(
    ("verdict", "us", "readable", "drops", "last"),
    [
        ("different", 99, True, 0, "other version"),
        ("different", 100, True, 0, "different"),
        ("extra", 999, False, 0, "other version"),
        ("extra", 999, True, 0, "extra"),
        ("extra", 1000, False, 0, "extra"),
        ("extra", 1000, False, 1, "undetermined"),
        ("changing", 500, True, 0, "undetermined"),
        ("unsettled", 500, True, 0, "undetermined"),
    ],
)
def test_what_no_version_that_is_left_can_have_written_is_not_called_different(verdict, us, readable, drops, last):
    said = verdicts.at_last(verdict, row(us=us), VERSIONS, is_readable=readable, hidden_drops=drops)

    assert said == last


def test_what_is_missing_stays_so():
    assert verdicts.at_last("missing", None, VERSIONS, is_readable=True, hidden_drops=5) == "missing"

from __future__ import annotations

import pytest

from tools.lake.reconcile import hops
from tools.lake.reconcile.hops import Evidence, FailedChange, StreamedChange
from tools.lake.reconcile.rows import LakeRow

OLD, NEW = LakeRow(0, 1, 10, "M", b"", "e-1"), LakeRow(0, 2, 20, "M", b"", "e-2")
STREAMED = StreamedChange("MODIFY", "e-2", 20, "shardId-1", "49")
FAILED = FailedChange("Lambda.FunctionError: it failed", "s3://lake/errors/t/x")


@pytest.mark.parametrize(
    ("verdict", "row", "known", "said"),
    [
        ("different", OLD, Evidence(streamed=STREAMED, rows=(OLD,)), "delivery: the MODIFY is in the stream"),
        ("missing", None, Evidence(streamed=STREAMED), "(shardId-1, sequence number 49), and not in the lake"),
        ("different", NEW, Evidence(streamed=STREAMED, rows=(OLD, NEW)), "its line is not what the function made"),
        ("extra", OLD, Evidence(streamed=STREAMED, rows=(NEW, OLD)), "a later row that no change of the stream has"),
        (
            "missing",
            None,
            Evidence(FAILED, STREAMED),
            "the function: Lambda.FunctionError: it failed; the record is in",
        ),
        ("missing", None, Evidence(streamed_since="2026"), "the table's stream: since 2026 it has no change of it"),
        ("extra", OLD, Evidence(streamed_since="2026", rows=(OLD,)), "since 2026 the stream has no change of it"),
        ("missing", None, Evidence(), "not known: the stream was not searched to its end"),
    ],
)
def test_the_hop_is_the_last_one_that_has_the_change(verdict, row, known, said):
    assert said in hops.name(verdict, row, known)


def test_an_item_that_the_function_fails_by_now_is_told_where_no_record_says_so():
    assert hops.name("missing", None, Evidence(streamed=STREAMED), fails=True).startswith("the function: it fails")


def test_the_newest_change_is_that_of_the_longest_then_greatest_sequence_number():
    changes = [StreamedChange("MODIFY", number, 5, "s", number) for number in ("9", "10", "11")]

    assert hops.latest(changes).event_id == "11"
    assert hops.latest([]) is None

from __future__ import annotations

import json

import pytest

from tools.localaws.load.changes import Plan, Texts
from tools.localaws.load.judging import Judge

TEXTS = Texts()
CHANGES = list(Plan("r", 30, 3, None).share(0, 1))


def row(change, **other):
    number = CHANGES.index(change)
    return {
        "id": change.key,
        "version": change.version,
        "text": TEXTS.of(change),
        "cdc_changed_at_us": 1_000_000 + number // 5,
        # As text the tenth would come before the second.
        "cdc_sequence_number": str(number + 1),
        **other,
    }


def judged(rows):
    judge = Judge(CHANGES, TEXTS, "Id")
    for each in rows:
        judge.take(json.dumps(each))
    return judge


def test_a_whole_lake_has_no_faults_in_whatever_order_it_is_read():
    judge = judged([row(change) for change in reversed(CHANGES)])
    assert (judge.missing, judge.verdict().faults, judge.verdict().duplicates) == (0, (), 0)


def test_records_that_come_twice_are_counted_and_no_fault():
    verdict = judged([row(change) for change in [*CHANGES, *CHANGES[:4]]]).verdict()
    assert (verdict.faults, verdict.duplicates) == ((), 4)


@pytest.mark.parametrize("gone", [0, 7, 29])
def test_a_change_that_is_missing_is_named(gone):
    judge = judged([row(change) for change in CHANGES if change != CHANGES[gone]])
    assert judge.missing == 1
    assert judge.verdict().faults == (f"1 changes are missing: {CHANGES[gone].key} version {CHANGES[gone].version}",)


def test_a_change_that_is_not_as_written_is_named():
    rows = [row(change) for change in CHANGES]
    rows[4]["text"] = rows[4]["text"][:-1]
    assert judged(rows).verdict().faults == (
        f"1 changes are not as written: {CHANGES[4].key} version {CHANGES[4].version}",
    )


def test_an_item_whose_versions_are_in_another_order_is_named():
    rows = [row(change) for change in CHANGES]
    # Versions 2 and 3 of the same item.
    rows[3]["cdc_sequence_number"], rows[6]["cdc_sequence_number"] = "7", "4"
    rows[3]["cdc_changed_at_us"] = rows[6]["cdc_changed_at_us"]
    (fault,) = judged(rows).verdict().faults
    assert fault == f"1 items have versions in another order than they were written in: {CHANGES[3].key}"


def test_records_of_others_are_left_out():
    others = [{"id": "somebody"}, {"id": "r-0", "version": 99}, {"other": 1}, {"id": ["r-0"], "version": 1}]
    verdict = judged([*others, *(row(change) for change in CHANGES)]).verdict()
    assert verdict.faults == ()

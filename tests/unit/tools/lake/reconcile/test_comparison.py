"""The comparison itself, over lines and claims in files as the readers write them."""

from __future__ import annotations

import gzip
from collections import Counter

import msgspec
import pytest

from tools.lake.deployed_transform import Result
from tools.lake.reconcile import digests, items
from tools.lake.reconcile.claims import Claimant, Window
from tools.lake.reconcile.comparison import Comparison, Lost, Open
from tools.lake.reconcile.items import Schema

SCHEMA = Schema("t", {"id": "S"})
WINDOW = Window(1_000, 2_000)


class Function:
    """Makes rows of items; `spelling` is what a version makes of the column `v`, `prefix` what it makes of keys."""

    def __init__(self, spelling=lambda value: value, prefix=""):
        self._spelling, self._prefix = spelling, prefix

    def transform(self, records):
        return [self._result(msgspec.json.decode(record.document)["dynamodb"]["NewImage"]) for record in records]

    def _result(self, image):
        value = image["v"]["S"]
        if value in ("dropped", "failed"):
            return Result({"dropped": "Dropped", "failed": "ProcessingFailed"}[value])
        return Result("Ok", line(self._prefix + image["id"]["S"], self._spelling(value)))


def line(key, value, event="INSERT", us=0, sequence=None, event_id="e", **more):
    row = {
        "cdc_event": event,
        "cdc_event_id": event_id,
        "cdc_table": "t",
        "cdc_changed_at": "",
        "cdc_changed_at_us": us,
        "cdc_sequence_number": sequence,
        "cdc_key": msgspec.json.encode({"id": key}).decode(),
        "cdc_ttl": False,
        "v": value,
        **more,
    }
    return msgspec.json.encode(row) + b"\n"


def item(key, value):
    return {"id": {"S": key}, "v": {"S": value}}


class Files:
    """A comparison with a margin of 10, and the files that it takes."""

    def __init__(self, folder):
        self.folder = folder
        self.comparison = Comparison(folder, 10)
        self._count = 0

    def _file(self, lines):
        self._count += 1
        path = self.folder / f"{self._count}.csv.gz"
        path.write_bytes(gzip.compress(b"".join(lines)))
        return str(path)

    def lake(self, *rows, counter=None):
        decoded = [msgspec.json.decode(row, type=dict[str, msgspec.Raw]) for row in rows]
        lines = [digests.lake_line(number, row, counter) for number, row in enumerate(decoded, start=1)]
        self.comparison.add_objects({self._file(lines): self._count})

    def table(self, *found, window=WINDOW, versions=(), absent=()):
        claimant = Claimant(SCHEMA, versions or [Function()])
        lines = [*claimant.present(found, window), *claimant.absent(absent, window)]
        self.comparison.set_claims([self._file(lines)])

    def first(self):
        return told(self.comparison.first(WINDOW))


def told(found):
    """Returns verdict -> keys of what is open, and counts what is settled."""
    settled, left = Counter(), {}
    for each in found:
        if isinstance(each, Open):
            left.setdefault(each.verdict, []).append(each.cdc_key or each.item_key.decode())
        else:
            settled[each] += 1
    return settled, {verdict: sorted(keys) for verdict, keys in left.items()}


@pytest.fixture
def files(tmp_path):
    made = Files(tmp_path)
    yield made
    made.comparison.close()


def test_what_is_equal_is_counted_and_what_is_not_is_told(files):
    files.lake(line("same", "1"), line("other", "1"), line("more", "1"), line("removed", "1", "REMOVE"))
    files.table(item("same", "1"), item("other", "2"), item("none", "3"))

    settled, left = files.first()

    assert settled == {"equal": 2}
    assert left == {
        "different": ['{"id":"other"}'],
        "extra": ['{"id":"more"}'],
        "missing": ['{"id":{"S":"none"}}'],
    }


def test_the_latest_row_counts_by_time_then_length_and_text_of_the_sequence_number_then_identity(files):
    files.lake(
        line("time", "new", us=2, sequence="1"),
        line("time", "old", us=1, sequence="2"),
        line("length", "old", sequence="9"),
        line("length", "new", sequence="10"),
        line("text", "new", sequence="11"),
        line("text", "old", sequence="10"),
        line("none", "old"),
        line("none", "new", sequence="1"),
        line("identity", "new", event_id="f"),
        line("identity", "old", event_id="e"),
    )
    files.table(*(item(key, "new") for key in ("time", "length", "text", "none", "identity")))

    assert files.first() == ({"equal": 5}, {})


@pytest.mark.parametrize(
    ("us", "value", "verdict"),
    [
        (990, "now", "equal"),
        (991, "now", "changing"),
        (2_010, "now", "changing"),
        (991, "other", "changing"),
        (2_010, "then", "changing"),
        (2_011, "now", "different"),
    ],
)
def test_changes_around_the_time_of_the_read_make_no_difference(files, us, value, verdict):
    before = "then" if us > 2_010 else "now"
    files.lake(line("k", before, us=1), line("k", value, us=us, event_id="f"))
    files.table(item("k", "now"))

    settled, left = files.first()

    assert (list(settled) or list(left)) == [verdict]


def test_a_key_that_changed_around_the_read_and_equals_none_of_its_states_is_unsettled(files):
    files.lake(line("k", "then", us=1), line("k", "later", us=1_500))
    files.table(item("k", "now"))

    assert list(files.first()[1]) == ["unsettled"]


def test_what_the_hook_drops_is_absent_on_both_sides_and_what_the_function_fails_is_missing(files):
    files.lake(line("dropped", "1"))
    files.table(item("dropped", "dropped"), item("failed", "failed"))

    assert files.first() == ({"dropped": 1}, {"missing": ['{"id":{"S":"failed"}}']})


def test_rows_of_an_older_version_are_told_apart_also_under_another_key(files):
    older = Function(spelling=lambda value: f"old-{value}", prefix="old-")
    files.lake(line("old-rewritten", "old-1"), line("old-changed", "old-1"), line("changed", "2"), line("old-no", "?"))
    files.table(item("rewritten", "1"), item("changed", "2"), item("no", "1"))
    found = [each for each in files.comparison.first(WINDOW) if isinstance(each, Open)]
    assert Counter(each.verdict for each in found) == {"missing": 2, "extra": 3}

    files.table(item("rewritten", "1"), item("changed", "2"), item("no", "1"), versions=(Function(), older))
    keyed = [msgspec.structs.replace(each, **_named(each)) for each in found]
    settled, left = told(files.comparison.again(keyed))

    assert settled == {"other version": 4}
    assert left == {"missing": ['{"id":{"S":"no"}}']}


def _named(found):
    """Names a key that the lake alone has as the table would, had its older version not put `old-` before it."""
    if found.item_key:
        return {}
    text = items.key_text(SCHEMA.of_cdc_key(found.cdc_key.replace("old-", "")))
    return {"id": items.key_digest(text), "item_key": text}


def test_a_second_look_settles_what_has_come_meanwhile_and_keeps_what_is_really_gone(files):
    files.lake(line("late", "1", us=1), line("lost", "1", us=1), line("gone", "1", us=1))
    files.table(item("late", "2"), item("lost", "2"))
    left = [each for each in files.comparison.first(WINDOW) if isinstance(each, Open)]
    assert sorted(each.verdict for each in left) == ["different", "different", "extra"]

    files.lake(line("late", "2", us=5))
    window = Window(5_000, 6_000)
    files.table(item("late", "2"), item("lost", "2"), window=window, absent=[{"id": {"S": "gone"}}])
    keyed = [each if each.item_key else msgspec.structs.replace(each, **_named(each)) for each in left]

    assert told(files.comparison.again(keyed)) == (
        {"equal": 1},
        {"different": ['{"id":"lost"}'], "extra": ['{"id":"gone"}']},
    )


def test_versions_between_the_first_and_the_last_of_a_key_that_the_lake_lacks_are_counted(files):
    rows = [line("k", "1", us=number, n=number, event_id=str(number)) for number in (2, 3, 3, 6)]
    files.lake(*rows, line("k", "1", us=90, n=9), line("whole", "1", n=1), line("other", "1", n="1"), counter="n")

    assert list(files.comparison.lost_versions(80)) == [Lost('{"id":"k"}', 2, 6, 2)]


def test_hidden_keys_that_the_hook_drops_are_known_by_their_number_and_failed_ones_are_missing(tmp_path):
    files = Files(tmp_path)
    hidden = Schema("t", {"id": "S"}, frozenset(["id"]))
    claims = list(Claimant(hidden, [Function()]).present([item("a", "dropped"), item("b", "failed")], WINDOW))
    files.comparison.set_claims([files._file(claims)])

    assert files.first() == ({"dropped": 1}, {"missing": ['{"id":{"S":"b"}}']})
    assert files.comparison.hidden_drops() == 1
    files.comparison.close()


def test_the_longest_time_without_a_change_is_told_and_rows_of_snapshots_are_none(files):
    files.lake(*(line(str(at), "1", us=at) for at in (5, 10, 40, 50)), line("s", "1", event="SNAPSHOT", us=20))

    assert files.comparison.longest_quiet(0, 60, 10) == (10, 40)
    assert files.comparison.longest_quiet(40, 100, 10) == (50, 100)
    assert files.comparison.longest_quiet(0, 60, 31) is None

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.errors import LakeError
from tools.lake.compaction import folders
from tools.lake.compaction.folders import FolderCompactor
from tools.lake.lease import LeaseLostError

FOLDER = "cdc_date=2026-01-31/cdc_hour=05"
DATA = f"data/orders/{FOLDER}/"
OPEN = f"ledger/orders/compaction/open/{FOLDER}.json"
HOUR = timedelta(hours=1)


@pytest.fixture
def s3():
    s3 = Bucket()
    for number in range(4):
        put(s3, name(number), b'{"n":%d}\n' % number)
    return s3


def name(number):
    return f"orders-delivery-stream-1-2026-01-31-05-00-{number:02}-x.gz"


def put(s3, key, lines):
    return s3.place(DATA + key, gzip.compress(lines))


def compactor(s3, held=None, target_bytes=1 << 20):
    held = held or SimpleNamespace(check=lambda: None)
    return FolderCompactor(
        s3, NAME, "orders", prefix="data/orders/", target_bytes=target_bytes, held=held, is_stopped=lambda: False
    )


def targets(s3):
    return [key for key in s3.keys(DATA) if "/compacted-" in key]


def test_lines_are_there_twice_until_the_grace_period_is_over_and_once_then(s3):
    before = s3.lines()
    written = compactor(s3).write(FOLDER)

    assert (written.written, written.removed) == (1, 0)
    assert s3.lines() == sorted(before * 2)
    s3.wait(minutes=59)
    assert compactor(s3).remove(FOLDER, HOUR) == folders.Outcome(wait_seconds=61)
    assert s3.lines() == sorted(before * 2)
    s3.wait(seconds=61)
    assert compactor(s3).remove(FOLDER, HOUR).removed == 4
    assert s3.lines() == before
    assert s3.keys(DATA) == targets(s3)


def test_the_ledger_says_what_became_of_which_version(s3):
    compactor(s3).write(FOLDER)
    (group,) = json.loads(s3.body(OPEN))["groups"]
    version = s3.versions[group["key"]][-1]

    assert [source["key"] for source in group["sources"]] == [DATA + name(number) for number in range(4)]
    assert [source["etag"] for source in group["sources"]] == [s3.versions[DATA + name(n)][-1].etag for n in range(4)]
    assert group["target"] == {"etag": version.etag, "size": len(version.body), "sha256": version.sha256, "lines": 4}

    compactor(s3).remove(FOLDER, timedelta())

    (done,) = s3.keys("ledger/")
    assert done.startswith(f"ledger/orders/compaction/done/{FOLDER}/")
    assert json.loads(s3.body(done))["groups"] == [group]


def test_removed_objects_stay_as_versions(s3):
    compactor(s3).write(FOLDER)
    compactor(s3).remove(FOLDER, timedelta())

    assert [gzip.decompress(s3.versions[DATA + name(n)][0].body) for n in range(4)] == [
        b'{"n":%d}\n' % n for n in range(4)
    ]


def test_every_step_can_be_repeated(s3):
    for _ in range(2):
        compactor(s3).write(FOLDER)
    versions = {key: len(found) for key, found in s3.versions.items()}
    assert compactor(s3).write(FOLDER) == folders.Outcome()
    assert {key: len(found) for key, found in s3.versions.items()} == versions
    compactor(s3).remove(FOLDER, timedelta())

    assert compactor(s3).remove(FOLDER, timedelta()) == folders.Outcome()
    assert compactor(s3).write(FOLDER) == folders.Outcome()


def test_an_object_that_comes_late_goes_with_the_next_compaction(s3):
    compactor(s3).write(FOLDER)
    put(s3, name(9), b'{"n":9}\n')
    compactor(s3).write(FOLDER)
    compactor(s3).remove(FOLDER, timedelta())
    assert s3.keys(DATA) == [*targets(s3), DATA + name(9)]

    compactor(s3).write(FOLDER)
    compactor(s3).remove(FOLDER, timedelta())

    assert len(s3.keys(DATA)) == 1
    assert len(s3.lines()) == 5
    assert len(s3.keys("ledger/")) == 2


def test_a_source_that_was_replaced_after_it_was_read_stays(s3):
    compactor(s3).write(FOLDER)
    put(s3, name(1), b'{"n":"other"}\n')

    outcome = compactor(s3).remove(FOLDER, timedelta())

    assert outcome.removed == 3
    assert outcome.warnings == (f"s3://lake/{DATA}{name(1)} has changed since it was read, and stays",)
    assert b'{"n":"other"}' in s3.lines()


class Dying:
    """Ends a run at the object that it makes, before that is there or after."""

    def __init__(self, s3, *, is_there):
        self.s3, self.is_there, self.put = s3, is_there, s3.put_object

    def __call__(self, **request):
        if "/compacted-" in request["Key"]:
            if self.is_there:
                self.put(**request)
            raise LakeError("died")
        return self.put(**request)

    def write(self):
        self.s3.put_object = self
        with pytest.raises(LakeError, match="died"):
            compactor(self.s3).write(FOLDER)
        self.s3.put_object = self.put


@pytest.mark.parametrize("is_there", [False, True], ids=["planned", "written"])
@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_what_was_removed_before_it_was_noted_as_read_does_not_come_back(s3, change, is_there):
    before = s3.lines()
    Dying(s3, is_there=is_there).write()
    if change == "removed":
        s3.remove(DATA + name(1))
    else:
        put(s3, name(1), b"{}\n")
    expected = sorted({*before, b"{}"} - {b'{"n":1}'} if change == "replaced" else {*before} - {b'{"n":1}'})

    compactor(s3).write(FOLDER)
    assert targets(s3) == s3.keys("ledger/") == []
    compactor(s3).write(FOLDER)
    compactor(s3).remove(FOLDER, timedelta())

    assert s3.lines() == expected
    assert len(s3.keys(DATA)) == 1


def test_what_a_run_wrote_before_it_died_is_not_written_again(s3):
    Dying(s3, is_there=True).write()
    (target,) = targets(s3)

    assert compactor(s3).write(FOLDER).written == 1

    assert len(s3.versions[target]) == 1
    (group,) = json.loads(s3.body(OPEN))["groups"]
    version = s3.versions[target][0]
    assert group["target"] == {"etag": version.etag, "size": len(version.body), "sha256": version.sha256, "lines": 4}


def test_a_damaged_object_stays_as_it_is_and_the_others_are_compacted(s3):
    damaged = gzip.compress(b"{}\n" * 999)[:-9]
    s3.place(DATA + name(5), damaged)

    outcome = compactor(s3).write(FOLDER)
    compactor(s3).remove(FOLDER, timedelta())

    assert outcome.written == 1
    assert outcome.warnings == (f"s3://lake/{DATA}{name(5)} stays as it is: gzip data ends early",)
    assert s3.body(DATA + name(5)) == damaged
    assert len(s3.keys(DATA)) == 2


@pytest.mark.parametrize("change", ["replaced", "gone", "gone and a source too"])
def test_nothing_is_removed_unless_the_new_object_is_there_as_it_was_written(s3, change):
    compactor(s3).write(FOLDER)
    (target,) = targets(s3)
    if change == "replaced":
        s3.place(target, s3.body(target))
    else:
        s3.remove(target)
    if change == "gone and a source too":
        s3.remove(DATA + name(0))
    before = s3.keys("data/")

    if change == "gone":
        (warning,) = compactor(s3).remove(FOLDER, timedelta()).warnings
        assert warning == f"s3://lake/{target} is gone, and is written again by the next run"
        assert s3.keys("data/") == before
        compactor(s3).write(FOLDER)
        assert targets(s3) == [target]
    else:
        with pytest.raises(LakeError, match=r"is not what compaction wrote|is gone, which has the lines"):
            compactor(s3).remove(FOLDER, timedelta())
        assert s3.keys("data/") == before


def test_nothing_is_written_or_removed_without_the_lease(s3):
    def lost():
        raise LeaseLostError("lost")

    without = SimpleNamespace(check=lost)
    before = s3.keys()
    with pytest.raises(LeaseLostError):
        compactor(s3, without).write(FOLDER)
    assert s3.keys() == before

    compactor(s3).write(FOLDER)
    before = s3.keys()
    with pytest.raises(LeaseLostError):
        compactor(s3, without).remove(FOLDER, timedelta())
    assert s3.keys() == before


def test_hidden_objects_and_those_of_deeper_folders_are_left_alone(s3):
    others = [DATA + "_SUCCESS", DATA + ".tmp", DATA + "more/a.gz", f"{DATA[:-1]}0/a.gz"]
    for key in others:
        s3.place(key, b"{}\n")

    compactor(s3).write(FOLDER)
    compactor(s3).remove(FOLDER, timedelta())

    assert [key for key in s3.keys(DATA[:-1]) if "/compacted-" not in key] == sorted(others)


def test_more_objects_than_one_call_removes_are_removed(s3):
    for number in range(1001):
        put(s3, f"{number}.gz", b"{}\n")

    compactor(s3).write(FOLDER)

    assert compactor(s3).remove(FOLDER, timedelta()).removed == 1005
    assert s3.keys(DATA) == targets(s3)


def test_objects_that_are_large_already_stay(s3):
    assert compactor(s3, target_bytes=10).write(FOLDER) == folders.Outcome()
    assert s3.keys("ledger/") == targets(s3) == []


def test_a_full_disk_is_one_line(s3, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders.merging, "merge", full)
    with pytest.raises(LakeError, match=r"^no room for s3://lake/.* \(No space left on device\); set TMPDIR"):
        compactor(s3).write(FOLDER)

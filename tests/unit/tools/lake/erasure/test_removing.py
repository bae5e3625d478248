from __future__ import annotations

import gzip
from contextlib import suppress
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket, Killed
from tools.errors import LakeError
from tools.lake.erasure import versions
from tools.lake.erasure.removing import Locked, Outcome, Remover
from tools.lake.lease import LeaseLostError
from tools.lake.object_lock import ObjectLock

KEY = "data/t/cdc_date=2026-01-31/cdc_hour=05/a.gz"
MINE, OTHERS = b'{"of":"me"}\n', b'{"of":"another"}\r\n{"n":1.50}'


@pytest.fixture
def s3():
    return Bucket()


def take_out(s3, key=KEY, *, whole=False, lock=None, check=lambda: None):
    remover = Remover(s3, NAME, SimpleNamespace(check=check), lock)
    doomed = [each for each in versions.of_key(s3, NAME, key) if b"me" in content(s3, each)]
    return remover.take_out(key, doomed, None if whole else lambda line: b"me" in line)


def content(s3, version):
    found = next(each for each in s3.versions[version.key] if each.id == version.id)
    return unpacked(found.body or b"")


def unpacked(body):
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def test_other_lines_stay_byte_for_byte_and_what_the_object_says_of_itself_too(s3):
    version = s3.place(KEY, gzip.compress(MINE + OTHERS + b"\n" + MINE), lines="4", attempt="7")
    version.headers["ContentType"] = "application/gzip"

    assert take_out(s3) == Outcome(rewritten=1, versions=1)

    (left,) = s3.versions[KEY]
    assert gzip.decompress(left.body) == OTHERS + b"\n"
    assert (left.metadata, left.headers["ContentType"]) == ({"lines": "2", "attempt": "7"}, "application/gzip")


def test_a_plain_object_stays_plain_and_a_last_line_without_newline_stays_so(s3):
    s3.place(KEY, MINE + OTHERS)
    take_out(s3)
    assert s3.body(KEY) == OTHERS


def test_where_nothing_is_left_the_object_goes_with_its_marker(s3):
    s3.place(KEY, MINE)
    s3.place(KEY, gzip.compress(MINE))

    assert take_out(s3) == Outcome(removed=1, versions=2)
    assert s3.versions == {}


def test_an_old_version_without_the_subject_stays_and_does_not_come_back(s3):
    s3.place(KEY, OTHERS)
    s3.place(KEY, MINE + OTHERS)
    s3.place(KEY, MINE)

    take_out(s3)

    assert s3.body(KEY) is None
    assert s3.bodies() == [OTHERS]


def test_versions_of_an_object_that_was_deleted_go_too(s3):
    s3.place(KEY, MINE)
    s3.remove(KEY)
    assert take_out(s3) == Outcome(versions=1)
    assert s3.versions == {}


def test_an_object_that_goes_as_a_whole_is_not_rewritten(s3):
    s3.place(KEY, MINE + OTHERS)
    assert take_out(s3, whole=True) == Outcome(removed=1, versions=1)
    assert s3.versions == {}


def test_readers_never_see_anything_between_before_and_after(s3):
    before, after = MINE + OTHERS, OTHERS
    s3.place(KEY, MINE)
    s3.place(KEY, before)
    seen = []
    s3.looked = lambda: seen.append(s3.body(KEY))

    take_out(s3)

    assert list(dict.fromkeys(seen)) == [before, after]


def test_what_is_written_meanwhile_is_not_overwritten(s3):
    s3.place(KEY, MINE + OTHERS)
    put = s3.put_object

    def late(**request):
        s3.put_object = put
        s3.place(KEY, b"somebody's\n")
        return put(**request)

    s3.put_object = late
    take_out(s3)

    assert s3.bodies() == [b"somebody's\n"]


def test_the_latest_is_never_deleted_by_its_id_which_would_bring_back_the_one_before(s3):
    s3.place(KEY, OTHERS)
    s3.place(KEY, MINE + OTHERS)
    put = s3.put_object

    def taken_back(**request):
        put(**request)
        s3.versions[KEY].pop()

    s3.put_object = taken_back
    assert take_out(s3).versions == 0
    assert s3.bodies() == [OTHERS, MINE + OTHERS]


@pytest.mark.parametrize("mine", [MINE, MINE + OTHERS], ids=["nothing is left", "others are left"])
@pytest.mark.parametrize("at", range(1, 9))
def test_whichever_call_it_dies_at_the_next_run_ends_as_if_it_had_not(mine, at):
    s3 = Bucket()
    for body in (OTHERS, MINE, mine):
        s3.place(KEY, body)
    s3.dies_at = at
    with suppress(Killed):
        take_out(s3)
    assert s3.body(KEY) in ((mine, None) if mine == MINE else (mine, OTHERS))
    s3.revive()
    if any(b"me" in body for body in s3.bodies()):
        take_out(s3)

    assert s3.bodies() == ([OTHERS] if mine == MINE else [OTHERS, OTHERS])
    assert s3.body(KEY) == (None if mine == MINE else OTHERS)


def test_what_object_lock_keeps_is_told_and_governance_is_passed_over(s3):
    s3.place(KEY, MINE + OTHERS)
    (version,) = s3.versions[KEY]
    s3.locked = {version.id}
    outcome = take_out(s3, lock=ObjectLock("GOVERNANCE", 30))
    assert outcome.locked == (Locked(KEY, version.id, None),)
    assert s3.body(KEY) == OTHERS


def test_without_the_lease_nothing_is_written_or_removed(s3):
    def lost():
        raise LeaseLostError("lost")

    s3.place(KEY, MINE + OTHERS)
    s3.place(KEY, MINE + OTHERS)
    with pytest.raises(LeaseLostError):
        take_out(s3, check=lost)
    assert s3.bodies() == [MINE + OTHERS] * 2


def test_an_object_that_changes_all_the_time_is_one_line(s3):
    s3.place(KEY, MINE + OTHERS)
    s3.looked = lambda: s3.versions[KEY].append(s3.versions[KEY].pop())

    def changing(**request):
        s3.place(KEY, MINE + OTHERS)
        s3.versions[KEY][-1] = s3.versions[KEY][0]
        return s3._call("PutObject", s3._put, {**request, "IfMatch": "another"})

    s3.put_object = changing
    with pytest.raises(LakeError, match="changes all the time"):
        take_out(s3)

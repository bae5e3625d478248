from __future__ import annotations

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.unit.tools.operations.folder_bucket import FolderClient, FolderSource, record, write
from tools.errors import LakeError
from tools.lake import processes, summary_cache
from tools.operations import summarising


@pytest.fixture
def lake(tmp_path):
    """Some objects, and a function that summarises them."""
    folder = tmp_path / "lake"
    found = [
        write(folder, f"data/t/{name}", *(record(number, **{name: number}) for number in range(5)))
        for name in ("a", "b", "c", "d")
    ]

    def summarise(objects=found, *, jobs=1, done=lambda _each: None):
        with summary_cache.opened(tmp_path / "cache", "lake") as cache:
            return summarising.summarise(FolderSource(folder), objects, cache, jobs=jobs, done=done)

    summarise.folder, summarise.found = folder, found
    return summarise


def counts(summary):
    return {name: sum(seen.rows for seen in each.values()) for name, each in summary.columns.items()}


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_rows_of_all_objects_are_counted_once_however_many_processes_read(lake, monkeypatch, jobs):
    monkeypatch.setattr(processes, "FEW_BYTES", 0)
    done = []

    found = lake(jobs=jobs, done=lambda each: done.append(each.key))

    assert found.rows == 20
    assert counts(found) == {"id": 20, "a": 5, "b": 5, "c": 5, "d": 5}
    assert sorted(done) == [each.key for each in lake.found]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_second_run_reads_only_what_has_come_since(lake, monkeypatch, jobs):
    monkeypatch.setattr(processes, "FEW_BYTES", 0)
    first = lake()
    for each in lake.found:
        (lake.folder / each.key).unlink()
    new = write(lake.folder, "data/t/e", record(9, e=1))

    second = lake([*lake.found[:2], new, *lake.found[2:]], jobs=jobs)

    assert counts(second) == {**counts(first), "id": 21, "e": 1}


def test_an_object_that_is_gone_counts_as_empty_and_may_come_back(lake):
    (lake.folder / lake.found[0].key).unlink()
    assert lake().rows == 15

    write(lake.folder, lake.found[0].key, *(record(number, a=number) for number in range(5)))
    assert lake().rows == 20


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_object_that_may_not_be_read_is_named(lake, monkeypatch, jobs):
    monkeypatch.setattr(processes, "FEW_BYTES", 0)
    closed = write(lake.folder, "data/t/closed", record(1))

    with pytest.raises(LakeError, match=r"s3://lake/data/t/closed cannot be read .*AccessDenied"):
        lake([*lake.found, closed], jobs=jobs)


def test_a_process_that_is_killed_ends_the_command_with_one_line(lake, monkeypatch):
    monkeypatch.setattr(processes, "FEW_BYTES", 0)
    deadly = write(lake.folder, "data/t/deadly", record(1))

    with pytest.raises(LakeError, match="--jobs 1"):
        lake([*lake.found, deadly], jobs=2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_keeps_what_is_done(lake, monkeypatch, jobs):
    monkeypatch.setattr(processes, "FEW_BYTES", 0)

    def interrupt(each):
        done.append(each.key)
        raise KeyboardInterrupt

    done = []
    with pytest.raises(KeyboardInterrupt):
        lake(jobs=jobs, done=interrupt)
    (lake.folder / done[0]).unlink()

    assert lake().rows == 20


class Breaking(FolderClient):
    """Breaks off in the middle of an object, as often as it says."""

    times = 0

    def get_object(self, *, Bucket, Key):  # noqa: N803  # boto3's names
        body = super().get_object(Bucket=Bucket, Key=Key)["Body"]
        if self.times:
            self.times -= 1
            whole, body.read = body.read(), lambda _size: pieces()
            given = [whole[:40]]

            def pieces():
                if given:
                    return given.pop()
                raise ReadTimeoutError(endpoint_url="s3")

        return {"Body": body}


def test_an_object_that_breaks_off_is_read_again_from_its_start(lake):
    client = Breaking(lake.folder)
    client.times = 2

    assert summarising.read(client, "lake", lake.found[0].key).rows == 5


def test_an_object_that_breaks_off_every_time_is_named(lake):
    client = Breaking(lake.folder)
    client.times = 99

    with pytest.raises(LakeError, match=r"s3://lake/data/t/a cannot be read .*timeout"):
        summarising.read(client, "lake", lake.found[0].key)


def test_a_large_object_is_left_soon_after_the_user_has_stopped(lake):
    key = write(lake.folder, "data/t/large", *(record(number) for number in range(5000))).key

    with pytest.raises(summarising.Stopped):
        summarising.read(FolderClient(lake.folder), "lake", key, lambda: True)


def test_a_source_reaches_its_bucket_from_another_process():
    import pickle

    source = summarising.Source({"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}, "eu-north-1", "lake")

    there = pickle.loads(pickle.dumps(source))  # noqa: S301  # made here
    assert there.client().meta.region_name == "eu-north-1"

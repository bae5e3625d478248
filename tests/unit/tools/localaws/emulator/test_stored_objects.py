from __future__ import annotations

import json

import pytest

from tools.localaws.emulator import stored_objects
from tools.localaws.emulator.database import UnusableStateError

MD5 = "9a0364b9e99bb480dd25e1f0284c8555"
"""Of b"content"."""


def write(folder, key="a/b.gz", content=b"content"):
    path = str(folder / key)
    return stored_objects._write_all([(path, content), (f"{path}.meta.json", json.dumps({"key": key}).encode())])


def test_an_object_and_its_metadata_are_written_and_pass_the_check(tmp_path):
    assert write(tmp_path)
    assert (tmp_path / "a" / "b.gz").read_bytes() == b"content"
    assert json.loads((tmp_path / "a" / "b.gz.meta.json").read_text())["key"] == "a/b.gz"
    stored_objects._check(tmp_path)


def test_where_one_file_cannot_be_written_neither_is_changed(tmp_path, monkeypatch):
    write(tmp_path, content=b"old")
    failing = iter([None, OSError(28, "No space left on device")])

    def fsync(_handle):
        if error := next(failing):
            raise error

    monkeypatch.setattr(stored_objects.os, "fsync", fsync)
    token = stored_objects._failures.set([])
    assert not write(tmp_path, content=b"new")
    assert "No space left" in stored_objects._failures.get()[0]
    stored_objects._failures.reset(token)
    assert (tmp_path / "a" / "b.gz").read_bytes() == b"old"
    assert sorted(file.name for file in (tmp_path / "a").iterdir()) == ["b.gz", "b.gz.meta.json"]


def test_a_disk_that_is_read_only_is_told_like_any_other_failure(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(stored_objects.Path, "open", refuse)
    monkeypatch.setattr(stored_objects.Path, "unlink", refuse)
    token = stored_objects._failures.set([])
    assert not write(tmp_path)
    assert "Read-only file system" in stored_objects._failures.get()[0]
    stored_objects._failures.reset(token)


def test_any_flipped_byte_of_metadata_is_named(tmp_path):
    write(tmp_path)
    file = tmp_path / "a" / "b.gz.meta.json"
    whole = file.read_bytes()
    for position in range(len(whole)):
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(UnusableStateError, match=r"b\.gz\.meta\.json is damaged; .*remove it and b\.gz"):
            stored_objects._check(tmp_path)


@pytest.mark.parametrize("etag", [MD5, "a-2", ""])
def test_content_that_is_as_written_is_read(etag):
    assert stored_objects._checked(b"content", {"size": 7, "etag": f'"{etag}"'}, "lake", "x") == b"content"


@pytest.mark.parametrize("content", [b"", b"contenT", b"content "])
def test_content_that_is_not_as_written_is_an_error(content):
    found = {"size": 7, "etag": MD5}
    with pytest.raises(OSError, match="object x of bucket lake is damaged"):
        stored_objects._checked(content, found, "lake", "x")

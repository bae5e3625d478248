from __future__ import annotations

import gzip
import json
from contextlib import suppress
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket, Killed
from tools.errors import LakeError
from tools.lake import export, export_manifest
from tools.lake.erasure import versions
from tools.lake.erasure.export_mending import ExportMender
from tools.lake.erasure.removing import Remover
from tools.lake.export import Export

PREFIX = "exports/t/"
FOLDER = f"{PREFIX}AWSDynamoDB/1"
HELD = SimpleNamespace(check=lambda: None)
KEYS = [["me", "a"], ["me"], ["b"], []]
EXPORT = Export("arn:aws:dynamodb:eu-west-1:1:table/t/export/1", NAME, 17, 4, f"{FOLDER}/manifest-summary.json")


class Exports(Bucket):
    """An export as DynamoDB writes it, with members that only AWS knows."""

    def __init__(self):
        super().__init__()
        listed = []
        for number, keys in enumerate(KEYS):
            content = gzip.compress(b"".join(json.dumps({"Item": {"id": {"S": key}}}).encode() + b"\n" for key in keys))
            name = f"{FOLDER}/data/{number}.json.gz"
            etag = self.place(name, content).etag
            told = {"itemCount": len(keys), "md5Checksum": export_manifest.md5(content).decode(), "etag": etag}
            listed.append(json.dumps({**told, "dataFileS3Key": name, "more": "of AWS"}))
        self.manifest("files", "\n".join(listed))
        self.manifest("summary", json.dumps({"itemCount": 4, "manifestFilesS3Key": f"{FOLDER}/manifest-files.json"}))

    def manifest(self, name, content):
        self.place(f"{FOLDER}/manifest-{name}.json", content.encode())
        self.place(f"{FOLDER}/manifest-{name}.checksum", export_manifest.md5(content.encode()))

    def list_objects_v2(self, **request):
        return next(self.paginate(**request))

    def erase(self):
        remover = Remover(self, NAME, HELD, None)
        for number, keys in enumerate(KEYS):
            key = f"{FOLDER}/data/{number}.json.gz"
            doomed = [each for each in versions.of_key(self, NAME, key) if "me" in keys]
            remover.take_out(key, doomed, lambda line: b'"me"' in line, is_listed=True)
        return ExportMender(self, NAME, HELD).mend(PREFIX)

    def read(self):
        files = export_manifest.files(self, EXPORT)
        return [item["id"]["S"] for file in files for item in export.items(self, NAME, file)]


def test_an_export_is_read_whole_after_an_erasure_and_tells_what_only_aws_knows_still():
    s3 = Exports()
    assert s3.read() == ["me", "a", "me", "b"]

    assert s3.erase() == 1

    assert s3.read() == ["a", "b"]
    entries = [json.loads(line) for line in s3.body(f"{FOLDER}/manifest-files.json").splitlines()]
    assert [entry["itemCount"] for entry in entries] == [1, 0, 1, 0]
    assert {entry["more"] for entry in entries} == {"of AWS"}
    assert ExportMender(s3, NAME, HELD).mend(PREFIX) == 0


def test_a_second_erasure_counts_what_both_have_taken():
    s3 = Exports()
    s3.erase()
    key = f"{FOLDER}/data/0.json.gz"
    doomed = versions.of_key(s3, NAME, key)
    Remover(s3, NAME, HELD, None).take_out(key, doomed, lambda line: b'"a"' in line, is_listed=True)
    ExportMender(s3, NAME, HELD).mend(PREFIX)

    assert s3.read() == ["b"]


CALLS = 60


def test_whichever_call_it_dies_at_the_next_run_ends_as_if_it_had_not():
    for at in range(1, CALLS):
        s3 = Exports()
        s3.calls, s3.dies_at = [], at
        with suppress(Killed):
            s3.erase()
            return
        s3.revive()
        s3.erase()
        assert s3.read() == ["a", "b"], at
    pytest.fail("the erasure has more calls than that")


def test_what_somebody_else_did_to_an_export_stays_visible():
    s3 = Exports()
    s3.place(f"{FOLDER}/data/2.json.gz", gzip.compress(b'{"Item":{"id":{"S":"c"}}}\n'))
    s3.erase()
    with pytest.raises(LakeError, match="is not the file of 1 items that its manifest tells of"):
        s3.read()

    s3 = Exports()
    s3.place(f"{FOLDER}/manifest-files.json", s3.body(f"{FOLDER}/manifest-files.json").replace(b'"etag"', b'"other"'))
    assert s3.erase() == 0
    with pytest.raises(LakeError, match="is not what DynamoDB wrote"):
        s3.read()


def test_a_manifest_that_counts_fewer_items_than_dynamodb_has_exported_is_refused():
    s3 = Exports()
    entry = s3.body(f"{FOLDER}/manifest-files.json").decode().splitlines()[0]
    s3.manifest("files", entry)
    s3.manifest("summary", json.dumps({"itemCount": 2, "manifestFilesS3Key": f"{FOLDER}/manifest-files.json"}))

    with pytest.raises(LakeError, match="counts other items than DynamoDB says"):
        s3.read()

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
from datetime import UTC, datetime

import pytest

from tools.errors import LakeError
from tools.lake import export, export_manifest
from tools.lake.export import Export, Exporter, File, Window

ARN = "arn:aws:dynamodb:eu-west-1:1:table/t/export/1"
FOLDER = "exports/t/AWSDynamoDB/1"
FOUND = Export(ARN, "lake", 17, 3, f"{FOLDER}/manifest-summary.json")


def md5(content):
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


class Bucket:
    """An export as DynamoDB writes it: two files, and an empty one."""

    def __init__(self, ending=".checksum"):
        self.objects = {}
        files = []
        for number, keys in enumerate((["a", "b"], ["c"], [])):
            lines = b"".join(json.dumps({"Item": {"id": {"S": key}}}).encode() + b"\n" for key in keys)
            name = f"{FOLDER}/data/{number}.json.gz"
            self.objects[name] = gzip.compress(lines)
            told = {"itemCount": len(keys), "md5Checksum": md5(self.objects[name]), "etag": "x", "dataFileS3Key": name}
            files.append(json.dumps(told))
        self._manifest("files", "\n".join(files), ending)
        summary = {"itemCount": 3, "manifestFilesS3Key": f"{FOLDER}/manifest-files.json", "exportArn": ARN}
        self._manifest("summary", json.dumps(summary), ending)

    def _manifest(self, name, content, ending):
        self.objects[f"{FOLDER}/manifest-{name}.json"] = content.encode()
        self.objects[f"{FOLDER}/manifest-{name}{ending}"] = md5(content.encode()).encode()

    def get_object(self, *, Bucket, Key):  # noqa: N803  # boto3's names
        assert Bucket == "lake"
        return {"Body": io.BytesIO(self.objects[Key])}

    def list_objects_v2(self, *, Prefix, **_):  # noqa: N803
        return {"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}


def read(bucket):
    return [
        item["id"]["S"] for file in export_manifest.files(bucket, FOUND) for item in export.items(bucket, "lake", file)
    ]


@pytest.mark.parametrize("ending", [".checksum", ".md5"])
def test_all_items_of_an_export_are_read(ending):
    assert read(Bucket(ending)) == ["a", "b", "c"]


def broken(change):
    bucket = Bucket()
    change(bucket.objects)
    return bucket


DATA, FILES, SUMMARY = (
    f"{FOLDER}/{name}" for name in ("data/0.json.gz", "manifest-files.json", "manifest-summary.json")
)
OTHER = gzip.compress(b'{"Item":{"id":{"S":"a"}}}\n{"Item":{"id":{"S":"B"}}}\n')


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda objects: objects.update({DATA: OTHER}), "is not the file of 2 items"),
        (lambda objects: objects.update({DATA: objects[DATA][:-9]}), "is damaged"),
        (lambda objects: objects.update({DATA: objects[DATA] + gzip.compress(b"")}), "is not the file of 2 items"),
        (lambda objects: objects.update({FILES: objects[FILES].partition(b"\n")[2]}), "its checksum is another"),
        (lambda objects: objects.update({SUMMARY: objects[SUMMARY].replace(b"3", b"4")}), "its checksum is another"),
    ],
)
def test_what_is_not_what_dynamodb_wrote_is_an_error(change, said):
    with pytest.raises(LakeError, match=said):
        read(broken(change))


class Table:
    """Exports, each of which is begun once for a token and takes two looks to finish."""

    def __init__(self, status="COMPLETED"):
        self.requests, self._status, self._looks, self.window = [], status, 0, None

    def export_table_to_point_in_time(self, **request):
        self.requests.append(request)
        return {"ExportDescription": {"ExportArn": ARN}}

    def describe_export(self, *, ExportArn):  # noqa: N803
        self._looks += 1
        window = {"IncrementalExportSpecification": self.window} if self.window else {}
        return {
            "ExportDescription": {
                **window,
                "ExportArn": ExportArn,
                "ExportStatus": self._status if self._looks > 1 else "IN_PROGRESS",
                "S3Bucket": "lake",
                "ExportTime": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
                "ItemCount": 3,
                "ExportManifest": FOUND.manifest,
                "FailureCode": "S3AccessDenied",
                "FailureMessage": "no",
            }
        }


def test_an_export_is_begun_encrypted_in_the_lakes_account_and_followed_to_its_end(monkeypatch):
    monkeypatch.setattr(export, "_POLL_SECONDS", 0)
    table, told = Table(), []
    exporter = Exporter(table, "table-arn", bucket="lake", prefix="exports/t", kms_key_arn="key-arn", owner="222")

    found = exporter.follow(exporter.start("token"), told.append)

    assert table.requests == [
        {
            "TableArn": "table-arn",
            "S3Bucket": "lake",
            "S3Prefix": "exports/t",
            "S3SseAlgorithm": "KMS",
            "S3SseKmsKeyId": "key-arn",
            "S3BucketOwner": "222",
            "ClientToken": "token",
        }
    ]
    assert found == Export(ARN, "lake", 1_000_000, 3, FOUND.manifest)
    assert told == ["the export is in progress"]


def test_an_export_that_has_failed_says_why(monkeypatch):
    monkeypatch.setattr(export, "_POLL_SECONDS", 0)
    with pytest.raises(LakeError, match=r"has failed: S3AccessDenied: no$"):
        Exporter(Table("FAILED"), "table-arn", bucket="lake", prefix="exports/t").follow(ARN, lambda _: None)
    across = Exporter(Table("FAILED"), "table-arn", bucket="lake", prefix="exports/t", owner="222")
    with pytest.raises(LakeError, match=r"S3AccessDenied: no; the lake's account lets in .* exporter_role_arns"):
        across.follow(ARN, lambda _: None)


def test_what_changed_in_a_window_is_exported_and_its_time_is_the_windows_end(monkeypatch):
    monkeypatch.setattr(export, "_POLL_SECONDS", 0)
    table = Table()
    exporter = Exporter(table, "table-arn", bucket="lake", prefix="exports/t")

    exporter.start(window=Window(60, 960))

    (request,) = table.requests
    assert request["ExportType"] == "INCREMENTAL_EXPORT"
    assert request["IncrementalExportSpecification"] == {
        "ExportFromTime": datetime(1970, 1, 1, 0, 1, tzinfo=UTC),
        "ExportToTime": datetime(1970, 1, 1, 0, 16, tzinfo=UTC),
        "ExportViewType": "NEW_AND_OLD_IMAGES",
    }
    table.window = request["IncrementalExportSpecification"]
    found = exporter.follow(ARN, lambda _: None)
    assert (found.time_us, found.is_incremental) == (960_000_000, True)


CHANGES = (
    b'{"Metadata":{"WriteTimestampMicros":{"N":"7"}},"Keys":{"id":{"S":"a"}},"NewImage":{"id":{"S":"a"}}}\n'
    b'{"Metadata":{"WriteTimestampMicros":{"N":"8"}},"Keys":{"id":{"S":"b"}},"OldImage":{"id":{"S":"b"}}}\n'
)


def test_changes_have_the_time_of_their_write_and_no_image_where_there_was_none():
    bucket = Bucket()
    bucket.objects["c.json.gz"] = gzip.compress(CHANGES)

    found = list(export.changes(bucket, "lake", File("c.json.gz", 2, md5(bucket.objects["c.json.gz"]))))

    assert [(each.keys, each.new is None, each.old is None, each.written_us) for each in found] == [
        ({"id": {"S": "a"}}, False, True, 7),
        ({"id": {"S": "b"}}, True, False, 8),
    ]
    bucket.objects["c.json.gz"] = gzip.compress(CHANGES.replace(b'"N":"7"', b'"N":"x"'))
    with pytest.raises(LakeError, match="is damaged"):
        list(export.changes(bucket, "lake", File("c.json.gz", 2, "other")))

from __future__ import annotations

import base64
import gzip
import hashlib
import json

import pytest

from tools.localaws.emulator import export_files
from tools.localaws.emulator.item_history import Change

LINES = [(str(number), export_files.full_line({"id": {"S": str(number)}})) for number in range(200)]


def md5(content):
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def test_every_line_is_in_one_data_file_and_a_partition_key_is_in_one_only():
    others = [(key, export_files.full_line({"id": {"S": key}, "sort": {"N": "2"}})) for key, _ in LINES]
    found = export_files.data_files([*LINES, *others], "AWSDynamoDB/1/data", "1")

    read = [gzip.decompress(file.content).splitlines(keepends=True) for file in found]
    assert sorted(line for lines in read for line in lines) == sorted(line for _, line in [*LINES, *others])
    assert [file.items for file in found] == [len(lines) for lines in read]
    keys = [{json.loads(line)["Item"]["id"]["S"] for line in lines} for lines in read]
    assert sum(len(each) for each in keys) == len(LINES)
    assert len({file.key for file in found}) == len(found) > 1


def test_an_empty_table_has_empty_files():
    found = export_files.data_files([], "AWSDynamoDB/1/data", "1")

    assert [(gzip.decompress(file.content), file.items) for file in found] == [(b"", 0)] * len(found)


def test_the_same_export_has_the_same_files_and_another_has_other_names():
    first, again = (export_files.data_files(LINES, "data", "1") for _ in range(2))
    other = export_files.data_files(LINES, "data", "2")

    assert first == again
    assert not {file.key for file in first} & {file.key for file in other}


def test_the_manifests_tell_real_checksums_and_the_summary_comes_last():
    data = export_files.data_files(LINES, "AWSDynamoDB/1/data", "1")
    found = {file.key: file.content for file in export_files.manifests("AWSDynamoDB/1", data, {"itemCount": 200})}

    for name in ("files", "summary"):
        told = found[f"AWSDynamoDB/1/manifest-{name}.checksum"].decode()
        assert told == md5(found[f"AWSDynamoDB/1/manifest-{name}.json"])
    listed = [json.loads(line) for line in found["AWSDynamoDB/1/manifest-files.json"].splitlines()]
    assert [(each["dataFileS3Key"], each["itemCount"], each["md5Checksum"]) for each in listed] == [
        (file.key, file.items, md5(file.content)) for file in data
    ]
    assert list(found)[-1] == "AWSDynamoDB/1/manifest-summary.json"
    summary = json.loads(found["AWSDynamoDB/1/manifest-summary.json"])
    assert summary == {"itemCount": 200, "manifestFilesS3Key": "AWSDynamoDB/1/manifest-files.json"}


ITEM = {"id": {"S": "é"}, "n": {"N": "0.1234567890123456789012345678901234567"}}


@pytest.mark.parametrize(
    ("change", "with_old", "images"),
    [
        (Change("é", None, ITEM, 7), True, {"NewImage": ITEM}),
        (Change("é", ITEM, None, 7), True, {"OldImage": ITEM}),
        (Change("é", ITEM, ITEM, 7), True, {"OldImage": ITEM, "NewImage": ITEM}),
        (Change("é", ITEM, ITEM, 7), False, {"NewImage": ITEM}),
        (Change("é", ITEM, None, 7), False, {}),
    ],
)
def test_a_change_is_told_with_its_images_key_and_time(change, with_old, images):
    line = export_files.change_line(change, ["id"], with_old=with_old)

    assert json.loads(line) == {
        "Metadata": {"WriteTimestampMicros": {"N": "7"}},
        "Keys": {"id": {"S": "é"}},
        **images,
    }
    assert line.endswith(b"}\n")

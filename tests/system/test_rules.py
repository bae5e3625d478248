"""A value that a rule masks, keeps in a column or leaves out is nowhere but where AWS keeps the original.

Every value of the items is unique, half of the paths have rules. All that lies under `data/`, all logs, statuses, plan
reviews, reports and packages are then searched, decoded.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import json
import re
import zipfile
from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError

from tests.system.waiting import wait_until
from tools.lake import failed_records, objects

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]

TABLE = "people"
PEOPLE = 12
READER = "mender"
"""The role that the deployment names."""
MASK_KEY = "a-key-for-tests-and-for-nothing-else"


@dataclass
class Written:
    """The values that were written: those that rules hide, and those that they do not."""

    hidden: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def secret(self, kind: str, number: str) -> str:
        value = f"hidden-{kind}-{number}-Zoë"
        self.hidden.append(value)
        return value

    def plain(self, kind: str, number: str) -> str:
        value = f"open-{kind}-{number}"
        self.open.append(value)
        return value

    def digits(self, number: str) -> str:
        value = f"8675309{int(number, 36):09d}"
        self.hidden.append(value)
        return value


def person(written, number, version):
    """Returns an item whose values are its own; its key is the same in every version."""
    mark = f"{number:02d}{version}"
    secret, plain = written.secret, written.plain
    key = f"hidden-email-{number}@example.com"
    written.hidden.append(key)
    hidden_bytes = secret("bytes", mark).encode()
    written.hidden.append(base64.b64encode(hidden_bytes).decode())
    return {
        "email": {"S": key},
        "since": {"N": str(2000 + number)},
        "name": {"S": plain("name", mark)},
        "pin": {"N": written.digits(mark)},
        "photo": {"B": hidden_bytes},
        "card": {"M": {"number": {"S": secret("card", mark)}, "kind": {"S": plain("card-kind", mark)}}},
        "contacts": {
            "L": [
                {"M": {"phone": {"S": secret("phone", mark)}, "of": {"S": plain("contact", mark)}}},
                {"L": [{"M": {"phone": {"S": secret("inner-phone", mark)}}}]},
            ]
        },
        "by.user": {"M": {secret("member", mark): {"S": secret("member-value", mark)}}},
        "groups": {"SS": [secret("group", mark)]},
        "profile": {"M": {"ssn": {"S": secret("ssn", mark)}, "bio": {"S": plain("bio", mark)}}},
        "price": {"N": f"{number}.50"},
        "Price": {"S": plain("overflowing", mark)},
        "PIN": {"S": secret("overflowing-pin", mark)},
    }


@pytest.fixture(scope="module")
def written(deployed):
    """Makes changes of every kind, and a record that cannot be transformed; returns when all have arrived."""
    written, dynamodb = Written(), deployed.client("dynamodb")
    for number in range(PEOPLE):
        for version in range(2):
            dynamodb.put_item(TableName=TABLE, Item=person(written, number, version))
    for number in range(3):
        dynamodb.delete_item(
            TableName=TABLE,
            Key={"email": {"S": f"hidden-email-{number}@example.com"}, "since": {"N": str(2000 + number)}},
        )
    broken = {"eventName": "INSERT", "tableName": TABLE, "dynamodb": {"NewImage": person(written, 90, 0)["card"]}}
    deployed.client("kinesis").put_record(
        StreamName=deployed.outputs.tables[TABLE].stream_name,
        Data=json.dumps(broken, ensure_ascii=False).encode(),
        PartitionKey="broken",
    )
    wait_until(lambda: len(rows(deployed)) >= 2 * PEOPLE + 3, "all changes")
    wait_until(lambda: deployed.keys(f"errors/{TABLE}/"), "the record that failed")
    return written


def rows(deployed):
    s3, bucket = deployed.client("s3"), deployed.outputs.bucket_name
    return [row for key in deployed.keys(f"data/{TABLE}/") for row in objects.read_records(s3, bucket, key)]


def texts(blob, depth=0):
    """Yields a blob as text, and what is in it unpacked: gzip, zip, JSON strings in JSON strings, base64."""
    if blob.startswith(b"PK\x03\x04"):
        package = zipfile.ZipFile(io.BytesIO(blob))
        for name in package.namelist():
            yield name
            yield from texts(package.read(name), depth + 1)
        return
    text = (gzip.decompress(blob) if blob.startswith(b"\x1f\x8b") else blob).decode("utf-8", errors="replace")
    yield text
    yield from map(decoded, re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", text))
    if "\\" in text:
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text)
    for line in text.splitlines() if depth < 6 else ():
        for each in strings_in(line):
            yield from texts(each.encode(errors="replace"), depth + 1)


def decoded(base64_text):
    try:
        return base64.b64decode(base64_text, validate=True).decode("utf-8", errors="replace")
    except (ValueError, binascii.Error):
        return ""


def strings_in(line):
    """Returns the names and texts in a line of JSON; none of a line of something else."""
    try:
        return list(strings(json.loads(line)))
    except ValueError:
        return []


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from strings(member)
    elif isinstance(value, list):
        for element in value:
            yield from strings(element)


def found_in(values, blob):
    seen = list(texts(blob))
    return [value for value in values if any(value in text for text in seen)]


def test_no_hidden_value_is_under_data_in_any_version_of_any_object(deployed, written):
    s3, bucket = deployed.client("s3"), deployed.outputs.bucket_name
    versions = s3.list_object_versions(Bucket=bucket, Prefix=f"data/{TABLE}/")["Versions"]
    blobs = [
        s3.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])["Body"].read() for each in versions
    ]

    assert [found for blob in blobs for found in found_in(written.hidden, blob)] == []
    every_open = {found for blob in blobs for found in found_in(written.open, blob)}
    assert every_open == set(written.open) - {value for value in written.open if value.endswith("-900")}


@pytest.mark.parametrize("spelling", ["as it is", "base64", "escaped", "JSON in JSON", "gzip"])
def test_the_search_finds_a_value_that_is_planted(written, spelling):
    value = next(each for each in written.hidden if each.startswith("hidden-card-"))
    planted = {
        "as it is": value.encode(),
        "base64": base64.b64encode(value.encode()),
        "escaped": json.dumps({"a": value}).encode(),
        "JSON in JSON": json.dumps({"a": json.dumps({"b": json.dumps([value])})}).encode(),
        "gzip": gzip.compress(json.dumps({"a": value}).encode()),
    }

    assert found_in(written.hidden, planted[spelling]) == [value]


def test_a_masked_key_stays_a_key_and_rows_say_what_their_rules_say(deployed, written):
    found = rows(deployed)
    keys = {row["cdc_key"] for row in found}

    assert len(keys) == PEOPLE
    for row in found:
        key = json.loads(row["cdc_key"])
        assert re.fullmatch(r"[0-9a-f]{64}", key["email"])
        assert row["email"] == key["email"]
        assert re.fullmatch(r"[0-9a-f]{64}", row["pin"])
        assert "card__number" not in row
        assert "groups" not in row
        assert json.loads(row["profile"]).keys() == {"bio"}
        assert isinstance(row["price"], str)
        assert (row["cdc_event"] == "MODIFY") == ("cdc_before" in row)
    by_event = {event: [row for row in found if row["cdc_event"] == event] for event in ("INSERT", "MODIFY", "REMOVE")}
    assert {event: len(these) for event, these in by_event.items()} == {"INSERT": PEOPLE, "MODIFY": PEOPLE, "REMOVE": 3}
    for modify in by_event["MODIFY"]:
        (insert,) = [row for row in by_event["INSERT"] if row["cdc_key"] == modify["cdc_key"]]
        before = json.loads(modify["cdc_before"])
        assert (before["name"], before["pin"]) == (insert["name"], insert["pin"])
        assert insert["pin"] != modify["pin"]


def test_no_hidden_value_is_in_a_log_a_status_a_review_a_report_or_the_package(deployed, written, tmp_path):
    outputs = [deployed.verb("verify", "--table", TABLE)]
    outputs.append(deployed.verb("deploy", "--yes", "--native", "--plan-only", "--report", str(tmp_path / "plan.html")))
    outputs.append(deployed.verb("deploy", "--check-drift"))
    assert [each.returncode for each in outputs] == [0, 0, 0], [each.stderr for each in outputs]
    blobs = {f"output {number}": (each.stdout + each.stderr).encode() for number, each in enumerate(outputs)}
    blobs |= {str(file): file.read_bytes() for file in [tmp_path / "plan.html", *files(deployed.home)]}
    assert sum(name.endswith(".log") for name in blobs) >= 2
    assert sum(name.endswith(".zip") for name in blobs) >= 1
    logs = deployed.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        blobs[group["logGroupName"]] = "\n".join(event["message"] for event in events).encode()

    hidden = [*written.hidden, MASK_KEY]
    assert {name: found for name, blob in blobs.items() if (found := found_in(hidden, blob))} == {}


def files(home):
    """Returns the files but those in which originals or the key belong, and Terraform's providers, which are large.

    Originals are in tables, streams and objects, the key in Terraform's state and plan.
    """
    kept = (home / "emulator" / "state", home / "emulator" / "objects")
    return [
        file
        for file in home.rglob("*")
        if file.is_file()
        and not any(map(file.is_relative_to, kept))
        and "providers" not in file.relative_to(home).parts
        and ".tfstate" not in file.name
        and file.suffix != ".tfplan"
    ]


@pytest.fixture
def roles(deployed):
    """S3 clients of the role that the deployment names, and of another one: both may read everything in S3."""
    iam, document = deployed.client("iam"), {"Version": "2012-10-17"}
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "sts:AssumeRole"}
    reads = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket", "kms:Decrypt"], "Resource": "*"}
    for name in (READER, "analyst"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({**document, "Statement": [trust]}))
        policy = json.dumps({**document, "Statement": [reads]})
        iam.put_role_policy(RoleName=name, PolicyName="reads", PolicyDocument=policy)
    yield {
        name: deployed.session(f"arn:aws:iam::111111111111:role/{name}").client("s3") for name in (READER, "analyst")
    }
    for name in (READER, "analyst"):
        iam.delete_role_policy(RoleName=name, PolicyName="reads")
        iam.delete_role(RoleName=name)


def test_failed_records_are_originals_that_only_the_named_role_reads(deployed, written, roles):
    bucket = deployed.outputs.bucket_name
    (key, *_) = deployed.keys(f"errors/{TABLE}/")

    originals = b"".join(
        base64.b64decode(each.rawData) for each in failed_records.parse(objects.read_lines(roles[READER], bucket, key))
    )

    assert found_in(written.hidden, originals)
    assert objects.read_lines(roles["analyst"], bucket, deployed.keys(f"data/{TABLE}/")[0])
    with pytest.raises(ClientError, match="AccessDenied"):
        roles["analyst"].get_object(Bucket=bucket, Key=key)

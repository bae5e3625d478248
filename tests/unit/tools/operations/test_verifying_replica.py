from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from botocore.response import StreamingBody

from tests.unit.tools.aws_answers import failed
from tools.deployments.outputs import Outputs, Replica
from tools.errors import LakeError, UsageError
from tools.operations import verifying_replica
from tools.operations.verifying_replica import Copies

KEY_ARN = "arn:aws:kms:us-west-2:111111111111:key/1"
REPLICA = Replica("us-west-2", "copy", KEY_ARN, "role", ("data/",))
COPY = {"ReplicationStatus": "REPLICA", "SSEKMSKeyId": KEY_ARN}


class S3:
    """One Region's S3: what HeadObject says of a key, one answer after the other, and the bytes of objects."""

    def __init__(self, body=b"rows", **heads):
        self._heads = {key: list(found) for key, found in heads.items()}
        self._body = body

    def head_object(self, *, Bucket, Key):  # noqa: N803  # boto3's spelling
        found = self._heads.get(Key)
        if not found:
            raise failed("HeadObject", 404, "404")
        return found.pop(0) if len(found) > 1 else found[0]

    def get_object(self, **_):
        return {"Body": StreamingBody(io.BytesIO(self._body), len(self._body))}


def source(*states, body=b"rows"):
    return S3(
        body, a=[{"ReplicationStatus": each, "VersionId": "1"} if each else {"VersionId": "1"} for each in states]
    )


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(verifying_replica, "POLL_SECONDS", 0)


def wait(here, there, seconds=5):
    return Copies(here, "lake", there, REPLICA).wait(["a"], seconds)


def test_an_object_is_waited_for_until_it_is_in_the_replica():
    assert wait(source("PENDING", "PENDING", "COMPLETED"), S3(a=[COPY])) == {"a": "s3://copy/a"}


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        (source("PENDING", "FAILED"), S3(), r"lake/a could not be replicated.*docs/runbook\.md#replication-failing"),
        (source(None), S3(a=[COPY]), "lake/a is not to be replicated: no rule of the bucket selects it"),
        (source("COMPLETED"), S3(a=[{**COPY, "SSEKMSKeyId": "arn:other"}]), f"with arn:other, not {KEY_ARN}"),
        (source("COMPLETED"), S3(a=[{"ReplicationStatus": "REPLICA"}]), "with no customer managed key"),
        (source("COMPLETED"), S3(a=[{"SSEKMSKeyId": KEY_ARN}]), "copy/a is no replica"),
        (source("COMPLETED"), S3(b"row", a=[COPY]), "copy/a is another object than s3://lake/a"),
        (source("COMPLETED"), S3(), "s3://copy/a is gone"),
        (S3(), S3(a=[COPY]), "s3://lake/a is gone"),
    ],
)
def test_what_is_no_copy_of_the_object_is_told_at_once(here, there, said):
    with pytest.raises(LakeError, match=said):
        wait(here, there)


def test_what_does_not_come_in_time_is_told_with_where_to_look():
    with pytest.raises(LakeError, match=r"1 of 1 objects are not in the replica after 0 s.*#replica-late"):
        wait(source("PENDING"), S3(), seconds=0)


def lake(replica):
    outputs = Outputs("us-east-1", "1" * 12, "lake", replica=replica)
    asked = []

    def aws(region):
        asked.append(region)
        return SimpleNamespace(client=lambda _: source("COMPLETED") if region == "us-east-1" else S3(a=[COPY]))

    return SimpleNamespace(label="single-account", outputs=lambda: outputs, aws=aws)


def test_each_side_is_asked_in_its_own_region():
    assert verifying_replica.choose(lake(REPLICA)).wait(["a"], 1) == {"a": "s3://copy/a"}


def test_a_lake_without_a_replica_is_a_usage_error():
    with pytest.raises(UsageError, match="single-account has no replica"):
        verifying_replica.choose(lake(None))

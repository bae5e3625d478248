"""A request for a sub-resource of a bucket never touches the bucket or object itself."""

from __future__ import annotations

import contextlib

import pytest
from botocore.exceptions import ClientError

from tests.system.accounts import Account
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("corrections")]

A = service.PRODUCER
CONFIGURATIONS = {
    "metrics": {"Id": "1", "Filter": {"Prefix": "data/"}},
    "analytics": {"Id": "1", "Filter": {"Prefix": "data/"}, "StorageClassAnalysis": {}},
    "intelligent_tiering": {
        "Id": "1",
        "Status": "Enabled",
        "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
    },
    "inventory": {
        "Id": "1",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::inventory", "Format": "CSV"}},
    },
}


def member(kind):
    return "".join(word.title() for word in kind.split("_")) + "Configuration"


def exists(s3, bucket):
    return bucket in [found["Name"] for found in s3.list_buckets()["Buckets"]]


@pytest.mark.parametrize("kind", CONFIGURATIONS)
def test_a_configuration_of_a_bucket_is_told_as_it_was_put_and_deleted_alone(corrected, kind):
    s3 = Account(corrected, A).client("s3")
    bucket = f"of-{kind.replace('_', '-')}"
    s3.create_bucket(Bucket=bucket)
    configuration = CONFIGURATIONS[kind]
    call = {name: getattr(s3, f"{name}_bucket_{kind}_configuration") for name in ("put", "get", "delete")}
    listed = getattr(s3, f"list_bucket_{kind}_configurations")

    call["put"](Bucket=bucket, Id="1", **{member(kind): configuration})
    call["put"](Bucket=bucket, Id="2", **{member(kind): {**configuration, "Id": "2"}})
    assert call["get"](Bucket=bucket, Id="1")[member(kind)] == configuration
    call["delete"](Bucket=bucket, Id="1")
    assert [found["Id"] for found in listed(Bucket=bucket)[f"{member(kind)}List"]] == ["2"]
    with pytest.raises(ClientError, match="NoSuchConfiguration"):
        call["delete"](Bucket=bucket, Id="1")
    assert exists(s3, bucket)


def delete_of_metrics(local, bucket):
    s3 = Account(local, A).client("s3")
    s3.create_bucket(Bucket=bucket)
    with contextlib.suppress(ClientError):
        s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="1")
    return exists(s3, bucket)


def test_to_delete_a_configuration_that_is_not_there_leaves_the_bucket(corrected):
    assert delete_of_metrics(corrected, "of-no-metrics")


def test_the_emulator_still_needs_the_correction(uncorrected):
    assert not delete_of_metrics(uncorrected, "of-no-metrics"), (
        "the emulator leaves the bucket by itself now: remove answer_for_subresources, and this file"
    )


def test_what_the_emulator_does_not_have_is_refused(corrected):
    s3 = Account(corrected, A).client("s3")
    s3.create_bucket(Bucket="of-what-is-not-there")

    with pytest.raises(ClientError, match="NotImplemented"):
        s3.get_bucket_policy_status(Bucket="of-what-is-not-there")
    assert s3.get_bucket_request_payment(Bucket="of-what-is-not-there")["Payer"] == "BucketOwner"

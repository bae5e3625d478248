from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.unit.tools.aws_answers import failed, raising
from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.errors import LakeError
from tools.lake.erasure import replicating, versions


@pytest.fixture
def s3(monkeypatch):
    monkeypatch.setattr(replicating, "POLL_SECONDS", 0)
    found = Bucket()
    found.place("data/a", b"row")
    return found


def doomed(s3):
    return list(versions.listed(s3, NAME, "data/"))


def heads(s3):
    return [call for call in s3.calls if call[0] == "HeadObject"]


def test_a_bucket_without_rules_is_not_replicated_and_one_that_may_not_be_asked_is_not_known(s3):
    assert not replicating.is_replicated(s3, NAME)
    s3.replica = Bucket()
    assert replicating.is_replicated(s3, NAME)

    s3.get_bucket_replication = raising(failed("GetBucketReplication", 403, "AccessDenied"))
    with pytest.raises(ClientError, match="AccessDenied"):
        replicating.is_replicated(s3, NAME)


def test_a_version_is_waited_for_while_it_is_pending_and_the_lease_is_looked_at(s3):
    s3.replica, looks = Bucket(), []

    replicating.wait(s3, NAME, doomed(s3), lambda: looks.append(True))

    assert len(heads(s3)) == 2
    assert len(looks) == 1
    assert s3.replica.body("data/a") == b"row"


def test_a_version_that_is_gone_or_is_not_replicated_is_not_waited_for(s3):
    found = doomed(s3)
    replicating.wait(s3, NAME, found, lambda: pytest.fail("waited"))
    s3.replica, s3.versions = Bucket(), {}
    replicating.wait(s3, NAME, found, lambda: pytest.fail("waited"))


def test_one_that_failed_is_not_waited_for(s3):
    s3.replica = Bucket()
    s3.head_object = lambda **_: {"ReplicationStatus": "FAILED"}

    replicating.wait(s3, NAME, doomed(s3), lambda: pytest.fail("waited"))


def test_one_that_stays_pending_is_told_with_where_to_look(s3, monkeypatch):
    monkeypatch.setattr(replicating, "WAIT_SECONDS", 0)
    s3.replica = Bucket()

    with pytest.raises(LakeError, match=r"has not replicated s3://lake/data/a yet.*docs/runbook\.md#replica-late"):
        replicating.wait(s3, NAME, doomed(s3), lambda: None)

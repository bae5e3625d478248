"""Compaction of a deployed lake: Athena answers the same before, between and after, and one run works at a time."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.system.test_flow import ARTICLE, lines_under
from tests.system.waiting import wait_until
from tools.errors import LakeError
from tools.lake import lease
from tools.operations.compacting import Settings
from tools.operations.compaction_run import CompactionRun

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

ROLE = "compactor"
DATA = f"data/{ARTICLE}/"
NOT_YET_OVER = timedelta(hours=-2)
"""A margin with which the hour that still gets objects counts as over: no test waits for its end."""

ITEMS = ("--param", '%"compact-%', "--json")
VIEWS = ("changes", "current", "history")


@pytest.fixture
def compactor(deployed):
    """Clients of a role that has the permissions that docs/compaction.md names, and no others."""
    account, bucket = deployed.outputs.account_id, f"arn:aws:s3:::{deployed.outputs.bucket_name}"
    objects = [f"{bucket}/{DATA}*", f"{bucket}/ledger/{ARTICLE}/*"]
    statements = [
        {"Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": objects},
        {"Action": "s3:ListBucket", "Resource": bucket},
        {"Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": deployed.outputs.kms_key_arn},
    ]
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    iam = deployed.client("iam")
    arn = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document([trust]))["Role"]["Arn"]
    allowed = [{"Effect": "Allow", **each} for each in statements]
    iam.put_role_policy(RoleName=ROLE, PolicyName=ROLE, PolicyDocument=document(allowed))
    yield deployed.session(arn)
    iam.delete_role_policy(RoleName=ROLE, PolicyName=ROLE)
    iam.delete_role(RoleName=ROLE)


def document(statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def deliver(deployed):
    """Writes three versions of each of three items, each version into objects of its own."""
    dynamodb, known = deployed.client("dynamodb"), set(deployed.keys(DATA))
    for version in range(3):
        for number in range(3):
            item = {"id": {"S": f"compact-{number}"}, "version": {"N": f"{version}.50"}}
            dynamodb.put_item(TableName=ARTICLE, Item=item)
        wait_until(lambda done=3 * (version + 1): arrived(deployed, known) == done, "the changes of a version")


def arrived(deployed, known):
    return sum('"id":"compact-' in line for line in lines_under(deployed, DATA, known))


def answers(deployed):
    """Returns what Athena answers of the items of this test, view by view."""
    name = deployed.outputs.tables[ARTICLE].catalog_table
    found = {}
    for view in VIEWS:
        result = deployed.verb("query", " ".join(["SELECT * FROM", f"{name}_{view}", "WHERE cdc_key LIKE ?"]), *ITEMS)
        assert result.returncode == 0, result.stderr
        found[view] = sorted(result.stdout.splitlines())
    return found


def raw(deployed):
    return sorted(line for line in lines_under(deployed, DATA) if '"id":"compact-' in line)


def test_athena_answers_the_same_before_between_and_after(deployed, compactor):
    deliver(deployed)
    before, lines = answers(deployed), raw(deployed)
    assert [len(before[view]) for view in VIEWS] == [9, 3, 9]
    bucket = deployed.outputs.bucket_name

    settings = Settings(128 << 20, NOT_YET_OVER, timedelta(hours=1))
    run = CompactionRun(compactor, bucket, settings, wait=False)
    (results,) = run.run(run.survey({ARTICLE: DATA})).values()

    assert [(each.error, each.outcome.warnings) for each in results] == [(None, ())] * len(results)
    assert raw(deployed) == sorted(lines * 2)
    assert answers(deployed) == before
    made = [key for key in deployed.keys(DATA) if "/compacted-" in key]
    head = deployed.client("s3").head_object(Bucket=bucket, Key=made[-1])
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", deployed.outputs.kms_key_arn)

    waiting = deployed.verb("compact", "--table", ARTICLE, "--yes")
    assert "can be removed in" in waiting.stdout
    removed = deployed.verb("compact", "--table", ARTICLE, "--yes", "--grace", "0", "--json")

    assert removed.returncode == 0, removed.stderr
    ((table),) = json.loads(removed.stdout)
    assert sum(each["removed"] for each in table["folders"]) > len(made)
    assert raw(deployed) == lines
    assert answers(deployed) == before
    assert deployed.under_way(ARTICLE) == []


def test_one_run_works_at_a_time_and_the_other_is_told_who_does(deployed):
    s3, bucket = deployed.client("s3"), deployed.outputs.bucket_name
    held, refused = [], []
    ready, end = threading.Barrier(4), threading.Event()

    def work(number):
        ready.wait()
        try:
            with lease.held(s3, bucket, "nobody", who="w", host=str(number), verb="compact"):
                held.append(number)
                end.wait(30)
        except LakeError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: len(held) + len(refused) == 4, "four answers")
    finally:
        end.set()
        for thread in threads:
            thread.join()

    assert len(held) == 1
    assert all("compact is at work since 20" in text and f"on {held[0]}, as w" in text for text in refused)
    assert deployed.keys("ledger/nobody/") == []


def test_local_aws_honours_the_conditions_that_compaction_relies_on(deployed):
    s3, place = deployed.client("s3"), {"Bucket": deployed.outputs.bucket_name, "Key": "ledger/nobody/conditions"}
    first = s3.put_object(**place, Body=b"1", IfNoneMatch="*")["ETag"]
    second = s3.put_object(**place, Body=b"2", IfMatch=first)["ETag"]

    for refused in ({"IfNoneMatch": "*"}, {"IfMatch": first}):
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.put_object(**place, Body=b"3", **refused)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.delete_object(**place, IfMatch=first)
    kept = s3.delete_objects(
        Bucket=place["Bucket"], Delete={"Objects": [{"Key": place["Key"], "ETag": first}], "Quiet": True}
    )
    assert [error["Code"] for error in kept["Errors"]] == ["PreconditionFailed"]
    assert s3.get_object(**place)["Body"].read() == b"2"

    s3.delete_object(**place, IfMatch=second)
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.put_object(**place, Body=b"4", IfMatch=second)

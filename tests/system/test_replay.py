"""Replay of a deployed lake: what failed becomes rows, later changes still win, and the rest stays with its reason."""

from __future__ import annotations

import base64
import json
import uuid
from collections import Counter

import pytest

from tests.system.test_compaction import document
from tests.system.test_flow import ARTICLE, lines_under
from tests.system.waiting import wait_until
from tools.lake.replay.selection import Selection
from tools.operations.replay_run import Function, ReplayRun
from tools.operations.replaying import Settings

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

ROLE = "replayer"
ERRORS = f"errors/{ARTICLE}/"
GARBAGE = b"this is no change record of replay"
FIRST_US, LATER_US = 1769854830123456, 1769854830123457
MARK = f"replay-{uuid.uuid4().hex}"
KEYS = (f"{MARK}-1", f"{MARK}-2")


@pytest.fixture
def replayer(deployed):
    """Clients of a role that has the permissions that docs/replay.md names, and no others."""
    outputs = deployed.outputs
    bucket = f"arn:aws:s3:::{outputs.bucket_name}"
    here = f"{outputs.region}:{outputs.account_id}"
    objects = [f"{bucket}/{each}{ARTICLE}/*" for each in ("data/", "errors/", "ledger/")]
    statements = [
        {"Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": objects},
        {"Action": "s3:ListBucket", "Resource": bucket},
        {"Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": outputs.kms_key_arn},
        {
            "Action": ["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"],
            # Local AWS looks at the function's ARN, and AWS at that of the alias.
            "Resource": [f"arn:aws:lambda:{here}:function:{outputs.function_name}{end}" for end in ("", ":live")],
        },
        {"Action": "logs:FilterLogEvents", "Resource": f"arn:aws:logs:{here}:log-group:/aws/lambda/*"},
    ]
    root = f"arn:aws:iam::{outputs.account_id}:root"
    trust = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"}
    iam = deployed.client("iam")
    arn = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document([trust]))["Role"]["Arn"]
    allowed = [{"Effect": "Allow", **each} for each in statements]
    iam.put_role_policy(RoleName=ROLE, PolicyName=ROLE, PolicyDocument=document(allowed))
    yield deployed.session(arn)
    iam.delete_role_policy(RoleName=ROLE, PolicyName=ROLE)
    iam.delete_role(RoleName=ROLE)


def change(key, at_us, note):
    """Returns a change record of an item, whose eventID follows from key and time."""
    item = {"id": {"S": key}, "note": {"S": note}}
    return json.dumps(
        {
            "eventID": f"event-{key}-{at_us}",
            "eventName": "MODIFY",
            "tableName": ARTICLE,
            "dynamodb": {
                "ApproximateCreationDateTime": at_us,
                "ApproximateCreationDateTimePrecision": "MICROSECOND",
                "Keys": {"id": {"S": key}},
                "NewImage": item,
            },
        }
    ).encode()


def put(deployed, *records):
    stream = deployed.outputs.tables[ARTICLE].stream_name
    deployed.client("kinesis").put_records(
        StreamName=stream, Records=[{"Data": data, "PartitionKey": "same"} for data in records]
    )


def fail(deployed):
    """Lets a record fail that never succeeds, and puts others beside it as if their batch had failed as a whole.

    Of one of these the same change is delivered as well, and of both a later one.
    """
    known = set(deployed.keys(ERRORS))
    later = [change(key, LATER_US, "later") for key in KEYS]
    put(deployed, GARBAGE, *later, change(KEYS[1], FIRST_US, "first"))
    (key,) = wait_until(lambda: set(deployed.keys(ERRORS)) - known, "a line under errors/")
    wait_until(lambda: len(rows(deployed)) == 3, "the changes that did not fail")
    (line,) = map(json.loads, lines_under(deployed, ERRORS, known))
    lost = [change(key, FIRST_US, "first") for key in KEYS]
    lines = [line | {"rawData": base64.b64encode(data).decode(), "errorCode": "Lambda.Lost"} for data in lost]
    body = "".join(json.dumps(each) + "\n" for each in lines).encode()
    deployed.client("s3").put_object(Bucket=deployed.outputs.bucket_name, Key=f"{key}-lost", Body=body)


def rows(deployed):
    return [row for row in map(json.loads, lines_under(deployed, f"data/{ARTICLE}/")) if row["id"] in KEYS]


def ask(deployed):
    """Returns what the views answer of the items of this test: (view, key, note) -> sequence number."""
    name = deployed.outputs.tables[ARTICLE].catalog_table
    views = [
        f"SELECT '{view}' AS view, id, note, {number} AS number FROM {name}_{view} WHERE id LIKE '{MARK}%'"  # noqa: S608
        for view, number in (("changes", "cdc_sequence_number"), ("current", "CAST(NULL AS varchar)"))
    ]
    result = deployed.verb("query", " UNION ALL ".join(views), "--json")
    assert result.returncode == 0, result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    return {(row["view"], row["id"], row["note"]): row["number"] for row in found}


def test_what_failed_becomes_rows_and_a_later_change_still_wins(deployed, replayer):
    fail(deployed)
    listed = json.loads(deployed.verb("replay", "--list", "--json", "--table", ARTICLE).stdout)[0]
    assert {each["code"]: each["records"] for each in listed["failures"]}["Lambda.Lost"] == 2
    assert "not one JSON document in UTF-8" in {each["reason"] for each in listed["function_log"]}

    tables = {ARTICLE: deployed.outputs.tables[ARTICLE]}
    run = ReplayRun(replayer, deployed.outputs.bucket_name, tables, Settings(Selection(), 2))
    outcome = run.replay(run.survey(), Function(replayer, deployed.outputs))[ARTICLE]

    assert outcome.counts.rows == 2
    assert "not one JSON document in UTF-8" in outcome.reasons
    found = Counter((row["id"], row["cdc_event_id"], row["cdc_sequence_number"] is None) for row in rows(deployed))
    assert set(found.values()) == {1}
    assert sum(is_replayed for _, _, is_replayed in found) == 2
    assert deployed.under_way(ARTICLE) == []

    answers = ask(deployed)
    assert answers.keys() == {
        *(("changes", key, note) for key in KEYS for note in ("first", "later")),
        *(("current", key, "later") for key in KEYS),
    }
    # Of a change that is there twice, the delivered one counts.
    assert answers["changes", KEYS[0], "first"] is None
    assert answers["changes", KEYS[1], "first"]
    failed = deployed.verb("query", "--table", ARTICLE, "--failed", "--json")
    assert {json.loads(line)["errormessage"] for line in failed.stdout.splitlines()} == set(outcome.reasons)

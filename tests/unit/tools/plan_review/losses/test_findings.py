"""Which resources of a plan the rules are for."""

from __future__ import annotations

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review.losses import findings

SHORTER = ({"retention_period": 48}, {"retention_period": 24})


def test_a_stream_that_is_replaced_is_told_once_with_what_goes_with_it():
    (found,) = findings.find(planned(change("a.b", "aws_kinesis_stream", ["delete", "create"], *SHORTER)))

    assert found.is_removal


def test_what_is_made_anew_loses_nothing():
    assert findings.find(planned(change("a.b", "aws_kinesis_stream", ["create"], None, SHORTER[1]))) == []


def test_what_cannot_be_read_does_not_pass_for_harmless():
    (found,) = findings.find(
        planned(change("a.b", "aws_kinesis_stream", ["update"], SHORTER[0], {"retention_period": []}))
    )

    assert found.refuses
    assert found.what == "retention_period cannot be read"


def test_settings_that_go_with_their_bucket_are_told_once_of_the_bucket():
    versioning = {"bucket": "lake", "versioning_configuration": [{"status": "Enabled"}]}
    changes = (
        change("a.versioning", "aws_s3_bucket_versioning", ["delete"], versioning, None),
        change("a.bucket", "aws_s3_bucket", ["delete"], {"bucket": "lake"}, None),
        change("a.other", "aws_s3_bucket_versioning", ["delete"], versioning | {"bucket": "other"}, None),
    )

    assert [each.address for each in findings.find(planned(*changes))] == ["a.bucket", "a.other"]


RULES = {
    "bucket": "lake",
    "rule": [{"status": "Enabled", "filter": [{"prefix": "errors/t/"}], "expiration": [{"days": 30}]}],
}
EXPIRING = change("a.rules", "aws_s3_bucket_lifecycle_configuration", ["create"], None, RULES)


def bucket(actions, before):
    return change("a.bucket", "aws_s3_bucket", actions, before, {"bucket": "lake"})


def test_rules_that_are_made_change_a_bucket_that_is_there_and_no_other():
    deployed, made = bucket(["no-op"], {"bucket": "lake"}), bucket(["create"], None)
    outputs = {"region": "r"}

    assert [each.address for each in findings.find(planned(deployed, EXPIRING, before=outputs, after=outputs))] == [
        "a.rules"
    ]
    assert findings.find(planned(made, EXPIRING, before=outputs, after=outputs)) == []


def test_a_first_deployment_that_was_interrupted_goes_on():
    deployed = bucket(["no-op"], {"bucket": "lake"})

    assert findings.find(planned(deployed, EXPIRING, before={}, after={"region": "r"})) == []

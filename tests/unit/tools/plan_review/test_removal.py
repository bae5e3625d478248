from __future__ import annotations

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review import removal
from tools.plan_review.removal import Removal

TABLE = 'module.table["orders"].aws_dynamodb_table.this["orders"]'


def removed(address, before, *actions):
    return change(address, address.split(".")[-2], list(actions or ["delete"]), before, None)


def test_what_a_plan_takes_away_is_told_by_what_must_be_done_before():
    found = removal.find(
        planned(
            removed(TABLE, {"name": "orders", "deletion_protection_enabled": True}, "delete", "create"),
            removed("m.aws_dynamodb_table.old", {"name": "old", "deletion_protection_enabled": False}),
            removed(
                "m.aws_dynamodb_kinesis_streaming_destination.this", {"table_name": "orders", "stream_arn": "arn:s"}
            ),
            removed("m.aws_kinesis_firehose_delivery_stream.this", {"name": "orders-delivery-stream"}),
            removed("r.aws_s3_bucket.this", {"bucket": "copy", "region": "us-west-2"}),
            removed("m.aws_s3_bucket.this", {"bucket": "lake", "region": "us-east-1"}),
            removed("r.aws_s3_bucket_replication_configuration.this", {"bucket": "lake"}),
            removed("m.aws_kms_key.this", {"arn": "arn:key"}),
            removed("m.aws_lambda_function.this", {"function_name": "transform"}),
            removed("m.aws_sns_topic.this", {"name": "alarms"}),
        )
    )

    assert found == Removal(
        tables=("orders", "old"),
        protected_tables=("orders",),
        destinations=(("orders", "arn:s"),),
        delivery_streams=("orders-delivery-stream",),
        buckets={"lake": "us-east-1", "copy": "us-west-2"},
        replicated_buckets=("lake",),
        key_arns=("arn:key",),
        functions=("transform",),
    )


def test_what_is_replicated_comes_before_its_replica():
    buckets = [removed(f"{name}.aws_s3_bucket.this", {"bucket": name}) for name in ("copy", "lake", "other")]
    ended = removed("r.aws_s3_bucket_replication_configuration.this", {"bucket": "lake"})

    assert list(removal.find(planned(*buckets, ended)).buckets) == ["lake", "copy", "other"]
    assert list(removal.find(planned(*buckets)).buckets) == ["copy", "lake", "other"]


def test_what_stays_or_is_changed_is_not_removed():
    kept = {"name": "orders", "deletion_protection_enabled": True}

    assert removal.find(planned(change(TABLE, "aws_dynamodb_table", ["update"], kept, kept))) == Removal()

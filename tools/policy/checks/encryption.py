"""Encryption at rest: every resource that can have a customer managed key has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tools.policy.checks.base import ResourceRule
from tools.policy.hcl import is_given, texts, value

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "aws_athena_workgroup": ("configuration", "result_configuration", "encryption_configuration", "kms_key_arn"),
    "aws_cloudwatch_log_group": ("kms_key_id",),
    "aws_dynamodb_table": ("server_side_encryption", "kms_key_arn"),
    "aws_glue_security_configuration": ("encryption_configuration", "cloudwatch_encryption", "kms_key_arn"),
    "aws_kinesis_firehose_delivery_stream": ("extended_s3_configuration", "kms_key_arn"),
    "aws_kinesis_stream": ("kms_key_id",),
    "aws_lambda_function": ("kms_key_arn",),
    "aws_s3_bucket_server_side_encryption_configuration": (
        "rule",
        "apply_server_side_encryption_by_default",
        "kms_master_key_id",
    ),
    "aws_s3_object": ("kms_key_id",),
    "aws_scheduler_schedule": ("kms_key_arn",),
    "aws_sfn_state_machine": ("encryption_configuration", "kms_key_id"),
    "aws_sns_topic": ("kms_master_key_id",),
    "aws_sqs_queue": ("kms_master_key_id",),
}
"""Resource type -> path of the attribute that names its key."""

_CHECK_IDS: Final = {
    "aws_athena_workgroup": "CKV_LAKE_11",
    "aws_cloudwatch_log_group": "CKV_LAKE_12",
    "aws_dynamodb_table": "CKV_LAKE_13",
    "aws_glue_security_configuration": "CKV_LAKE_26",
    "aws_kinesis_firehose_delivery_stream": "CKV_LAKE_14",
    "aws_kinesis_stream": "CKV_LAKE_15",
    "aws_lambda_function": "CKV_LAKE_16",
    "aws_s3_bucket_server_side_encryption_configuration": "CKV_LAKE_17",
    "aws_s3_object": "CKV_LAKE_44",
    "aws_scheduler_schedule": "CKV_LAKE_41",
    "aws_sfn_state_machine": "CKV_LAKE_42",
    "aws_sns_topic": "CKV_LAKE_18",
    "aws_sqs_queue": "CKV_LAKE_19",
}

_ALGORITHMS: Final[dict[str, tuple[tuple[str, ...], object]]] = {
    "aws_athena_workgroup": (
        ("configuration", "result_configuration", "encryption_configuration", "encryption_option"),
        "SSE_KMS",
    ),
    "aws_dynamodb_table": (("server_side_encryption", "enabled"), True),
    "aws_glue_security_configuration": (
        ("encryption_configuration", "cloudwatch_encryption", "cloudwatch_encryption_mode"),
        "SSE-KMS",
    ),
    "aws_kinesis_stream": (("encryption_type",), "KMS"),
    "aws_s3_bucket_server_side_encryption_configuration": (
        ("rule", "apply_server_side_encryption_by_default", "sse_algorithm"),
        "aws:kms",
    ),
    "aws_sfn_state_machine": (("encryption_configuration", "type"), "CUSTOMER_MANAGED_KMS_KEY"),
}
"""Resource type -> path of a further attribute that must be set, and its value."""


def rule(kind: str) -> ResourceRule:
    """Returns the rule that resources of this type are encrypted with a customer managed key."""

    def passes(resource: Mapping[str, Any]) -> bool:
        path, wanted = _ALGORITHMS.get(kind, ((), None))
        key = value(resource, *KEYS[kind])
        return (
            is_given(key)
            and not any("alias/aws/" in text for text in texts(key))
            and (not path or value(resource, *path) == wanted)
        )

    return ResourceRule(_CHECK_IDS[kind], f"Every {kind} is encrypted with a customer managed key", (kind,), passes)


RULES: Final = [rule(kind) for kind in KEYS]

"""What is lost with a resource that a plan deletes, replaces or forgets.

Types that are not listed hold nothing of their own: Terraform makes them again as they were.
"""

from __future__ import annotations

from typing import Final

LOSSES: Final = {
    "aws_dynamodb_table": "the table and every item in it are deleted",
    "aws_kinesis_stream": "changes in the stream that are not delivered yet are lost",
    "aws_dynamodb_kinesis_streaming_destination": "changes made to the table while the destination is off are lost",
    "aws_kinesis_firehose_delivery_stream": "changes made before a new one reads the stream are not delivered",
    "aws_s3_bucket": "the lake's objects go with the bucket",
    "aws_kms_key": "everything encrypted under the key becomes unreadable",
    "aws_glue_catalog_database": (
        "every table and view in it goes, also those that Terraform did not make; objects stay, and the current state "
        "of a table has to be merged anew"
    ),
}
"""Type of a resource that data depends on -> what is lost when it is deleted or replaced."""

_FAILED: Final = "until there is one again, changes go under the error prefix, from where they can be replayed"

NOTES: Final = {
    "aws_athena_workgroup": "the history of its queries goes with it, and not what they found",
    "aws_cloudwatch_log_group": "its log events are gone for good",
    "aws_lambda_alias": _FAILED,
    "aws_lambda_function": _FAILED,
}
"""Type of a resource -> what is lost with it that is worth knowing, and nobody's only copy of a change."""

FORGOTTEN: Final = (
    "it stays in the account outside of Terraform: no later plan shows what becomes of it and no guard stops that, and "
    "the next deploy fails on its name or makes another one, past which the changes then flow"
)
"""What is lost when Terraform forgets a resource that data depends on (`removed` with `destroy = false`)."""

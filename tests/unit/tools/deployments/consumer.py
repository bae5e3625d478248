"""The outputs of a consumer, as `terraform output -json` prints them."""

from __future__ import annotations

from tools.deployments.outputs import parse_outputs

A, B = "111111111111", "222222222222"
KEY = f"arn:aws:kms:us-east-1:{B}:key/1"


def consumer_outputs(**tables):
    described = {
        name: {
            "delivery_stream_name": stream,
            "delivery_role_arn": f"arn:aws:iam::{A}:role/{stream}",
            "data_prefix": f"data/{name}/",
            "error_prefix": f"errors/{name}/",
        }
        for name, stream in tables.items()
    }
    values = {
        "region": "eu-west-1",
        "account_id": B,
        "bucket_name": "lake-of-b",
        "kms_key_arn": KEY,
        "ddb_producer_account_id": A,
        "tables": described,
    }
    return parse_outputs("consumer", {name: {"value": value} for name, value in values.items()})

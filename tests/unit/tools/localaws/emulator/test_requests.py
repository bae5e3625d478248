from __future__ import annotations

import asyncio

import pytest

from tools.localaws.emulator.requests import Request, changes_settings, service_of


def made_request(method, path, body=b"", service="s3", **headers):
    signature = f"AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/{service}/aws4_request, Signature=x"
    pairs = {"authorization": signature, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {"method": method, "path": path, "headers": [(k.encode(), v.encode()) for k, v in pairs.items()]}

    async def receive():
        return {"type": "http.request", "body": body}

    request = Request(scope, receive)
    asyncio.run(request.read_ahead())
    return request


def target(action, service="dynamodb"):
    return made_request("POST", "/", service=service, x_amz_target=f"Api_20120810.{action}")


def form(action):
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    return made_request("POST", "/", f"Version=1&Action={action}".encode(), "iam", content_type=kind)


@pytest.mark.parametrize(
    "request_",
    [
        target("CreateTable"),
        target("UpdateShardCount", "kinesis"),
        target("EnableKinesisStreamingDestination"),
        target("TagResource", "kms"),
        form("PutRolePolicy"),
        form("AssumeRole"),
        made_request("PUT", "/lake"),
        made_request("DELETE", "/lake"),
        made_request("PUT", "/2015-03-31/functions/transform/code", service="lambda"),
    ],
)
def test_what_changes_settings_is_known_before_it_is_served(request_):
    assert changes_settings(request_)


@pytest.mark.parametrize(
    "request_",
    [
        target("PutItem"),
        target("BatchWriteItem"),
        target("PutRecords", "kinesis"),
        target("GetRecords", "kinesis"),
        target("DescribeTable"),
        target("PutLogEvents", "logs"),
        target("GenerateDataKey", "kms"),
        form("GetRole"),
        form("ListRoles"),
        made_request("GET", "/lake"),
        made_request("PUT", "/lake/data/object.gz"),
        made_request("POST", "/2015-03-31/functions/transform/invocations", service="lambda"),
    ],
)
def test_what_changes_none_or_is_kept_otherwise_is_too(request_):
    assert not changes_settings(request_)


def test_the_service_is_the_one_that_the_request_is_signed_for():
    assert service_of(target("CreateStream", "kinesis")) == "kinesis"


def test_what_was_read_ahead_is_still_received():
    request = form("PutRolePolicy")
    assert asyncio.run(request.receive())["body"] == b"Version=1&Action=PutRolePolicy"

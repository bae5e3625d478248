"""Answers of AWS to stand-ins for boto3's clients."""

from __future__ import annotations

from botocore.exceptions import ClientError


def failed(operation, status, code="", **headers):
    answer = {"Error": {"Code": code or str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}
    answer["ResponseMetadata"]["HTTPHeaders"] = headers
    return ClientError(answer, operation)


def raising(error):
    def call(**_):
        raise error

    return call

"""Clients of AWS that a task uses, made once a process."""

from __future__ import annotations

import functools
from typing import Any, Final

import boto3

_CONDITION: Final = "IfNoneMatch"


@functools.cache
def s3() -> Any:  # noqa: ANN401 - boto3 makes its clients when it runs
    """Returns a client of S3 whose PutObject takes `IfNoneMatch`, whatever release of botocore this is.

    The releases from before August 2024, one of which Glue 5.0 may have, do not know the parameter, so the header is
    set here (Amazon S3 API Reference, "PutObject").
    """
    client = boto3.client("s3")
    client.meta.events.register("before-parameter-build.s3.PutObject", _keep_condition)
    client.meta.events.register("before-call.s3.PutObject", _set_header)
    return client


@functools.cache
def function_configuration(function: str, qualifier: str) -> dict[str, Any]:
    """Returns what Lambda says of a version of the function: `Version`, and `Environment` with its variables.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: Lambda refuses.
    """
    found = boto3.client("lambda").get_function_configuration(FunctionName=function, Qualifier=qualifier)
    return dict(found)


def _keep_condition(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    if _CONDITION in params:
        context[_CONDITION] = params.pop(_CONDITION)


def _set_header(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    if _CONDITION in context:
        params["headers"]["If-None-Match"] = context[_CONDITION]

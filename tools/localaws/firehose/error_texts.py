"""Errors of AWS in the words of a delivery stream's status and logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_DENIED: Final = ("AccessDenied", "AccessDeniedException", "KMSAccessDeniedException", "AccessDeniedFault")


def describe(error: ClientError, action: str, resource: str) -> str:
    """Returns AWS's error in one line that names the action and the resource."""
    code = error.response.get("Error", {}).get("Code", "unknown")
    message = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())
    return f"{action} on {resource} failed with {code}: {message}"


def one_line(error: Exception) -> str:
    """Returns the message of an exception in one line."""
    return " ".join(str(error).split())


def is_denial(code: str) -> bool:
    """Returns whether an AWS error code means that a permission is missing.

    >>> is_denial("AccessDenied"), is_denial("KMS.AccessDenied"), is_denial("NoSuchBucket")
    (True, True, False)
    """
    return code in _DENIED or code.endswith("AccessDenied")


def blocked_code(action: str, code: str) -> str:
    """Returns the code under which Firehose tells that a call failed with AWS's `code`.

    >>> blocked_code("s3:PutObject", "AccessDenied"), blocked_code("kinesis:GetRecords", "InternalFailure")
    ('S3.AccessDenied', 'Kinesis.InternalFailure')
    """
    service = {"s3": "S3", "lambda": "Lambda", "kinesis": "Kinesis", "sts": "Role"}.get(
        action.partition(":")[0], "Service"
    )
    if is_denial(code):
        return "Lambda.InvokeAccessDenied" if service == "Lambda" else f"{service}.AccessDenied"
    return f"{service}.{code or 'Unknown'}"

"""The Lambda function without native code."""

from tests.bench.configured import handler_with

_HANDLER = handler_with(NATIVE_CODE="off")


def transform(event):
    return _HANDLER(event, None)

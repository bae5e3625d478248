"""The Lambda function as it runs where there is no native code, or where that is switched off."""

from tests.bench.configured import handler_with

_HANDLER = handler_with(NATIVE_CODE="off")


def transform(event):
    return _HANDLER(event, None)

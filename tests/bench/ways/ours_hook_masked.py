"""The Lambda function with a hook that masks one column."""

from tests.bench.hooked import handler_with

_HANDLER = handler_with("tests.bench.hooked:masked")


def transform(event):
    return _HANDLER(event, None)

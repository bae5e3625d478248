"""The Lambda function with a hook that returns its row as it is."""

from tests.bench.hooked import handler_with

_HANDLER = handler_with("tests.bench.hooked:unchanged")


def transform(event):
    return _HANDLER(event, None)

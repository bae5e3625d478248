"""The Lambda function with a hook that returns its row as it is."""

from tests.bench.configured import handler_with

_HANDLER = handler_with(TRANSFORM_HOOK="tests.bench.hooks:unchanged")


def transform(event):
    return _HANDLER(event, None)

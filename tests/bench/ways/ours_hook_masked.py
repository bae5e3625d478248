"""The Lambda function with a hook that masks one column."""

from tests.bench.configured import handler_with

_HANDLER = handler_with(TRANSFORM_HOOK="tests.bench.hooks:masked")


def transform(event):
    return _HANDLER(event, None)

"""The Lambda function for a table whose updates have the old image too."""

from lake_transform.table_settings import TableSettings
from tests.bench.configured import handler_with

_HANDLER = handler_with(tables={"orders": TableSettings(before=True)})


def transform(event):
    return _HANDLER(event, None)

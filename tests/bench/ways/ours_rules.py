"""The Lambda function for a table that has one rule of each kind."""

from lake_transform.table_settings import TableSettings
from tests.bench.configured import handler_with

RULES = {("email",): "hash", ("orderTotal",): "text", ("placedAt",): "json", ("customerName",): "drop"}
_HANDLER = handler_with(tables={"orders": TableSettings(rules=RULES)})


def transform(event):
    return _HANDLER(event, None)

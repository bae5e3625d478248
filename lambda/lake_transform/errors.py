"""The errors of this package: a record that is refused, and a setting that is wrong."""

from __future__ import annotations


class RecordError(ValueError):
    """One record cannot become a line of the lake.

    The message names the broken rule. It never holds content of the record, not even attribute names, because it is
    logged, and not everyone who may read the logs may read the table.
    """


class SettingsError(ValueError):
    """An environment variable of the function has a value that is not allowed."""

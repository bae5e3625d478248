"""What can go wrong, as two types: a record that is refused, and settings that are wrong."""

from __future__ import annotations


class RecordError(ValueError):
    """One record cannot become a line of the lake.

    The message names the rule that was broken. It never holds content of the record, attribute names included, because
    it is written to logs whose readers need not be allowed to read the table.
    """


class SettingsError(ValueError):
    """An environment variable of the function has a value that it cannot work with."""

"""Why a query fails."""

from __future__ import annotations


class QueryError(Exception):
    """A query fails; the text is its StateChangeReason, as Athena words it."""


class CancelledError(Exception):
    """A query is cancelled, by its owner or by a limit; the text is its StateChangeReason."""


def unsupported(what: str) -> QueryError:
    """Returns the failure of a query that Athena may answer, and local AWS cannot answer rightly."""
    return QueryError(f"NOT_SUPPORTED: local AWS cannot answer this as Athena does: {what}")

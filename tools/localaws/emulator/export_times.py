"""The times of an export of a table: what a request asks for, and whether it can be read. Pure functions.

AWS documentation: Amazon DynamoDB API Reference, "ExportTableToPointInTime", "IncrementalExportSpecification".
"""

from __future__ import annotations

import datetime
import os
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SECOND: Final = 1_000_000
"""Microseconds."""

SHORTEST_WINDOW_VARIABLE: Final = "LAKE_LOCAL_EXPORT_WINDOW_SECONDS"
"""Names how long the window of an incremental export has to be here; 900 as on AWS where it is not set."""

_LONGEST_WINDOW: Final = 24 * 3600 * SECOND


class RefusedError(Exception):
    """A request for an export is refused: code and message."""


def times(request: Mapping[str, Any], since: int, now: int) -> dict[str, Any]:
    """Returns the times of an export, in seconds of the epoch, as its description tells them.

    Raises:
        RefusedError: a time cannot be read: before `since`, after `now`, or a window that is too short or too long.
    """
    if request.get("ExportType") != "INCREMENTAL_EXPORT":
        at = round(request.get("ExportTime", now / SECOND) * SECOND)
        # A time is told in whole seconds or milliseconds: the second of the start is allowed.
        if not since - SECOND < at <= now:
            raise RefusedError("InvalidExportTimeException", f"ExportTime is not within {text(since)} to {text(now)}")
        return {"ExportTime": max(at, since) / SECOND}
    given = request.get("IncrementalExportSpecification") or {}
    if "ExportFromTime" not in given:
        raise RefusedError("ValidationException", "An incremental export needs IncrementalExportSpecification")
    start = round(given["ExportFromTime"] * SECOND)
    end = round(given.get("ExportToTime", now / SECOND) * SECOND)
    shortest = int(os.environ.get(SHORTEST_WINDOW_VARIABLE, "900")) * SECOND
    if not since - SECOND < start < end <= now:
        raise RefusedError("InvalidExportTimeException", f"The window is not within {text(since)} to {text(now)}")
    if not shortest <= end - start <= _LONGEST_WINDOW:
        raise RefusedError("ValidationException", f"A window is {shortest // SECOND} seconds to 24 hours long")
    view = given.get("ExportViewType", "NEW_AND_OLD_IMAGES")
    window = {"ExportFromTime": start / SECOND, "ExportToTime": end / SECOND, "ExportViewType": view}
    return {"IncrementalExportSpecification": window}


def text(microseconds: float) -> str:
    """Returns a time as a manifest tells it: in UTC, with milliseconds."""
    at = datetime.datetime.fromtimestamp(microseconds / SECOND, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

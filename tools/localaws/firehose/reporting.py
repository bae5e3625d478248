"""Reports errors of a delivery stream in the worker's log, and in its log group as Firehose does."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.firehose.interfaces import BlockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.localaws.firehose.configuration import DeliveryStream

REPEAT_SECONDS: Final = 30.0
"""An error with the same code is reported at most once in this time."""

_log = logging.getLogger("delivery")


class StreamReporter:
    """Reports the errors of one delivery stream, each error code at most once in `REPEAT_SECONDS`.

    `wall` (seconds since the epoch) says when an error was, `monotonic` how long ago.
    """

    def __init__(
        self,
        stream: DeliveryStream,
        put: Callable[[float, Mapping[str, Any]], None],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.last_error: str | None = None
        self.last_error_at: float | None = None
        self._stream = stream
        self._put = put
        self._wall = wall
        self._monotonic = monotonic
        self._reported_at: dict[str, float] = {}

    def report_error(self, code: str, message: str, lambda_arn: str | None = None) -> None:
        """See `interfaces.Reporter`."""
        now, written_at = self._monotonic(), self._wall()
        self.last_error, self.last_error_at = f"{code}: {message}", written_at
        if now - self._reported_at.get(code, -math.inf) < REPEAT_SECONDS:
            return
        self._reported_at[code] = now
        _log.error("%s (account %s): %s: %s", self._stream.name, self._stream.account_id, code, message)
        try:
            self._put(written_at, self._entry(code, message, lambda_arn))
        except BlockedError as error:
            _log.warning(
                "%s (account %s): cannot write to its log group: %s", self._stream.name, self._stream.account_id, error
            )

    def _entry(self, code: str, message: str, lambda_arn: str | None) -> dict[str, Any]:
        # Source: Developer Guide, "Monitor Amazon Data Firehose using CloudWatch Logs".
        entry: dict[str, Any] = {
            "deliveryStreamARN": self._stream.arn,
            "destination": f"arn:aws:s3:::{self._stream.destination.bucket}",
            "deliveryStreamVersionId": int(self._stream.version),
            "message": message,
            "errorCode": code,
        }
        if lambda_arn:
            entry["processor"] = lambda_arn
        return entry

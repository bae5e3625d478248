"""Tells people of trouble: in the worker's log, and in the delivery stream's log group as Firehose does."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.firehose.interfaces import HeldError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.localaws.firehose.configuration import DeliveryStream

QUIET_SECONDS: Final = 30.0
"""Trouble of one kind, which differs in the object's name at most, is told at most once in this time."""

_log = logging.getLogger("delivery")


class StreamReporter:
    """Tells of one delivery stream's trouble, each kind at most every half minute."""

    def __init__(
        self, stream: DeliveryStream, put: Callable[[float, Mapping[str, Any]], None], clock: Callable[[], float]
    ) -> None:
        self.last_error: str | None = None
        self.last_error_at: float | None = None
        self._stream = stream
        self._put = put
        self._clock = clock
        self._told: dict[str, float] = {}

    def trouble(self, code: str, message: str, lambda_arn: str | None = None) -> None:
        """See `ports.Reporter`."""
        now = self._clock()
        self.last_error, self.last_error_at = f"{code}: {message}", now
        if now - self._told.get(code, -QUIET_SECONDS) < QUIET_SECONDS:
            return
        self._told[code] = now
        _log.error("%s (account %s): %s: %s", self._stream.name, self._stream.account_id, code, message)
        try:
            self._put(now, self._entry(code, message, lambda_arn))
        except HeldError as error:
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

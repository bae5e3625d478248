"""Lets the last changes come to the lake before delivery streams are removed.

Firehose deletes what a delivery stream still buffers with it (Amazon Data Firehose API Reference,
"DeleteDeliveryStream").
"""

from __future__ import annotations

from datetime import timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from tools.cli import console
from tools.errors import LakeError
from tools.lake import delivery_time
from tools.operations.lake_progress import behind_latest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_firehose import FirehoseClient

    from tools.deployments.aws import Aws

LONGEST_SECONDS: Final = 900.0
"""How much longer than expected is waited for a delivery stream that is behind its stream."""

_POLL_SECONDS: Final = 5.0
_METRIC_SECONDS: Final = 20.0
"""How often CloudWatch is asked, which Firehose tells every minute."""


def wait(aws: Aws, delivery_streams: Iterable[str], passage_seconds: float) -> None:
    """Returns when what came into the streams before now has left both buffers of the delivery streams.

    `passage_seconds` is how long a record may take besides: through the stream, the function, and to S3.

    Raises:
        LakeError: a delivery stream stays behind its stream.
    """
    buffers = _buffers(aws.client("firehose"), delivery_streams)
    if not buffers:
        return
    longest = max(buffers, key=lambda name: buffers[name])
    console.say(
        f"    the last changes take up to {buffers[longest] + passage_seconds:.0f} s to the lake: {buffers[longest]} s "
        f"in the buffers of {longest}, {passage_seconds:.0f} s through stream and function; --now does not wait"
    )
    _Wait(aws.client("cloudwatch"), {name: each + passage_seconds for name, each in buffers.items()}).run()


def _buffers(firehose: FirehoseClient, delivery_streams: Iterable[str]) -> Mapping[str, int]:
    found = {}
    for name in delivery_streams:
        try:
            found[name] = delivery_time.buffering_seconds(firehose, name)
        except firehose.exceptions.ResourceNotFoundException:
            continue
    return found


class _Wait:
    """One wait: the seconds that each delivery stream takes, and how far it is behind as far as is known."""

    def __init__(self, cloudwatch: CloudWatchClient, seconds: Mapping[str, float]) -> None:
        self._cloudwatch = cloudwatch
        self._seconds = seconds
        self._behind: Mapping[str, timedelta] = {}
        self._is_told = True

    def run(self) -> None:
        started = asked = monotonic()
        until = max(self._seconds.values()) + LONGEST_SECONDS
        self._ask()
        with console.telling("waiting for the last changes") as tell:
            while True:
                if (now := monotonic()) - asked > _METRIC_SECONDS:
                    asked = now
                    self._ask()
                left, name = max((self._needs(name) - (now - started), name) for name in self._seconds)
                if left <= 0:
                    return
                if now - started > until:
                    raise LakeError(
                        f"delivery stream {name} is {self._seconds_behind(name):.0f} s behind its stream: changes are "
                        "in the stream that are not in the lake. Only the tables' streaming destinations were removed. "
                        "Let it catch up (python -m tools.status) and run the same command again, or add --now, which "
                        "loses them"
                    )
                tell(f"    {left:.0f} s until {name} must have delivered the last changes{self._why(name)}")
                sleep(min(_POLL_SECONDS, left))

    def _needs(self, name: str) -> float:
        return self._seconds[name] + self._seconds_behind(name)

    def _seconds_behind(self, name: str) -> float:
        return self._behind.get(name, timedelta()).total_seconds()

    def _why(self, name: str) -> str:
        behind = self._seconds_behind(name)
        return f" ({behind:.0f} s behind its stream)" if behind else " (its buffers)"

    def _ask(self) -> None:
        if not self._is_told:
            return
        try:
            self._behind = {name: behind_latest(self._cloudwatch, name) for name in self._seconds}
        except LakeError as error:
            self._is_told = False
            console.warn(f"{error}; only the buffers are waited for")

"""Publishes the metrics of delivery streams in CloudWatch, in a thread of its own: delivery never waits for it."""

from __future__ import annotations

import logging
import math
import threading
from time import monotonic, time
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.errors import LakeError
from tools.localaws.firehose.error_texts import one_line
from tools.localaws.firehose.metrics import NAMESPACE, metric_data
from tools.localaws.firehose.reporting import REPEAT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mypy_boto3_cloudwatch import CloudWatchClient

    from tools.localaws.firehose.configuration import DeliveryStream
    from tools.localaws.firehose.metrics import Samples

VARIABLE: Final = "LAKE_METRICS_SECONDS"
"""Environment variable: how often metrics are published, in seconds, 1 to 60. Below 60 they are of high resolution."""

_SECONDS: Final = 60.0
"""As Firehose does."""

_log = logging.getLogger("delivery")


def read_interval(environment: Mapping[str, str]) -> float:
    """Returns the seconds between two publications.

    Raises:
        LakeError: the variable is no number from 1 to 60.
    """
    text = environment.get(VARIABLE) or str(_SECONDS)
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 1 <= seconds <= _SECONDS:
        raise LakeError(f"{VARIABLE} is {text!r}; set it to a number of seconds from 1 to 60, or unset it")
    return seconds


class Publisher:
    """Publishes every `seconds` what `collect` returns, as the root of each stream's account.

    What CloudWatch does not take is lost and logged.
    """

    def __init__(
        self,
        collect: Callable[[], Iterable[tuple[DeliveryStream, Samples]]],
        client: Callable[[str], CloudWatchClient],
        seconds: float,
    ) -> None:
        self._collect = collect
        self._client = client
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._logged_at = -math.inf

    def start(self) -> None:
        """Begins to publish."""
        self._thread.start()

    def stop(self, seconds: float = 2.0) -> None:
        """Publishes once more, and waits at most this long until that is done: a stopped worker ends."""
        self._stop.set()
        self._thread.join(seconds)

    def publish(self) -> None:
        """Publishes once; raises nothing."""
        for stream, samples in self._collect():
            data = metric_data(stream.name, samples, time(), 60 if self._seconds == _SECONDS else 1)
            try:
                self._client(stream.account_id).put_metric_data(Namespace=NAMESPACE, MetricData=data)
            except (ClientError, BotoCoreError) as error:
                if monotonic() - self._logged_at > REPEAT_SECONDS:
                    self._logged_at = monotonic()
                    _log.warning("%s: its metrics are lost: %s", stream.name, one_line(error))

    def _run(self) -> None:
        due = monotonic() + self._seconds
        while not self._stop.wait(max(0.0, due - monotonic())):
            due += self._seconds
            self._publish_safely()
        self._publish_safely()

    def _publish_safely(self) -> None:
        try:
            self.publish()
        except Exception:  # noqa: BLE001  # a defect of ours must not end the thread
            _log.exception("the metrics could not be published")

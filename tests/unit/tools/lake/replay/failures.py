"""Failed records in a bucket in memory, and a function that makes rows of them."""

from __future__ import annotations

import base64
import gzip
import json
import threading

from tools.lake.deployed_transform import FunctionFailedError, Result

ERRORS = "errors/orders/"
HOUR = "cdc_date=2026-01-31/cdc_hour=05"
MESSAGE = "it returned an error result"
AT_MS = 1769835600000
"""2026-01-31T05:00Z."""


def line(data, **members):
    """Returns the line of a record that failed."""
    record = {
        "attemptsMade": 4,
        "arrivalTimestamp": AT_MS,
        "errorCode": "Lambda.FunctionError",
        "errorMessage": MESSAGE,
        "attemptEndingTimestamp": AT_MS + 1,
        "rawData": base64.b64encode(data).decode(),
        "lambdaARN": "arn",
        **members,
    }
    return json.dumps(record).encode() + b"\n"


def place(s3, name, *lines, error_type="processing-failed", hour=HOUR):
    """Puts an object of failed records there, and returns its key."""
    key = f"{ERRORS}{error_type}/{hour}/{name}"
    s3.place(key, gzip.compress(b"".join(lines)))
    return key


class Function:
    """Drops records that say so, fails those that are no JSON, and fails as a whole for those that say so.

    `mends` are texts that it does not mind.
    """

    def __init__(self, *mends):
        self.mends = mends
        self.calls = 0
        self.broken = False
        self.lock = threading.Lock()

    def transform(self, records):
        with self.lock:
            self.calls += 1
        self.check()
        if any(b"crash" in record.document for record in records):
            raise FunctionFailedError("function f:live failed: Runtime.ExitError: exited")
        return [self._one(record) for record in records]

    def check(self):
        if self.broken:
            raise FunctionFailedError("function f:live failed: SettingsError: MASK_KEY is not set")

    def explain(self, records):
        return ["poison" if b"poison" in record.document else "" for record in records]

    def _one(self, record):
        assert record.sequence_number is None
        text = record.document
        if b"drop" in text:
            return Result("Dropped")
        if any(mend in text for mend in self.mends) or b"poison" not in text:
            return Result("Ok", b'{"of":"%s"}\n' % text)
        return Result("ProcessingFailed")

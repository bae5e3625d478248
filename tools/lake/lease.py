"""A lease on a table's part of the lake: one of our tools writes at a time, whoever runs it and wherever.

It is an object under `ledger/`, which conditional requests make, renew and remove (Amazon S3 User Guide, "How to
prevent object overwrites with conditional writes" and "How to perform conditional deletes"). How old it is, S3's clock
alone says, so that machines whose clocks differ agree on it.
"""

from __future__ import annotations

import json
import threading
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_s3 import S3Client

SECONDS: Final = 300
"""How long a lease holds that nobody renews."""

_SLACK: Final = timedelta(seconds=5)
"""S3 tells whole seconds, and an answer takes a while: so much later than its holder others take a lease for stale."""

_ATTEMPTS: Final = 5
_RENEWALS: Final = 3
"""Times that a lease is renewed while it would hold without."""

_TAKEN: Final = (409, 412)
_MISSING: Final = 404


class Holder(msgspec.Struct, frozen=True):
    """Whose a lease is: the caller's ARN, machine, verb, times in ISO 8601, how long it holds, and a unique token."""

    who: str
    host: str
    verb: str
    since: str
    until: str
    seconds: int
    token: str


class Held(Protocol):
    """A lease that somebody holds, as whoever writes under it looks at it."""

    def check(self) -> None:
        """Returns when it is held, and raises LeaseLostError when it is somebody else's."""


class LeaseLostError(LakeError):
    """Somebody else has the lease, or it could not be renewed in time."""


@contextmanager
def held(
    s3: S3Client, bucket: str, table: str, *, who: str, host: str, verb: str, seconds: int = SECONDS
) -> Iterator[Lease]:
    """Holds the lease on `table` inside the block, renews it meanwhile, and gives it back.

    Raises:
        LakeError: another holds it, or S3 refuses.
    """
    lease = Lease(s3, bucket, table, who=who, host=host, verb=verb, seconds=seconds)
    lease.take()
    ended = threading.Event()
    renewing = threading.Thread(target=lease.renew_until, args=(ended,), daemon=True)
    renewing.start()
    try:
        yield lease
    finally:
        ended.set()
        renewing.join()
        lease.give_back()


class Lease:
    """The lease on one table, as one run of a tool has it. `held` is what takes and returns it."""

    def __init__(self, s3: S3Client, bucket: str, table: str, *, who: str, host: str, verb: str, seconds: int) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = key(table)
        self._place = f"s3://{bucket}/{self._key}"
        self._table = table
        self._seconds = seconds
        now = datetime.now(UTC)
        self._holder = Holder(who, host, verb, _text(now), "", seconds, uuid.uuid4().hex)
        self._etag = ""
        self._holds_until = 0.0
        self._lock = threading.Lock()

    @property
    def token(self) -> str:
        """What this holder is told by, with which a `Witness` in another process looks after the lease."""
        return self._holder.token

    def take(self) -> None:
        """Takes the lease; a stale one is taken over.

        Raises:
            LakeError: another holds it, or S3 refuses.
        """
        condition: dict[str, str] = {"IfNoneMatch": "*"}
        for _ in range(_ATTEMPTS):
            sent = monotonic()
            if self._put(condition):
                return
            found = self._read()
            if found is None:
                condition = {"IfNoneMatch": "*"}
                continue
            holder, etag, age = found
            # A request whose answer is lost on the way is sent again, and then our own lease is in the way.
            if holder.token == self._holder.token:
                self._etag, self._holds_until = etag, sent + self._seconds
                return
            if age <= timedelta(seconds=holder.seconds) + _SLACK:
                raise LakeError(
                    f"table {self._table}: {holder.verb} is at work since {holder.since} on {holder.host}, as "
                    f"{holder.who}; wait for it, or run this again after {holder.until} if it has died ({self._place})"
                )
            condition = {"IfMatch": etag}
        raise LakeError(f"table {self._table}: others take {self._place} all the time; run this again later")

    def renew_until(self, ended: threading.Event) -> None:
        """Renews the lease until `ended`, or until it is lost."""
        while not ended.wait(self._seconds / _RENEWALS):
            try:
                self.renew()
            except LeaseLostError:
                return
            except LakeError:
                continue

    def renew(self) -> None:
        """Renews the lease.

        Raises:
            LeaseLostError: it is somebody else's.
            LakeError: S3 refuses.
        """
        with self._lock:
            sent = monotonic()
            if self._put({"IfMatch": self._etag}):
                return
            found = self._read()
            if found is None or found[0].token != self._holder.token:
                self._holds_until = 0.0
                raise LeaseLostError(
                    f"table {self._table}: {found[0].verb if found else 'somebody'} has taken over {self._place}, "
                    "because this run did not renew it in time; run it again"
                )
            self._etag, self._holds_until = found[1], sent + self._seconds

    def check(self) -> None:
        """Returns when the lease is held; renews it first where its time is over.

        Raises:
            LeaseLostError: it is somebody else's.
            LakeError: S3 refuses.
        """
        if monotonic() >= self._holds_until:
            self.renew()

    def give_back(self) -> None:
        """Gives the lease back, if it is still held; where S3 does not take it, it grows stale by itself."""
        try:
            self._s3.delete_object(Bucket=self._bucket, Key=self._key, IfMatch=self._etag)
        except (BotoCoreError, ClientError):
            return

    def _put(self, condition: Mapping[str, str]) -> bool:
        """Writes the lease under a condition, and returns whether it held."""
        until = datetime.now(UTC) + timedelta(seconds=self._seconds)
        body = json.dumps(msgspec.to_builtins(msgspec.structs.replace(self._holder, until=_text(until)))).encode()
        sent = monotonic()
        options: dict[str, Any] = dict(condition)
        try:
            answer = self._s3.put_object(Bucket=self._bucket, Key=self._key, Body=body, **options)
        except ClientError as error:
            # Amazon S3 User Guide, "Conditional write behavior": 409 where another request came between, 404 where
            # the object that had to match is gone.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (*_TAKEN, _MISSING):
                return False
            raise LakeError(f"{self._place} cannot be written: {reason(error)}") from None
        except BotoCoreError as error:
            raise LakeError(f"{self._place} cannot be written: {reason(error)}") from None
        self._etag = answer["ETag"].strip('"')
        self._holds_until = sent + self._seconds
        return True

    def _read(self) -> tuple[Holder, str, timedelta] | None:
        return _read(self._s3, self._bucket, self._table)


class Witness:
    """Sees that the lease on a table is still that of a holder, who renews it in another process."""

    def __init__(self, s3: S3Client, bucket: str, table: str, token: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._table = table
        self._token = token

    def check(self) -> None:
        """Returns when the holder has the lease.

        Raises:
            LeaseLostError: it is somebody else's, or was not renewed in time.
            LakeError: S3 refuses.
        """
        found = _read(self._s3, self._bucket, self._table)
        if found is None or found[0].token != self._token or found[2] > timedelta(seconds=found[0].seconds):
            raise LeaseLostError(
                f"table {self._table}: the lease s3://{self._bucket}/{key(self._table)} is no longer that of this run; "
                "run it again"
            )


def _read(s3: S3Client, bucket: str, table: str) -> tuple[Holder, str, timedelta] | None:
    """Returns who holds the lease of a table, its ETag, and how old it is; None where there is none."""
    place = f"s3://{bucket}/{key(table)}"
    try:
        answer = s3.get_object(Bucket=bucket, Key=key(table))
        holder = msgspec.json.decode(answer["Body"].read(), type=Holder)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _MISSING:
            return None
        raise LakeError(f"{place} cannot be read: {reason(error)}") from None
    except BotoCoreError as error:
        raise LakeError(f"{place} cannot be read: {reason(error)}") from None
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise LakeError(
            f"{place} is no lease of this version; see that no tool writes to {table}, and remove it"
        ) from None
    return holder, answer["ETag"].strip('"'), clock(answer) - answer["LastModified"]


def key(table: str) -> str:
    """Returns the key of a table's lease."""
    return f"ledger/{table}/lease.json"


def clock(answer: Any) -> datetime:  # noqa: ANN401  # of any call
    """Returns the time of an answer of S3, by S3's own clock; ours where it does not say."""
    date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(date) if date else datetime.now(UTC)


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")

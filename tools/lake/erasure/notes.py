"""What erasure notes down: while it is under way, so that it can go on, and when it is done, as a certificate.

The note of what is under way has the keys, because rows that are gone do not tell them any more. It goes with all its
versions when the certificate is written, which has no value of an item. It lies at
`ledger/<table>/erasure/open/<id>.json`, the certificate at `ledger/<table>/erasure/<id>.json`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import ledger
from tools.lake.backfill import runs
from tools.lake.erasure import places, replicating, subject, versions
from tools.lake.erasure.versions import Marker, Version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mypy_boto3_s3 import S3Client

    from tools.lake.erasure.removing import Remover

OPEN = "erasure/open/"
"""Where notes of what is under way lie, below the table's part of the ledger."""


class Note(msgspec.Struct, frozen=True):
    """An erasure that is under way.

    Attributes:
        id: its name.
        salt: what the digest of the certificate is made with.
        asked: that digest.
        started: when, in ISO 8601.
        keys: the plain keys of the items.
    """

    id: str
    salt: str
    asked: str
    started: str
    keys: tuple[str, ...]


class Notes:
    """The notes of one table."""

    def __init__(self, s3: S3Client, bucket: str, table: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._root = f"{places.ledger_prefix(table)}erasure/"
        self._ledger = ledger.Ledger(s3, bucket, self._root, Note)

    def find(self, asked: Collection[str]) -> tuple[Note | None, int]:
        """Returns the note of an erasure of the same, None where there is none; and how many others are under way.

        Raises:
            LakeError: a note cannot be read.
        """
        try:
            read = [self._ledger.read(name) for name in self._ledger.names()]
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"s3://{self._bucket}/{self._root} cannot be listed: {reason(error)}") from None
        notes = [each[0] for each in read if each]
        same = [note for note in notes if note.asked == subject.digest(asked, note.salt)]
        return (same[0] if same else None), len(notes) - len(same)

    def write(self, note: Note) -> None:
        """Notes an erasure that begins.

        Raises:
            LakeError: S3 refuses.
        """
        self._ledger.write(note.id, note, None)

    def remove_copy(self, note: Note, s3: S3Client, bucket: str, remover: Remover) -> None:
        """Removes a note, and those that the lake has no more, from a copy of the lake, with all their versions.

        It is the step before `certify`: while the lake has the note, whatever interrupts this is done again.

        Raises:
            LakeError: S3 refuses, or the note is still on its way there.
        """
        own = f"{self._root}open/{note.id}.json"
        try:
            there = [each for each in versions.of_key(self._s3, self._bucket, own) if isinstance(each, Version)]
            replicating.wait(self._s3, self._bucket, there, lambda: None)
            kept = {f"{self._root}open/{name}.json" for name in self._ledger.names()} - {own}
            copied = {each.key for each in versions.listed(s3, bucket, f"{self._root}open/")}
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"the notes in s3://{bucket}/{self._root} cannot be seen: {reason(error)}") from None
        for key in sorted(copied - kept):
            remover.remove_all(key)

    def certify(self, note: Note, certificate: bytes, remover: Remover) -> str:
        """Writes a certificate, removes the note with all its versions, and returns the certificate's place.

        Raises:
            LakeError: S3 refuses.
        """
        key = f"{self._root}{note.id}.json"
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=certificate, ContentType="application/json")
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"s3://{self._bucket}/{key} cannot be written: {reason(error)}") from None
        for each in {f"{self._root}open/{note.id}.json", *self._deleted()}:
            remover.remove_all(each)
        return f"s3://{self._bucket}/{key}"

    def _deleted(self) -> list[str]:
        """Returns the notes that a run has deleted which died before their versions were gone."""
        try:
            there = list(versions.listed(self._s3, self._bucket, f"{self._root}open/"))
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"s3://{self._bucket}/{self._root} cannot be listed: {reason(error)}") from None
        return [each.key for each in there if isinstance(each, Marker) and each.is_latest]


def claimed(s3: S3Client, bucket: str, table: str, keys: Iterable[str]) -> dict[str, str]:
    """Returns objects that other tools have begun to work with: key -> key of the note that names it.

    What such a tool does next depends on their being as they were, so that nobody may change them before it has ended.
    A load or a catch-up that is under way names its export, and works with its files.

    Raises:
        LakeError: a note cannot be read.
    """
    wanted = set(keys)
    prefix = places.ledger_prefix(table)
    found: dict[str, str] = {}
    try:
        for each in ledger.open_notes(s3, bucket, prefix):
            if each.startswith(f"{prefix}{OPEN}"):
                continue
            if each.startswith(f"{runs.root(table)}open/"):
                found |= dict.fromkeys((key for key in wanted if key.startswith(places.export_prefix(table))), each)
                continue
            body = s3.get_object(Bucket=bucket, Key=each)["Body"].read()
            found |= dict.fromkeys(wanted.intersection(_texts(json.loads(body))), each)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{bucket}/{prefix} cannot be read: {reason(error)}") from None
    except ValueError:
        raise LakeError(f"s3://{bucket}/{each} is no note of ours; restore it, or remove it") from None
    return found


def _texts(value: Any) -> Iterable[str]:  # noqa: ANN401  # any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)

"""Makes the manifests of exports tell what is there after an erasure, so that whoever reads an export finds it whole.

A file that an erasure has written anew says so in its metadata. A manifest is written only where it was right before,
so that what somebody else has done to an export stays as visible as it was. What is done already is not done again.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import export_manifest, lines, objects
from tools.lake.export_manifest import ERASED, FILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mypy_boto3_s3 import S3Client

    from tools.lake.export_manifest import Manifest
    from tools.lake.lease import Held

_CHUNK: Final = 256 * 1024

Entry = dict[str, Any]
"""A line of the list of files, with all members that DynamoDB gave it."""


class ExportMender:
    """Works on the exports of one bucket while `held` is."""

    def __init__(self, s3: S3Client, bucket: str, held: Held) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._held = held

    def mend(self, prefix: str) -> int:
        """Mends the exports below a prefix, and returns how many manifests had to be written.

        Raises:
            LakeError: S3 refuses, or another has the lease.
        """
        try:
            there = {each.key: each.etag for each in objects.list_objects(self._s3, self._bucket, prefix)}
            return sum(self._mend(key, there) for key in there if key.endswith(f"/{FILES}"))
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"manifests in s3://{self._bucket}/{prefix} cannot be mended: {reason(error)}") from None

    def _mend(self, key: str, there: Mapping[str, str]) -> bool:
        manifest = export_manifest.read(self._s3, self._bucket, key)
        try:
            entries = [json.loads(line) for line in manifest.content.splitlines() if line.strip()]
            mended = [self._mended(entry, there) for entry in entries]
            gone = sum(old["itemCount"] - new["itemCount"] for old, new in zip(entries, mended, strict=True))
        except (ValueError, KeyError, TypeError, AttributeError):
            # No list of ours to mend: whoever reads the export says what is wrong with it.
            return False
        # Without our mark its checksum has to be right; with it a run may have died before it had written that.
        if not (manifest.is_checked or manifest.erased):
            return False
        has_changed = mended != entries
        if has_changed:
            manifest = self._write(manifest, b"".join(map(_line, mended)), manifest.erased + gone)
        if not manifest.erased:
            return False
        is_new = self._write_checksum(manifest)
        return self._mend_summary(f"{key.removesuffix(FILES)}manifest-summary.json", mended) or is_new or has_changed

    def _mended(self, entry: Entry, there: Mapping[str, str]) -> Entry:
        """Returns what the list has to say of a file: something else, where an erasure has written it anew."""
        key = entry["dataFileS3Key"]
        if there.get(key, entry.get("etag")) == entry.get("etag"):
            return entry
        answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        if not export_manifest.erased(answer):
            return entry
        body: Any = answer["Body"]
        digest, count = hashlib.md5(usedforsecurity=False), 0
        for chunk in lines.unpacked(_noted(iter(partial(body.read, _CHUNK), b""), digest)):
            count += chunk.count(b"\n")
        told = base64.b64encode(digest.digest()).decode()
        return {**entry, "itemCount": count, "md5Checksum": told, "etag": answer["ETag"].strip('"')}

    def _mend_summary(self, key: str, entries: list[Entry]) -> bool:
        summary = export_manifest.read(self._s3, self._bucket, key)
        if not (summary.is_checked or summary.erased):
            return False
        told = json.loads(summary.content)
        count = sum(entry["itemCount"] for entry in entries)
        if told["itemCount"] != count:
            gone = summary.erased + told["itemCount"] - count
            summary = self._write(summary, _line({**told, "itemCount": count}), gone)
        return self._write_checksum(summary)

    def _write(self, manifest: Manifest, content: bytes, erased: int) -> Manifest:
        self._held.check()
        answer = self._s3.put_object(
            Bucket=self._bucket,
            Key=manifest.key,
            Body=content,
            ContentType="application/json",
            IfMatch=manifest.etag,
            Metadata={ERASED: str(erased)},
        )
        etag = answer["ETag"].strip('"')
        return export_manifest.Manifest(manifest.key, content, etag, erased, is_checked=False)

    def _write_checksum(self, manifest: Manifest) -> bool:
        """Writes the checksum of a manifest beside it where it is another; returns whether it was."""
        if manifest.is_checked:
            return False
        key = export_manifest.checksum_key(self._s3, self._bucket, manifest.key)
        self._held.check()
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=export_manifest.md5(manifest.content))
        return True


def _noted(chunks: Iterable[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _line(value: Entry) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"

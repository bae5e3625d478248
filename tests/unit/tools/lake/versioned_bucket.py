"""A versioned bucket in memory, which honours conditions as S3 documents them, and can die at any call."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

from tests.unit.tools.aws_answers import failed

NAME = "lake"


class Killed(BaseException):
    """The process is gone."""


@dataclass(frozen=True)
class Version:
    body: bytes | None
    etag: str
    at: datetime
    metadata: dict
    sha256: str | None = None
    id: str = ""
    headers: dict = field(default_factory=dict)


class Bucket:
    """Keeps all versions of each key; `now` is its clock.

    At call number `dies_at` the caller is killed: before the call has its effect, or after it with `answers_last`.
    `looked` is called after each call. With a `replica` it is replicated there: a version is PENDING when it is
    asked for the first time, and copied when it is asked for again.
    """

    def __init__(self):
        self.now = datetime(2026, 1, 31, 12, tzinfo=UTC)
        self.versions = {}
        self.calls = []
        self.dies_at = None
        self.answers_last = False
        self.looked = lambda: None
        self.puts = 0
        self.closed = set()
        self.locked = set()
        self.replica = None
        self.statuses = {}
        self.stamps = 0

    def wait(self, **time):
        self.now += timedelta(**time)

    def revive(self):
        self.dies_at, self.calls = None, []

    def body(self, key):
        found = self.versions.get(key)
        return found[-1].body if found else None

    def keys(self, prefix=""):
        return sorted(key for key in self.versions if key.startswith(prefix) and self.body(key) is not None)

    def lines(self, prefix="data/"):
        """Returns the lines of what can be seen under a prefix."""
        bodies = (self.body(key) for key in self.keys(prefix))
        unpacked = (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body for body in bodies)
        return sorted(line for body in unpacked for line in body.removesuffix(b"\n").split(b"\n"))

    def place(self, key, body, **metadata):
        """Puts an object there without a call."""
        self.puts += 1
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        return self._add(key, Version(body, f"etag-{self.puts}", self.now, metadata, digest))

    def remove(self, key):
        self._add(key, Version(None, "", self.now, {}))

    def _add(self, key, version):
        self.stamps += 1
        self.versions.setdefault(key, []).append(replace(version, id=f"v{self.stamps}"))
        return self.versions[key][-1]

    def bodies(self):
        """Returns the content of every version that is left."""
        return [version.body for found in self.versions.values() for version in found if version.body is not None]

    def put_object(self, **request):
        return self._call("PutObject", self._put, request)

    def get_object(self, **request):
        return self._call("GetObject", self._get, request)

    def head_object(self, **request):
        return self._call("HeadObject", self._head, request)

    def copy_object(self, **request):
        return self._call("CopyObject", self._copy, request)

    def delete_object(self, **request):
        return self._call("DeleteObject", self._delete, request)

    def delete_objects(self, **request):
        return self._call("DeleteObjects", self._delete_all, request)

    def get_object_lock_configuration(self, **_):
        if self.locked:
            return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
        raise failed("GetObjectLockConfiguration", 404, "ObjectLockConfigurationNotFoundError")

    def get_bucket_replication(self, **_):
        if self.replica is None:
            raise failed("GetBucketReplication", 404, "ReplicationConfigurationNotFoundError")
        return {"ReplicationConfiguration": {}}

    def get_paginator(self, operation):
        return SimpleNamespace(paginate=self._paginate_versions) if operation == "list_object_versions" else self

    def _paginate_versions(self, **request):
        yield self._call("ListObjectVersions", self._list_versions, request)

    def paginate(self, **request):
        yield self._call("ListObjectsV2", self._list, request)

    def _call(self, operation, act, request):
        assert request["Bucket" if "Bucket" in request else ""] == NAME
        self.calls.append((operation, request.get("Key") or request.get("Prefix")))
        dies = self.dies_at is not None and len(self.calls) >= self.dies_at
        if dies and not (self.answers_last and len(self.calls) == self.dies_at):
            raise Killed
        if request.get("Key") in self.closed:
            raise failed(operation, 403, "AccessDenied")
        answer = act(request)
        self.looked()
        if dies:
            raise Killed
        return {**answer, "ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(self.now, usegmt=True)}}}

    def _current(self, key):
        found = self.versions.get(key, [None])[-1]
        return found if found and found.body is not None else None

    def _check(self, operation, key, condition, missing=404):
        found = self._current(key)
        if condition is not None:
            if found is None:
                raise failed(operation, missing, "NoSuchKey")
            if condition.strip('"') != found.etag:
                raise failed(operation, 412, "PreconditionFailed")
        return found

    def _put(self, request):
        key, body = request["Key"], request["Body"]
        self._check("PutObject", key, request.get("IfMatch"))
        if request.get("IfNoneMatch") == "*" and self._current(key):
            raise failed("PutObject", 412, "PreconditionFailed")
        content = body if isinstance(body, bytes) else body.read()
        version = self.place(key, content, **request.get("Metadata", {}))
        version.headers.update({name: request[name] for name in ("ContentType", "ContentEncoding") if name in request})
        assert request.get("ChecksumSHA256", version.sha256) == version.sha256
        return {"ETag": f'"{version.etag}"'}

    def _copy(self, request):
        source = request["CopySource"]
        found = self._check("CopyObject", source["Key"], None)
        if found is None or source["Bucket"] != NAME:
            raise failed("CopyObject", 404, "NoSuchKey")
        self.place(request["Key"], found.body, **found.metadata)
        return {}

    def _get(self, request):
        found = self._check("GetObject", request["Key"], request.get("IfMatch", "") or None)
        if "VersionId" in request:
            found = self._version(request["Key"], request["VersionId"])
        if found is None:
            raise failed("GetObject", 404, "NoSuchKey")
        return {
            "Body": io.BytesIO(found.body),
            "ETag": f'"{found.etag}"',
            "LastModified": found.at,
            "Metadata": found.metadata,
            **found.headers,
        }

    def _version(self, key, version_id):
        return next((each for each in self.versions.get(key, ()) if each.id == version_id), None)

    def _head(self, request):
        found = self._current(request["Key"])
        if "VersionId" in request:
            found = self._version(request["Key"], request["VersionId"])
        if found is None:
            raise failed("HeadObject", 404)
        return {
            **self._replication(request["Key"], found),
            "ETag": f'"{found.etag}"',
            "LastModified": found.at,
            "ContentLength": len(found.body),
            "ChecksumSHA256": found.sha256,
            "Metadata": found.metadata,
        }

    def _replication(self, key, found):
        """Returns the status of a version, and copies one that is asked for the second time."""
        if self.replica is None:
            return {}
        status = self.statuses.get(found.id)
        if status == "PENDING":
            self.replica.place(key, found.body, **found.metadata)
        self.statuses[found.id] = "PENDING" if status is None else "COMPLETED"
        return {"ReplicationStatus": self.statuses[found.id]}

    def _delete(self, request):
        self._check("DeleteObject", request["Key"], request.get("IfMatch"))
        if self._current(request["Key"]):
            self.remove(request["Key"])
        return {}

    def _delete_all(self, request):
        errors = []
        assert len(request["Delete"]["Objects"]) <= 1000
        for each in request["Delete"]["Objects"]:
            if "VersionId" in each:
                errors += self._delete_version(each["Key"], each["VersionId"], request)
                continue
            found = self._current(each["Key"])
            if found and found.etag == each["ETag"]:
                self.remove(each["Key"])
            else:
                errors.append({"Key": each["Key"], "Code": "PreconditionFailed" if found else "NoSuchKey"})
        return {"Errors": errors}

    def _delete_version(self, key, version_id, request):
        if version_id in self.locked:
            assert request["BypassGovernanceRetention"]
            return [{"Key": key, "VersionId": version_id, "Code": "AccessDenied"}]
        left = [each for each in self.versions.get(key, ()) if each.id != version_id]
        self.versions[key] = left
        if not left:
            del self.versions[key]
        return []

    def _list_versions(self, request):
        found = [(key, each) for key in sorted(self.versions) for each in reversed(self.versions[key])]
        page = {"Versions": [], "DeleteMarkers": []}
        for key, each in found:
            if key.startswith(request["Prefix"]):
                entry = {"Key": key, "VersionId": each.id, "IsLatest": each is self.versions[key][-1]}
                kind = "DeleteMarkers" if each.body is None else "Versions"
                page[kind].append(entry | ({} if each.body is None else {"ETag": each.etag, "Size": len(each.body)}))
        return page

    def _list(self, request):
        prefix, after = request["Prefix"], request.get("StartAfter", "")
        found = [(key, self._current(key)) for key in self.keys(prefix) if key > after]
        contents = [
            {"Key": key, "Size": len(each.body), "LastModified": each.at, "ETag": f'"{each.etag}"'}
            for key, each in found
        ]
        return {"Contents": contents}

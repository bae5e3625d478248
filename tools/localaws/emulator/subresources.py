"""Makes S3 answer a request for a sub-resource, such as ?metrics, with that or with an error.

The emulator takes a sub-resource that it does not know for the bucket or object itself: DELETE ?metrics deletes an
empty bucket, GET ?policyStatus lists objects. AWS documentation: Amazon S3 API Reference,
"PutBucketMetricsConfiguration" and its like.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_CONFIGURATIONS: Final = {
    "analytics": ("AnalyticsConfiguration", "ListBucketAnalyticsConfigurationResult"),
    "intelligent-tiering": ("IntelligentTieringConfiguration", "ListBucketIntelligentTieringConfigurationsOutput"),
    "inventory": ("InventoryConfiguration", "ListInventoryConfigurationsResult"),
    "metrics": ("MetricsConfiguration", "ListMetricsConfigurationsResult"),
}
"""Sub-resource of which a bucket has several, by their ids -> the elements of one and of all."""

_EVERYWHERE: Final = frozenset({"GET", "PUT", "DELETE"})
_READ_AND_WRITTEN: Final = frozenset({"GET", "PUT"})
_OF_BUCKETS: Final = {
    **dict.fromkeys(("cors", "encryption", "lifecycle", "ownershipControls", "policy"), _EVERYWHERE),
    **dict.fromkeys(("publicAccessBlock", "replication", "tagging", "website"), _EVERYWHERE),
    **dict.fromkeys(("accelerate", "acl", "logging", "notification", "object-lock"), _READ_AND_WRITTEN),
    **dict.fromkeys(("requestPayment", "versioning"), _READ_AND_WRITTEN),
    **dict.fromkeys(("location", "uploads", "versions"), frozenset({"GET"})),
    **dict.fromkeys(("abac", "metadataConfiguration", "metadataTable", "policyStatus", "session"), frozenset[str]()),
    **dict.fromkeys(("metadataInventoryTable", "metadataJournalTable"), frozenset[str]()),
    "delete": frozenset({"POST"}),
}
_OF_OBJECTS: Final = {
    "tagging": _EVERYWHERE,
    **dict.fromkeys(("acl", "legal-hold", "retention"), _READ_AND_WRITTEN),
    "attributes": frozenset({"GET"}),
    **dict.fromkeys(("restore", "uploads"), frozenset({"POST"})),
    **dict.fromkeys(("encryption", "renameObject", "select", "torrent"), frozenset[str]()),
}
"""Sub-resource -> the methods with which the emulator knows it."""


def answer_for_subresources() -> None:
    """Keeps the configurations of which a bucket has several, and refuses every other sub-resource it does not know."""
    original: Callable[..., Any]

    def dispatch(method: str, bucket: str, key: str, *request: Any) -> Any:  # noqa: ANN401
        headers, body, query = request
        if bucket and is_unknown(method, query, is_object=bool(key)):
            reason = "A header or query you provided implies functionality that is not implemented."
            return _service()._error("NotImplemented", reason, 501)
        kind = next((name for name in _CONFIGURATIONS if name in query), "")
        if bucket and not key and kind:
            return _configuration(method, bucket, kind, _service()._qp(query, "id"), body)
        if method == "GET" and not key and "requestPayment" in query:
            # The emulator knows it by a name that it does not have.
            query = {**query, "request-payment": [""]}
        return original(method, bucket, key, headers, body, query)

    original = replace("services.s3", "_dispatch", dispatch)


def is_unknown(method: str, query: Collection[str], *, is_object: bool) -> bool:
    """Returns whether a request names a sub-resource that the emulator takes for the bucket or object itself.

    >>> is_unknown("DELETE", ["acl"], is_object=False), is_unknown("DELETE", ["policy"], is_object=False)
    (True, False)
    """
    known = _OF_OBJECTS if is_object else _OF_BUCKETS
    return any(method not in methods for name, methods in known.items() if name in query)


def _configuration(method: str, bucket: str, kind: str, name: str, body: bytes) -> Any:  # noqa: ANN401
    service, (one, several) = _service(), _CONFIGURATIONS[kind]
    found = service._ensure_bucket(bucket)
    if found is None:
        return service._no_such_bucket(bucket)
    stored: dict[str, str] = found.setdefault("_configurations", {}).setdefault(kind, {})
    if method == "GET" and not name:
        inner = "".join(text[text.index(f"<{one}") :] for _, text in sorted(stored.items()))
        return _xml(f"<{several}><IsTruncated>false</IsTruncated>{inner}</{several}>")
    if method == "PUT" and name and f"<{one}" in (text := body.decode("utf-8", "replace")):
        stored[name] = text
        return 200, {}, b""
    if method == "GET" and name in stored:
        return _xml(stored[name])
    if method == "DELETE" and stored.pop(name, ""):
        return 204, {}, b""
    if method in ("GET", "DELETE"):
        code, reason, status = "NoSuchConfiguration", "The specified configuration does not exist.", 404
    else:
        code, reason, status = "MalformedXML", f"?{kind} takes an id and a {one}.", 400
    return service._error(code, reason, status, f"/{bucket}")


def _xml(text: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/xml"}, text.encode()


def _service() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.s3")

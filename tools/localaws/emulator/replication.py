"""Makes S3 replicate with the permissions of the replication role, and under the key that the rule names.

The emulator copies an object at once and asks nobody. Where a permission is missing the object's status becomes FAILED,
nothing is copied, and nothing tries again by itself. AWS documentation: Amazon S3 User Guide, "Setting up permissions
for live replication", "Replicating encrypted objects", "Replicating delete markers between buckets".
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator import key_use, principals
from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.localaws.emulator.principals import Principal

_SERVICE: Final = "s3.amazonaws.com"
_OF_BUCKET: Final = ("GetReplicationConfiguration", "ListBucket")
_OF_OBJECT: Final = ("GetObjectVersionForReplication", "GetObjectVersionAcl", "GetObjectVersionTagging")


@dataclass(frozen=True)
class Place:
    """An object in a bucket: its bucket's name, owner and policy, and its key."""

    bucket: str
    account: str
    policy: str
    key: str

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return f"arn:aws:s3:::{self.bucket}"


def replicate_with_the_roles_permissions() -> None:
    """Replicates only what the role may read and write, and under the rule's key."""
    copy: Callable[..., None]
    mark: Callable[..., None]
    put: Callable[..., Any]

    def maybe_replicate(bucket: str, key: str, found: dict[str, Any], data: Any, tags: Any = None) -> None:  # noqa: ANN401
        rule, role = _service()._replication_rule_for(bucket, key, tags)
        if rule is None or not _is_selected(rule, found):
            return
        source, destination = _place(bucket, key), _place(_destination(rule), key)
        encryption = _encryption_of_replica(rule, found["preserved_headers"], destination)
        if destination is None or not _may_copy(role, (source, destination), found, encryption, tagged=bool(tags)):
            found["replication_status"] = "FAILED"
            _count_failure(bucket, rule)
            return
        own = found["preserved_headers"]
        # The emulator's copy of it takes these along.
        found["preserved_headers"] = {**{name: own[name] for name in own if not _is_encryption(name)}, **encryption}
        try:
            copy(bucket, key, found, data, tags)
        finally:
            found["preserved_headers"] = own

    def maybe_replicate_delete_marker(bucket: str, key: str) -> None:
        rule, role = _service()._replication_rule_for(bucket, key, None)
        source, destination = _place(bucket, key), _place(_destination(rule or {}), key)
        principal = _principal(role, source) if rule and destination else None
        if principal and _may_read(principal, source) and _may_write(principal, destination, "ReplicateDelete", {}):
            mark(bucket, key)

    def put_bucket_replication(bucket: str, body: bytes) -> Any:  # noqa: ANN401
        before = _service()._bucket_replication.get(bucket)
        answer = put(bucket, body)
        rules = (_service()._bucket_replication.get(bucket) or {}).get("Rules", [])
        if answer[0] != 200 or all("DeleteMarkerReplication" in rule for rule in rules if "Filter" in rule):
            return answer
        _service()._bucket_replication.pop(bucket)
        if before:
            _service()._bucket_replication[bucket] = before
        reason = "DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration"
        return _service()._error("InvalidRequest", f"{reason} schema.", 400, f"/{bucket}")

    copy = replace("services.s3", "_maybe_replicate", maybe_replicate)
    mark = replace("services.s3", "_maybe_replicate_delete_marker", maybe_replicate_delete_marker)
    put = replace("services.s3", "_put_bucket_replication", put_bucket_replication)


def _count_failure(bucket: str, rule: Mapping[str, Any]) -> None:
    """Counts a failed operation, where the rule asks for metrics (User Guide, "Metrics and dimensions")."""
    if (rule.get("Destination") or {}).get("Metrics", {}).get("Status") == "Enabled":
        dimensions = {"SourceBucket": bucket, "DestinationBucket": _destination(rule), "RuleId": rule["ID"]}
        importlib.import_module("ministack.services.cloudwatch").record_metric(
            "AWS/S3", "OperationsFailedReplication", 1, "Count", dimensions
        )


def _is_selected(rule: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Returns whether a rule is about an object: one under a KMS key must be asked for."""
    chosen = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {}).get("Status") == "Enabled"
    return chosen or key_use.KEY_HEADER not in found["preserved_headers"]


def _destination(rule: Mapping[str, Any]) -> str:
    return str((rule.get("Destination") or {}).get("Bucket", "")).rpartition(":::")[2]


def _place(bucket: str, key: str) -> Place | None:
    service = _service()
    account = service._bucket_owner_account(bucket)
    policy = service._bucket_policies.get_scoped(account, None, bucket) if account else ""
    return Place(bucket, account, policy or "", key) if account else None


def _encryption_of_replica(
    rule: Mapping[str, Any], own: Mapping[str, str], destination: Place | None
) -> dict[str, str]:
    if key_use.KEY_HEADER in own:
        key = rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"]
        return {"x-amz-server-side-encryption": "aws:kms", key_use.KEY_HEADER: key}
    kept = {name: value for name, value in own.items() if _is_encryption(name)}
    if kept or destination is None:
        return kept
    with _service()._in_account(destination.account):
        default: dict[str, str] = _service()._bucket_default_sse_headers(destination.bucket)
    return default


def _is_encryption(header: str) -> bool:
    return header.startswith("x-amz-server-side-encryption")


def _principal(role: str, source: Place | None) -> Principal | None:
    if source is None or role.count(":") < 5:
        return None
    return principals.role(role, _SERVICE, {"aws:SourceAccount": source.account, "aws:SourceArn": source.bucket_arn})


def _may_copy(
    role: str,
    places: tuple[Place | None, Place],
    found: Mapping[str, Any],
    encryption: Mapping[str, str],
    *,
    tagged: bool,
) -> bool:
    source, destination = places
    principal = _principal(role, source)
    if principal is None or source is None:
        return False
    is_let_in = (
        _may_read(principal, source, *_OF_OBJECT)
        and _may_write(principal, destination, "ReplicateObject", encryption)
        and (not tagged or _may_write(principal, destination, "ReplicateTags", {}))
    )
    uses = [
        (source, found["preserved_headers"].get(key_use.KEY_HEADER), ("Decrypt",)),
        (destination, encryption.get(key_use.KEY_HEADER), ("Encrypt", "GenerateDataKey")),
    ]
    return is_let_in and all(
        _may_use(principal, place, key, action) for place, key, actions in uses if key for action in actions
    )


def _may_read(principal: Principal, place: Place | None, *of_object: str) -> bool:
    if place is None:
        return False
    asked = [(name, place.bucket_arn) for name in _OF_BUCKET]
    asked += [(name, f"{place.bucket_arn}/{place.key}") for name in of_object]
    return all(_is_allowed(principal, f"s3:{name}", arn, {}, place) for name, arn in asked)


def _may_write(principal: Principal, place: Place | None, action: str, encryption: Mapping[str, str]) -> bool:
    context = {f"s3:{name}": value for name, value in encryption.items()}
    return place is not None and _is_allowed(
        principal, f"s3:{action}", f"{place.bucket_arn}/{place.key}", context, place
    )


def _is_allowed(principal: Principal, action: str, arn: str, context: Mapping[str, str], place: Place) -> bool:
    return principals.decision(principal, action, arn, context, (place.policy, place.account)) == "Allow"


def _may_use(principal: Principal, place: Place, key: str, action: str) -> bool:
    with _service()._in_account(place.account):
        context = key_use.encryption_context(place.bucket, place.key, {})
        return key_use.denial(principal, action, key, "s3", context) is None


def _service() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.s3")

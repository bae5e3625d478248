"""Writes an export of a table to S3, with what the caller may do there."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator import export_files, key_use, principals
from tools.localaws.emulator.export_times import SECOND, text

if TYPE_CHECKING:
    from tools.localaws.emulator.export_files import File
    from tools.localaws.emulator.principals import Principal

    Description = dict[str, Any]

_ACTIONS: Final = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:PutObjectAcl")


def refusal(description: Description, principal: Principal | None) -> tuple[str, str] | None:
    """Returns the code and message with which an export fails because of what the caller may not do."""
    service, bucket = _s3(), description["S3Bucket"]
    owner = service._bucket_owner_account(bucket)
    if not owner:
        return "S3NoSuchBucket", "The specified bucket does not exist"
    policy = service._bucket_policies.get_scoped(owner, None, bucket) or ""
    folder = _folder(description)
    if principal is None or description.get("S3BucketOwner", principal.account) != owner:
        return "S3AccessDenied", f"Bucket {bucket} is of account {owner}, which is not S3BucketOwner"
    encryption = _encryption(description)
    context = {f"s3:{name}": value for name, value in encryption.items()}
    arn = f"arn:aws:s3:::{bucket}/{folder}/_started"
    for action in _ACTIONS:
        keys = context if action == "s3:PutObject" else {}
        if principals.decision(principal, action, arn, keys, (policy, owner)) != "Allow":
            return "S3AccessDenied", f"User: {principal.arn} is not authorized to perform: {action} on resource: {arn}"
    with service._in_account(owner):
        default = encryption or service._bucket_default_sse_headers(bucket)
        use = key_use.encryption_context(bucket, f"{folder}/_started", {})
        if key := default.get(key_use.KEY_HEADER):
            for action in ("GenerateDataKey", "Decrypt"):
                if denied := key_use.denial(principal, action, key, "s3", use):
                    return "S3KMSAccessDenied", denied[1]
    return None


def files(description: Description, lines: list[tuple[str, bytes]]) -> list[File]:
    """Returns the objects of an export in the order in which they are written, and adds to its description."""
    folder, window = _folder(description), description.get("IncrementalExportSpecification")
    export = description["ExportArn"].rpartition("/")[2]
    # Incremental exports share one folder for their data.
    data = export_files.data_files(lines, f"{folder.rpartition('/')[0] if window else folder}/data", export)
    description |= {
        "ItemCount": len(lines),
        "BilledSizeBytes": sum(len(line) for _, line in lines),
        "ExportManifest": f"{folder}/manifest-summary.json",
    }
    return [
        export_files.File(f"{folder}/_started", b""),
        *data,
        *export_files.manifests(folder, data, _summary(description)),
    ]


def _summary(description: Description) -> dict[str, Any]:
    window = description.get("IncrementalExportSpecification")
    stamped = (
        {
            "exportFromTime": text(window["ExportFromTime"] * SECOND),
            "exportToTime": text(window["ExportToTime"] * SECOND),
            "outputView": window["ExportViewType"],
        }
        if window
        else {"exportTime": text(description["ExportTime"] * SECOND)}
    )
    started = text(description["StartTime"] * SECOND)
    return {
        "version": "2023-08-01",
        "exportArn": description["ExportArn"],
        "startTime": started,
        "endTime": started,
        "tableArn": description["TableArn"],
        "tableId": description["TableId"],
        **stamped,
        "s3Bucket": description["S3Bucket"],
        "s3Prefix": description.get("S3Prefix"),
        "s3SseAlgorithm": description.get("S3SseAlgorithm", "AES256"),
        "s3SseKmsKeyId": description.get("S3SseKmsKeyId"),
        "billedSizeBytes": description["BilledSizeBytes"],
        "itemCount": description["ItemCount"],
        "outputFormat": "DYNAMODB_JSON",
        "exportType": description["ExportType"],
    }


def put(description: Description, file: File) -> None:
    """Writes one object of an export.

    Raises:
        OSError: it cannot be written.
    """
    service, bucket = _s3(), description["S3Bucket"]
    with service._in_account(service._bucket_owner_account(bucket)):
        answer = service._put_object(bucket, file.key, file.content, _encryption(description))
    if answer[0] != 200:
        raise OSError(f"{file.key} cannot be written: {answer[2].decode(errors='replace')}")


def _folder(description: Description) -> str:
    export, prefix = description["ExportArn"].rpartition("/")[2], (description.get("S3Prefix") or "").rstrip("/")
    return f"{prefix}/AWSDynamoDB/{export}" if prefix else f"AWSDynamoDB/{export}"


def _encryption(description: Description) -> dict[str, str]:
    algorithm, key = description.get("S3SseAlgorithm"), description.get("S3SseKmsKeyId")
    if algorithm == "KMS" and key:
        return {"x-amz-server-side-encryption": "aws:kms", key_use.KEY_HEADER: key}
    return {"x-amz-server-side-encryption": "AES256"} if algorithm == "AES256" else {}


def _s3() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.s3")

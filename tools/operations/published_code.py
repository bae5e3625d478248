"""Holds a deploy to the code that its review showed, whoever published code outside of Terraform in between.

The alias goes to the function's newest version. Somebody may have published that version from code of their own, or
changed the function's unpublished code ($LATEST), of which the provider publishes the next version when only a setting
changes. Neither is a difference to Terraform, so the code is compared here: before the apply, where the apply uploads
none, and after it.

AWS documentation: "Manage Lambda function versions",
https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html.
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools import files
from tools.artifact import table_settings
from tools.deployments.aws import reason
from tools.errors import LakeError, RefusedError, UsageError
from tools.plan_review import artifacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

    from tools.artifact.archive import Artifact as Package
    from tools.deployments.deployment import Deployment
    from tools.plan_review.artifacts import Artifact
    from tools.plan_review.plan import Plan

LATEST: Final = "$LATEST"
"""Lambda's name for the code and settings that no version was published of."""


@dataclass(frozen=True)
class Code:
    """The code of one version of a function: its SHA-256 in hex, and since when it is there, as Lambda writes it."""

    version: str
    sha256: str
    since: str


def identify(plan: Plan, s3: S3Client, package: Package | None = None) -> tuple[Artifact, ...]:
    """Returns the code package of each function of a plan, with the hash of those that lie in S3.

    `package` is what was prepared for the plan; of the function that gets it more is told.

    Raises:
        LakeError: a package in S3 cannot be read.
    """
    hashed = [
        replace(each, sha256=_sha256_in_s3(s3, each.bucket, each.key)) if each.bucket and each.key else each
        for each in artifacts.find(plan)
    ]
    return tuple(
        replace(each, size=package.size, has_native_code=package.has_native_code)
        if package and package.sha256 == each.sha256
        else each
        for each in hashed
    )


def check_files(packages: Iterable[Artifact]) -> None:
    """Checks that the files which a plan uploads are there, and as they were when it was made.

    Raises:
        LakeError: one is gone, or another.
    """
    for each in packages:
        if not each.file or not each.is_uploaded:
            continue
        try:
            found = files.sha256(Path(each.file))
        except OSError as error:
            raise LakeError(
                f"{each.file}, which the plan uploads, cannot be read ({error.strerror}); plan again"
            ) from None
        if found != each.sha256:
            raise LakeError(f"{each.file} is another package than when the plan was made; plan again")


def check_table_settings(plan: Plan, package: Package | None) -> None:
    """Checks that the package holds the tables' settings that Terraform will tell the function.

    Raises:
        UsageError: it holds others, because the tools did not read from `tables` what Terraform did.
    """
    held = table_settings.sha256(package.table_settings) if package else None
    for resource in plan.resource_changes:
        after = resource.change.after or {}
        if resource.mode != "managed" or resource.type != artifacts.FUNCTION or not after.get("environment"):
            continue
        planned = artifacts.function_variables(after).get(table_settings.HASH_VARIABLE)
        if planned != held:
            raise UsageError(
                "tables: the package holds other rules than the plan (SHA-256 of its settings "
                f"{held}, not {planned}); write rules and before as plain values, without expressions"
            )


def check_before_apply(plan: Plan, found: tuple[Artifact, ...], client: LambdaClient, deployment: Deployment) -> None:
    """Checks that a function whose code the plan leaves alone has the code of its package.

    Raises:
        RefusedError: it has other code; the message has the command that puts it right.
        LakeError: Lambda does not answer.
    """
    for artifact in found:
        if artifact.is_uploaded:
            continue
        qualifiers = (*alias_versions(plan, artifact), LATEST)
        foreign = foreign_code(artifact, [_code(client, artifact.function_name, each) for each in qualifiers])
        if foreign:
            raise RefusedError(
                f"refused: {foreign}; Terraform sees no difference, and would give it to the alias. Nothing was "
                f"applied. {_repair(artifact, plan, deployment)}"
            )


def check_after_apply(plan: Plan, found: tuple[Artifact, ...], client: LambdaClient, deployment: Deployment) -> None:
    """Checks that each alias leads to the code that the review showed.

    Raises:
        LakeError: it leads to other code, because somebody changed the function during the deploy.
    """
    for artifact in found:
        codes = [_code(client, artifact.function_name, alias) for alias in _aliases(plan, artifact)]
        foreign = foreign_code(artifact, codes)
        if foreign:
            raise LakeError(
                f"{foreign}, and the alias points to it: the function was changed during the deploy. "
                f"{_repair(artifact, plan, deployment)}"
            )


def _repair(artifact: Artifact, plan: Plan, deployment: Deployment) -> str:
    return f"Publish the package's code, and deploy again: {repair_command(artifact, plan.region, deployment)}"


def alias_versions(plan: Plan, artifact: Artifact) -> list[str]:
    """Returns the versions that aliases of the function point to after the apply, as far as the plan knows them."""
    versions = {after.get("function_version") for after in _alias_attributes(plan, artifact)}
    return sorted(version for version in versions if isinstance(version, str) and version != LATEST)


def foreign_code(artifact: Artifact, codes: list[Code]) -> str | None:
    """Returns which code is not that of the package, for people: the first of `codes` that is not; None if all are."""
    for code in codes:
        if code.sha256 != artifact.sha256:
            name = f"the unpublished code ({LATEST})" if code.version == LATEST else f"version {code.version}"
            return (
                f"{name} of function {artifact.function_name}, there since {code.since}, is not {artifact.name} "
                f"(sha256 {code.sha256}, not {artifact.sha256})"
            )
    return None


def repair_command(artifact: Artifact, region: str | None, deployment: Deployment) -> str:
    """Returns the command of the AWS CLI that publishes the package's code as a new version and moves no alias."""
    if artifact.file:
        package = ["--zip-file", f"fileb://{(deployment.folder / artifact.file).resolve()}"]
    else:
        package = ["--s3-bucket", str(artifact.bucket), "--s3-key", str(artifact.key)]
    profile = None if deployment.is_local else deployment.environment_variables.get("AWS_PROFILE")
    words = ["aws", "lambda", "update-function-code", "--function-name", artifact.function_name, *package, "--publish"]
    words += ["--region", region] if region else []
    words += ["--profile", profile] if profile else []
    account = deployment.environment_variables.get("AWS_ACCESS_KEY_ID")
    local = f'eval "$(python -m tools.local env --account {account})" && ' if deployment.is_local else ""
    return local + shlex.join(words)


def _aliases(plan: Plan, artifact: Artifact) -> list[str]:
    return sorted(str(after["name"]) for after in _alias_attributes(plan, artifact))


def _alias_attributes(plan: Plan, artifact: Artifact) -> list[dict[str, object]]:
    return [
        change.change.after
        for change in plan.resource_changes
        if change.mode == "managed"
        and change.type == "aws_lambda_alias"
        and change.change.after
        and change.change.after.get("function_name") == artifact.function_name
    ]


def _code(client: LambdaClient, function_name: str, qualifier: str) -> Code:
    try:
        found = client.get_function_configuration(FunctionName=function_name, Qualifier=qualifier)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"cannot look at the code of function {function_name}:{qualifier} ({reason(error)})") from None
    return Code(found["Version"], artifacts.to_hex(found["CodeSha256"]), found["LastModified"])


def _sha256_in_s3(s3: S3Client, bucket: str, key: str) -> str:
    try:
        checksum = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED").get("ChecksumSHA256", "")
        # The checksum of an object that was uploaded in parts is one of the parts' checksums, and says how many.
        if checksum and "-" not in checksum:
            return artifacts.to_hex(checksum)
        digest = hashlib.sha256()
        for chunk in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks():
            digest.update(chunk)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"cannot read the function's package s3://{bucket}/{key} ({reason(error)})") from None
    return digest.hexdigest()

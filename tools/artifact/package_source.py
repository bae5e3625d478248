"""Decides where the function's code comes from, builds it and brings it there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.artifact import archive, glue, hook, table_settings
from tools.artifact.target import LOCAL, lambda_target
from tools.cli import console
from tools.deployments.aws import reason
from tools.errors import LakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.artifact.archive import Artifact
    from tools.artifact.glue import Wheel
    from tools.artifact.hook import HookCode
    from tools.artifact.target import Target
    from tools.deployments.aws import Aws

DEFAULT_RUNTIME: Final = "python3.13"
DEFAULT_ARCHITECTURE: Final = "arm64"
_KEY_PREFIX: Final = "lake_transform/"


@dataclass(frozen=True)
class PreparedCode:
    """The function's code, where Terraform can take it.

    Attributes:
        variables: the NAME=VALUE pairs that tell Terraform where it lies.
        artifact: what it is; None where there is no function.
    """

    variables: tuple[str, ...] = ()
    artifact: Artifact | None = None


def prepare(
    given: Mapping[str, Any],
    *,
    local: bool,
    aws: Aws,
    folder: Path,
    artifact_folder: Path,
    native: bool | None = None,
) -> PreparedCode:
    """Builds and uploads what is needed, and returns where the code lies.

    `given` are the values that the user gave for variables, `folder` the environment's, to which the user's own
    relative path may refer, `artifact_folder` where the built zip goes. With `transformation_lambda_file` given nothing
    is built; with `artifact_bucket` given what was built is uploaded there under its content hash. What is built holds
    the hook that `transform.hook` names, from `transform.hook_source`, and native code as `native` says, or, where it
    is None, as `archive.build` does.

    A package that is built already must hold the settings of the tables that are given. Where there is a backfill job,
    its package is built too.

    Raises:
        UsageError: the settings of the function are none that Lambda has, the hook cannot be packaged, `native` is
            given where nothing is built, or what is built already is for other tables.
        LakeError: the build failed, the file is unusable, or the bucket does not give or take it.
    """
    bucket, file = given.get("artifact_bucket"), given.get("transformation_lambda_file")
    if file and native is not None:
        raise UsageError(
            "--native and --without-native are for code that is built here; transformation_lambda_file names what is "
            "built already"
        )
    if not file:
        found = build(given, local=local, folder=folder, artifact_folder=artifact_folder, native=native)
        place = upload(found, aws, bucket) if bucket else str(found.path)
        prepared = PreparedCode((f"transformation_lambda_file={place}",), found)
    else:
        found = _download(bucket, file, aws) if bucket else archive.read_file(_existing(Path(file), folder))
        wanted = table_settings.encode(table_settings.of_tables(given.get("tables")))
        name = f"s3://{bucket}/{file}" if bucket else found.path.name
        place = f"{folder.name} --local" if local else folder.name
        table_settings.check_same(found.table_settings, wanted, name, place)
        prepared = PreparedCode(() if bucket else (f"transformation_lambda_file={found.path}",), found)
    console.say(f"    {describe_code(found)}")
    if given.get("backfill") is None or given.get("backfill_package_file"):
        return prepared
    job = build_job(given, folder=folder, artifact_folder=artifact_folder)
    console.say(f"    job's code: {job.path.name}, sha256 {job.sha256}, {job.size:,} bytes")
    return replace(prepared, variables=(*prepared.variables, f"backfill_package_file={job.path}"))


def build(
    given: Mapping[str, Any], *, local: bool, folder: Path, artifact_folder: Path, native: bool | None = None
) -> Artifact:
    """Builds the package for the values that the user gave, as `prepare` describes it.

    Raises:
        UsageError, LakeError: as `prepare`.
    """
    transform = given.get("transform")
    return archive.build(
        LOCAL if local else _target(transform),
        artifact_folder,
        hook=_hook(transform, folder),
        native=native,
        settings=table_settings.encode(table_settings.of_tables(given.get("tables"))),
        through_bucket=bool(given.get("artifact_bucket")),
    )


def build_job(given: Mapping[str, Any], *, folder: Path, artifact_folder: Path) -> Wheel:
    """Builds the package of the Glue job with the hook and the tables' settings that the user gave for the function.

    Raises:
        UsageError, LakeError: as `prepare`.
    """
    return glue.build(
        artifact_folder,
        hook=_hook(given.get("transform"), folder),
        settings=table_settings.encode(table_settings.of_tables(given.get("tables"))),
    )


def describe_code(code: Artifact) -> str:
    """Returns what the function will run, in one line."""
    native = "with" if code.has_native_code else "without"
    return f"function's code: {code.path.name}, sha256 {code.sha256}, {code.size:,} bytes, {native} native code"


def upload(built: Artifact, aws: Aws, bucket: str) -> str:
    """Uploads the artifact under its content hash, unless it is there already, and returns its key.

    Raises:
        LakeError: the bucket does not exist or does not take it.
    """
    key = _KEY_PREFIX + built.path.name
    s3 = aws.client("s3")
    try:
        if s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("KeyCount"):
            console.say(f"    s3://{bucket}/{key} is there already")
            return key
        s3.put_object(Bucket=bucket, Key=key, Body=built.path.read_bytes(), ContentType="application/zip")
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"artifact_bucket: cannot upload {key} to {bucket} ({reason(error)})") from None
    console.say(f"    uploaded s3://{bucket}/{key}")
    return key


def _download(bucket: str, key: str, aws: Aws) -> Artifact:
    try:
        packed = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"cannot read the function's package s3://{bucket}/{key} ({reason(error)})") from None
    return archive.read_bytes(packed, Path(key), from_bucket=True)


def _existing(file: Path, folder: Path) -> Path:
    here, there = file.absolute(), folder / file
    return there if there.exists() and not here.exists() else here


def _hook(transform: object, folder: Path) -> HookCode | None:
    settings = transform if isinstance(transform, dict) else {}
    reference, source = settings.get("hook"), settings.get("hook_source")
    if source and not reference:
        raise UsageError("transform.hook_source is given without transform.hook: which package.module:function is it?")
    if reference and not source:
        raise UsageError(
            f"transform.hook is {reference!r}, and what is built has no such module: give transform.hook_source, its "
            "Python file or package folder, or a transformation_lambda_file that holds it"
        )
    return hook.read(_existing(Path(source), folder), reference) if source else None


def _target(transform: object) -> Target:
    settings = transform if isinstance(transform, dict) else {}
    runtime, architecture = settings.get("runtime"), settings.get("architecture")
    try:
        return lambda_target(runtime or DEFAULT_RUNTIME, architecture or DEFAULT_ARCHITECTURE)
    except UsageError as error:
        raise UsageError(f"transform: {error}") from None

"""What is built for which place, and how people are told what the function will run."""

from __future__ import annotations

import functools
import hashlib
import io
import zipfile
from types import SimpleNamespace

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from tools.artifact import archive, package_source
from tools.artifact.archive import Artifact
from tools.artifact.target import LOCAL, lambda_target
from tools.errors import LakeError, UsageError


@pytest.fixture
def built(monkeypatch, tmp_path):
    """Stands in for the build, and keeps what was asked of it."""
    seen = []

    def build(target, _folder, *, hook, native, settings, through_bucket):
        seen.append((target, native, settings))
        has_native_code = native is not False
        return Artifact(tmp_path / "lake_transform-x.zip", 1234, "ab" * 32, has_native_code, settings)

    monkeypatch.setattr(archive, "build", build)
    return seen


@pytest.fixture
def prepare(tmp_path):
    """Prepares code for an environment whose folder, and whose artifact's, is the test's own."""
    return functools.partial(package_source.prepare, aws=None, folder=tmp_path, artifact_folder=tmp_path)


@pytest.mark.parametrize(("local", "target"), [(True, LOCAL), (False, lambda_target("python3.13", "arm64"))])
@pytest.mark.parametrize("native", [None, True, False])
def test_the_choice_of_native_code_is_the_users_or_the_builds(prepare, built, tmp_path, local, target, native):
    prepare({}, local=local, native=native)

    assert built == [(target, native, None)]


@pytest.mark.parametrize(("native", "words"), [(True, "with native code"), (False, "without native code")])
def test_what_is_built_is_described_with_its_hash_and_its_native_code(prepare, built, tmp_path, capsys, native, words):
    prepared = prepare({}, local=True, native=native)

    line = f"function's code: lake_transform-x.zip, sha256 {'ab' * 32}, 1,234 bytes, {words}"
    assert prepared.variables == (f"transformation_lambda_file={tmp_path / 'lake_transform-x.zip'}",)
    assert package_source.describe_code(prepared.artifact) == line
    assert line in capsys.readouterr().out


@pytest.mark.parametrize("has_native_code", [True, False])
def test_a_file_of_the_users_own_is_described_as_it_is(prepare, built, tmp_path, has_native_code):
    file = tmp_path / "own.zip"
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("lake_transform/libone_pass.so" if has_native_code else "handler.py", "x")
    prepared = prepare({"transformation_lambda_file": str(file)}, local=False)

    assert built == []
    assert prepared.variables == (f"transformation_lambda_file={file}",)
    assert (prepared.artifact.path, prepared.artifact.has_native_code) == (file, has_native_code)
    assert prepared.artifact.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


RULES = {"orders": {"rules": {"email": {"as": "hash"}}, "before": True}, "customers": {}}
SETTINGS = b'{"orders":{"before":true,"rules":{"email":"hash"}}}'


def packed(settings):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("lake_transform/handler.py", "x")
        if settings is not None:
            zipped.writestr("lake_transform/table_settings.json", settings)
    return buffer.getvalue()


def bucket_with(content):
    """Access to an S3 that has the package k.zip in bucket b."""
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    stubber = Stubber(s3)
    if content is None:
        stubber.add_client_error("get_object", "AccessDenied")
    else:
        body = {"Body": StreamingBody(io.BytesIO(content), len(content))}
        stubber.add_response("get_object", body, {"Bucket": "b", "Key": "k.zip"})
    stubber.activate()
    return SimpleNamespace(client=lambda _service: s3)


def test_what_is_built_holds_the_rules_of_the_tables(prepare, built):
    prepared = prepare({"tables": RULES}, local=True)

    assert [settings for _, _, settings in built] == [SETTINGS]
    assert prepared.artifact.table_settings == SETTINGS


@pytest.mark.parametrize("in_bucket", [True, False])
@pytest.mark.parametrize(
    ("held", "tables", "differs"),
    [
        (SETTINGS, RULES, None),
        (None, {"orders": {}}, None),
        (None, RULES, "orders"),
        (SETTINGS, {"orders": {}}, "orders"),
        (SETTINGS, {"orders": {"before": True, "rules": {"email": {"as": "text"}}}}, "orders"),
        (SETTINGS, RULES | {"customers": {"before": True}}, "customers"),
        (SETTINGS + b"\n", RULES, "every table"),
        (b"no json", RULES, "orders"),
    ],
)
def test_what_is_built_already_must_hold_the_rules_of_the_tables(
    prepare, built, tmp_path, in_bucket, held, tables, differs
):
    given = {"tables": tables, "transformation_lambda_file": "k.zip"} | ({"artifact_bucket": "b"} if in_bucket else {})
    (tmp_path / "k.zip").write_bytes(packed(held))
    aws = bucket_with(packed(held))

    if differs is None:
        assert prepare(given, local=False, aws=aws).artifact.table_settings == held
    else:
        name = "s3://b/k.zip" if in_bucket else "k.zip"
        with pytest.raises(UsageError, match=f"{name} was built for other tables: .* for {differs}; build it anew: "):
            prepare(given, local=False, aws=aws)
    assert built == []


@pytest.mark.parametrize(("local", "option"), [(True, " --local"), (False, "")])
def test_the_command_that_builds_for_the_tables_builds_for_the_place(prepare, tmp_path, local, option):
    (tmp_path / "own.zip").write_bytes(packed(None))
    given = {"tables": RULES, "transformation_lambda_file": "own.zip"}

    with pytest.raises(UsageError, match=rf"python -m tools\.build {tmp_path.name}{option} --var-file FILE$"):
        prepare(given, local=local)


def test_code_that_lies_in_a_bucket_is_looked_at_and_not_built(prepare, built):
    given = {"artifact_bucket": "b", "transformation_lambda_file": "k.zip"}
    prepared = prepare(given, local=False, aws=bucket_with(packed(None)))

    assert built == []
    assert prepared.variables == ()
    assert prepared.artifact.sha256 == hashlib.sha256(packed(None)).hexdigest()


def test_code_in_a_bucket_that_cannot_be_read_is_named(prepare):
    given = {"artifact_bucket": "b", "transformation_lambda_file": "k.zip"}

    with pytest.raises(LakeError, match=r"cannot read the function's package s3://b/k\.zip \(.*AccessDenied"):
        prepare(given, local=False, aws=bucket_with(None))


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("bucket", [None, "b"])
def test_native_code_cannot_be_chosen_for_what_is_built_already(prepare, built, tmp_path, native, bucket):
    given = {"artifact_bucket": bucket, "transformation_lambda_file": "own.zip"}

    with pytest.raises(UsageError, match=r"--native and --without-native .* transformation_lambda_file"):
        prepare(given, local=False, native=native)


def test_a_file_that_is_not_there_is_told(prepare):
    with pytest.raises(LakeError, match="there is no file"):
        prepare({"transformation_lambda_file": "own.zip"}, local=False)

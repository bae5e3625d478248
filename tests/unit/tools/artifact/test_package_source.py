"""What is built for which place, and how people are told what the function will run."""

from __future__ import annotations

import functools
import hashlib
import zipfile

import pytest

from tools.artifact import archive, package_source
from tools.artifact.archive import Artifact
from tools.artifact.target import LOCAL, lambda_target
from tools.errors import LakeError, UsageError


@pytest.fixture
def built(monkeypatch, tmp_path):
    """Stands in for the build, and keeps what was asked of it."""
    seen = []

    def build(target, _folder, *, hook, native):
        seen.append((target, native))
        return Artifact(tmp_path / "lake_transform-x.zip", 1234, "ab" * 32, has_native_code=native is not False)

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

    assert built == [(target, native)]


@pytest.mark.parametrize(("native", "words"), [(True, "with native code"), (False, "without native code")])
def test_what_is_built_is_described_with_its_hash_and_its_native_code(prepare, built, tmp_path, capsys, native, words):
    prepared = prepare({}, local=True, native=native)

    line = f"function's code: lake_transform-x.zip, sha256 {'ab' * 32}, 1,234 bytes, {words}"
    assert prepared.variables == (f"transformation_lambda_file={tmp_path / 'lake_transform-x.zip'}",)
    assert prepared.description == line
    assert line in capsys.readouterr().out


@pytest.mark.parametrize("has_native_code", [True, False])
def test_a_file_of_the_users_own_is_described_as_it_is(prepare, built, tmp_path, has_native_code):
    file = tmp_path / "own.zip"
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("lake_transform/libone_pass.so" if has_native_code else "handler.py", "x")
    prepared = prepare({"transformation_lambda_file": str(file)}, local=False)

    assert built == []
    assert prepared.variables == (f"transformation_lambda_file={file}",)
    assert f"own.zip, sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}" in prepared.description
    assert prepared.description.endswith(f"{'with' if has_native_code else 'without'} native code")


def test_code_that_lies_in_a_bucket_is_named_and_not_built(prepare, built, tmp_path):
    given = {"artifact_bucket": "b", "transformation_lambda_file": "k.zip"}
    prepared = prepare(given, local=False)

    assert built == []
    assert prepared == package_source.PreparedCode((), "function's code: s3://b/k.zip, as it is there")


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("bucket", [None, "b"])
def test_native_code_cannot_be_chosen_for_what_is_built_already(prepare, built, tmp_path, native, bucket):
    given = {"artifact_bucket": bucket, "transformation_lambda_file": "own.zip"}

    with pytest.raises(UsageError, match=r"--native and --without-native .* transformation_lambda_file"):
        prepare(given, local=False, native=native)


def test_a_file_that_is_not_there_is_told(prepare):
    with pytest.raises(LakeError, match="there is no file"):
        prepare({"transformation_lambda_file": "own.zip"}, local=False)

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import time
import zipfile

import pytest

from tools.artifact import archive, bytecode
from tools.artifact.target import LOCAL, RUNTIMES, lambda_target
from tools.errors import LakeError, UsageError

_OF_THIS_PYTHON = lambda_target(bytecode.OF_THIS_PYTHON, "x86_64")
_OF_ANOTHER_PYTHON = lambda_target(
    next(runtime for runtime in RUNTIMES if runtime != bytecode.OF_THIS_PYTHON), "x86_64"
)
CONTENT = {"b/two.py": b"two", "a.py": b"one", "lib/x.cpython-313-aarch64-linux-gnu.so": b"\x7fELF"}


def test_same_content_packs_to_the_same_bytes_whatever_its_order_and_the_clock(monkeypatch):
    first = archive.pack(CONTENT)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    os.utime(__file__)

    assert archive.pack(dict(reversed(CONTENT.items()))) == first


def test_one_changed_byte_changes_the_zip():
    assert archive.pack(CONTENT) != archive.pack({**CONTENT, "a.py": b"onE"})


def test_members_are_sorted_undated_and_readable_by_the_function_user():
    with zipfile.ZipFile(io.BytesIO(archive.pack(CONTENT))) as zipped:
        entries = zipped.infolist()

    assert [entry.filename for entry in entries] == sorted(CONTENT)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert all((entry.external_attr >> 16) & 0o444 == 0o444 for entry in entries)


@pytest.fixture
def sources(tmp_path, monkeypatch):
    lambda_folder = tmp_path / "lambda"
    (lambda_folder / "lake_transform" / "__pycache__").mkdir(parents=True)
    (lambda_folder / "lake_transform" / "handler.py").write_text("x = 1\n")
    (lambda_folder / "lake_transform" / "README.md").write_text("read me\n")
    (lambda_folder / "lake_transform" / "__pycache__" / "handler.cpython-311.pyc").write_bytes(b"cache")
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as zipped:
        for name in ("thing/__init__.py", "thing/__main__.py", "thing/__init__.pyi", "thing-1.0.dist-info/RECORD"):
            zipped.writestr(name, name)
        zipped.writestr("thing-1.0.dist-info/licenses/LICENSE", "free")
    monkeypatch.setattr(archive.paths, "LAMBDA_SOURCES", lambda_folder)
    monkeypatch.setattr(archive, "wheels", lambda _target, _cache: [wheel])
    library = {"lake_transform/libone_pass.so": b"\x7fELF"}
    monkeypatch.setattr(archive.native_library, "library_files", lambda _target, _cache: library)
    return lambda_folder


def test_artifact_holds_the_package_the_wheels_code_and_their_licences_and_nothing_else(sources, tmp_path):
    built = archive.build(_OF_ANOTHER_PYTHON, tmp_path / "build")

    with zipfile.ZipFile(built.path) as zipped:
        assert zipped.namelist() == [
            "lake_transform/handler.py",
            "lake_transform/libone_pass.so",
            "thing-1.0.dist-info/licenses/LICENSE",
            "thing/__init__.py",
        ]


@pytest.mark.parametrize(
    ("target", "native", "has_it"),
    [
        (_OF_ANOTHER_PYTHON, None, True),
        (_OF_ANOTHER_PYTHON, True, True),
        (_OF_ANOTHER_PYTHON, False, False),
        (LOCAL, None, False),
        (LOCAL, True, True),
        (LOCAL, False, False),
    ],
)
def test_native_code_is_built_for_lambda_and_for_this_machine_when_asked_for(sources, tmp_path, target, native, has_it):
    built = archive.build(target, tmp_path / "build", native=native)

    with zipfile.ZipFile(built.path) as zipped:
        assert ("lake_transform/libone_pass.so" in zipped.namelist()) is built.has_native_code is has_it


def test_a_machine_that_could_not_load_native_code_is_built_for_without_it(sources, tmp_path, monkeypatch):
    monkeypatch.setattr(archive.native_library, "library_files", lambda _target, _cache: {})

    assert not archive.build(LOCAL, tmp_path / "build", native=True).has_native_code


def test_without_native_code_no_library_is_packaged_not_even_one_beside_the_source(sources, tmp_path):
    (sources / "lake_transform" / "libone_pass.so").write_bytes(b"another")
    built = archive.build(LOCAL, tmp_path / "build")

    with zipfile.ZipFile(built.path) as zipped:
        assert not [name for name in zipped.namelist() if name.endswith(".so")]


def test_native_code_is_the_targets_whatever_lies_beside_the_source(sources, tmp_path):
    (sources / "lake_transform" / "libone_pass.so").write_bytes(b"another")
    built = archive.build(_OF_ANOTHER_PYTHON, tmp_path / "build")

    with zipfile.ZipFile(built.path) as zipped:
        assert zipped.read("lake_transform/libone_pass.so") == b"\x7fELF"


def test_the_tables_settings_are_packaged_as_they_are_and_change_the_hash(sources, tmp_path):
    (sources / "lake_transform" / "table_settings.json").write_bytes(b"another")
    without = archive.build(LOCAL, tmp_path / "without")
    built = archive.build(LOCAL, tmp_path / "build", settings=b'{"orders":{"before":true}}')

    with zipfile.ZipFile(built.path) as zipped:
        assert zipped.read("lake_transform/table_settings.json") == b'{"orders":{"before":true}}'
    with zipfile.ZipFile(without.path) as zipped:
        assert "lake_transform/table_settings.json" not in zipped.namelist()
    assert built.sha256 != without.sha256
    assert archive.read_file(built.path) == built
    assert archive.read_file(without.path) == without


@pytest.mark.parametrize("content", [b"no zip", b"PK\x03\x04"])
def test_what_is_no_zip_is_told_in_one_line(tmp_path, content):
    file = tmp_path / "own.zip"
    file.write_bytes(content)

    with pytest.raises(LakeError, match=r"^transformation_lambda_file: .*own\.zip is not a readable zip file \(.*\)$"):
        archive.read_file(file)


@pytest.mark.parametrize("target", [LOCAL, _OF_THIS_PYTHON])
def test_for_the_python_that_builds_it_holds_bytecode_that_is_used_and_always_the_same(sources, tmp_path, target):
    builds = [archive.build(target, tmp_path / "build").path.read_bytes() for _ in range(2)]
    task = tmp_path / "task"
    with zipfile.ZipFile(io.BytesIO(builds[0])) as zipped:
        zipped.extractall(task)
    # Whatever looked at the source now would find another one.
    (task / "lake_transform" / "handler.py").write_text("raise SystemExit('compiled')\n")
    script = "import sys; sys.path[:0] = sys.argv[1:]; import lake_transform.handler"
    run = subprocess.run([sys.executable, "-I", "-S", "-c", script, task], capture_output=True, text=True, check=False)

    assert builds[0] == builds[1]
    assert (run.returncode, run.stderr) == (0, "")


def test_code_that_does_not_compile_is_not_packaged(sources, tmp_path):
    (sources / "lake_transform" / "handler.py").write_text("def f(:\n")

    with pytest.raises(LakeError, match="does not compile") as refused:
        archive.build(LOCAL, tmp_path / "build")
    assert "\n" not in str(refused.value)


def test_name_holds_the_hash_of_the_bytes_and_older_builds_of_the_target_go(sources, tmp_path):
    folder = tmp_path / "build"
    arm = lambda_target("python3.13", "arm64")
    first, other = archive.build(arm, folder), archive.build(LOCAL, folder)
    (sources / "lake_transform" / "handler.py").write_text("x = 2\n")
    second = archive.build(arm, folder)

    assert second.sha256[:16] in second.path.name
    assert second.path != first.path
    assert sorted(folder.glob("*.zip")) == sorted([second.path, other.path])


def test_builds_into_different_folders_leave_each_others_zips_alone(sources, tmp_path):
    first = archive.build(LOCAL, tmp_path / "dev")
    (sources / "lake_transform" / "handler.py").write_text("x = 2\n")
    second = archive.build(LOCAL, tmp_path / "prod")

    assert first.path.is_file()
    assert second.path.is_file()


def test_wheels_that_two_builds_download_at_once_are_kept_once(tmp_path, monkeypatch):
    def download(_target, _lock, folder):
        (folder / "a.whl").write_bytes(b"wheel")
        # Another build is done meanwhile.
        monkeypatch.setattr(
            archive, "_download", lambda _target, _lock, folder: (folder / "a.whl").write_bytes(b"wheel")
        )
        archive.wheels(LOCAL, tmp_path)

    monkeypatch.setattr(archive, "_download", download)

    (wheel,) = archive.wheels(LOCAL, tmp_path)

    assert wheel.read_bytes() == b"wheel"
    assert [path.name for path in wheel.parents[1].iterdir()] == [wheel.parent.name]


def test_for_this_machine_a_build_with_native_code_leaves_the_one_without_it(sources, tmp_path):
    folder = tmp_path / "build"
    built = [archive.build(LOCAL, folder, native=native) for native in (False, True, False)]

    assert len({each.path for each in built}) == 2
    assert {each.path for each in built} == set(folder.glob("*.zip"))


def test_a_folder_that_cannot_be_written_is_told_in_one_line(sources, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(LakeError, match=r"^the artifact cannot be built in .*: Not a directory \(.*\)$"):
        archive.build(LOCAL, tmp_path / "file" / "build")


def test_a_full_disk_is_told_in_one_line_and_leaves_no_artifact(sources, tmp_path, monkeypatch):
    def write(file, _data):
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    monkeypatch.setattr(archive.Path, "write_bytes", write)

    with pytest.raises(LakeError, match=r"^the artifact cannot be built in .*: No space left on device \(.*partial\)$"):
        archive.build(_OF_ANOTHER_PYTHON, tmp_path / "build")
    assert not list((tmp_path / "build").glob("*.zip"))


def test_wheels_that_pip_cannot_fetch_are_told_with_its_reason(tmp_path, monkeypatch):
    def fail(_arguments, *, failed):
        (tmp_path / "cache" / "seen").touch()
        raise LakeError(f"{failed}: no connection to the package index")

    monkeypatch.setattr(archive.pip_runner, "run", fail)

    with pytest.raises(LakeError, match=r"^pip could not fetch the wheels of lambda\.txt for local: no connection"):
        archive.wheels(LOCAL, tmp_path / "cache")
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["seen"]


def test_a_package_that_is_too_large_to_send_may_go_through_a_bucket(sources, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "DIRECT_UPLOAD_BYTES", 100)

    with pytest.raises(LakeError, match="set artifact_bucket"):
        archive.build(LOCAL, tmp_path / "build", cache=tmp_path / "cache")
    assert archive.build(LOCAL, tmp_path / "build", through_bucket=True, cache=tmp_path / "cache").size > 100


def test_wheels_are_asked_for_by_the_targets_own_platform():
    options = lambda_target("python3.12", "arm64").pip_options

    assert options[:4] == ["--platform", "manylinux2014_aarch64", "--python-version", "3.12"]
    assert options[4:] == ["--implementation", "cp", "--abi", "cp312"]


@pytest.mark.parametrize(("runtime", "architecture"), [("python3.9", "arm64"), ("python3.13", "mips")])
def test_a_target_that_lambda_does_not_have_is_a_usage_error(runtime, architecture):
    with pytest.raises(UsageError, match=r"python3\.9|mips"):
        lambda_target(runtime, architecture)


def test_an_artifact_over_lambdas_direct_limit_is_refused_and_the_way_out_is_named():
    with pytest.raises(LakeError, match=r"52\.0 MiB.*50\.0 MiB directly; set artifact_bucket"):
        archive.check_limits("big.zip", zipped=52 * 1024**2, unzipped=60 * 1024**2)


def test_an_artifact_over_the_direct_limit_passes_through_a_bucket():
    archive.check_limits("big.zip", zipped=52 * 1024**2, unzipped=60 * 1024**2, from_bucket=True)


def test_an_artifact_over_the_unpacked_limit_is_refused_even_through_a_bucket():
    with pytest.raises(LakeError, match=r"unpacks to 251\.0 MiB"):
        archive.check_limits("big.zip", zipped=1, unzipped=251 * 1024**2, from_bucket=True)


def test_a_missing_or_broken_zip_is_named(tmp_path):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no zip")

    with pytest.raises(LakeError, match="there is no file"):
        archive.read_file(tmp_path / "absent.zip")
    with pytest.raises(LakeError, match=r"broken\.zip is not a readable zip"):
        archive.read_file(broken)

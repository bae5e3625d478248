"""The wheel of the Glue job is the same on every build, installs without an index, and has what the job imports."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import zipfile

import pytest

from tools import paths
from tools.artifact import archive, glue, hook, table_settings
from tools.errors import LakeError, UsageError

SETTINGS = b'{"orders":{"rules":{"email":"drop"}}}'


@pytest.fixture
def pinned(tmp_path, monkeypatch):
    """Stands in for the wheels that would be fetched: what is asked for is kept."""
    wheel = tmp_path / "thing-1.0-cp311-cp311-manylinux2014_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as zipped:
        zipped.mkdir("thing")
        zipped.writestr("thing/__init__.py", "x = 1\n")
        zipped.writestr("thing-1.0.dist-info/RECORD", "")
        zipped.writestr("thing-1.0.dist-info/licenses/LICENSE", "free")
    asked = []
    monkeypatch.setattr(archive, "wheels", lambda target, _cache: asked.append(target) or [wheel])
    return asked


def orders_hook():
    return hook.read(paths.LAMBDA_SOURCES / "examples" / "orders_hook.py")


def test_the_same_sources_give_the_same_bytes_and_other_settings_others(pinned, tmp_path):
    first = glue.build(tmp_path / "a", orders_hook(), settings=SETTINGS)
    again = glue.build(tmp_path / "b", orders_hook(), settings=SETTINGS)

    assert first.path.read_bytes() == again.path.read_bytes()
    assert first.sha256 == hashlib.sha256(first.path.read_bytes()).hexdigest()
    assert glue.build(tmp_path / "b", orders_hook()).sha256 != first.sha256
    assert [(target.runtime, target.architecture) for target in pinned] == [("python3.11", "x86_64")] * 3


def test_every_file_is_recorded_with_its_hash(pinned, tmp_path):
    with zipfile.ZipFile(glue.build(tmp_path, orders_hook(), settings=SETTINGS).path) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    recorded = [line.rsplit(",", 2) for line in files["lake_backfill-1.dist-info/RECORD"].decode().splitlines()]

    assert {name for name, _, _ in recorded} == set(files)
    for name, digest, size in recorded:
        if digest:
            found = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest()).decode().rstrip("=")
            assert (digest, size) == (f"sha256={found}", str(len(files[name])))
    assert files[table_settings.PATH_IN_ZIP] == SETTINGS
    assert {"orders_hook.py", "thing/__init__.py", "thing-1.0.dist-info/licenses/LICENSE"} < set(files)
    assert not [name for name in files if name.endswith((".md", ".typed", ".so", "/"))]


def test_what_is_installed_is_what_a_task_imports(pinned, tmp_path):
    made = glue.build(tmp_path / "wheel", orders_hook())
    with zipfile.ZipFile(made.path) as zipped:
        zipped.extractall(tmp_path / "site")
    code = "import lake_backfill.task, lake_backfill.rows, orders_hook, thing; print(lake_backfill.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "site", capture_output=True, text=True, check=True
    )

    assert done.stdout.strip().startswith(str(tmp_path / "site"))


def test_a_hook_cannot_take_the_place_of_the_jobs_own_package(pinned, tmp_path):
    file = tmp_path / "lake_backfill.py"
    file.write_text("def hook(row, change):\n    return row\n")

    with pytest.raises(UsageError, match="'lake_backfill' is in the function's package already"):
        glue.build(tmp_path / "out", hook.read(file))


def test_a_folder_that_cannot_be_written_is_told_in_one_line(pinned, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(LakeError, match="the job's package cannot be built in"):
        glue.build(tmp_path / "file")

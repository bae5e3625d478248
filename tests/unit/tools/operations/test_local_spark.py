"""The job runs on this machine with the function's package as deployed, and with nobody else's credentials."""

from __future__ import annotations

import json
import sys
import zipfile
from types import SimpleNamespace

import pytest

from tools import tool_environments
from tools.artifact import archive
from tools.errors import LakeError
from tools.operations import local_spark

JOB = """
import json, os, sys
names = ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "PYSPARK_SUBMIT_ARGS")
import deployed_hook
said = {"words": sys.argv[1:], "hook": deployed_hook.NAME, **{name: os.environ.get(name) for name in names}}
open(os.environ["SEEN"], "w").write(json.dumps(said))
print("first\\n\\nlast line", file=sys.stderr)
sys.exit(int(os.environ.get("CODE", "0")))
"""


@pytest.fixture
def python(monkeypatch):
    monkeypatch.setattr(tool_environments, "interpreter", lambda _: sys.executable)


def files():
    return {"lake_backfill/__init__.py": b"", "lake_backfill/job.py": JOB.encode(), "deployed_hook.py": b"NAME = 'h'\n"}


def test_the_package_is_the_functions_with_this_machines_wheels_and_the_job(monkeypatch, tmp_path):
    deployed, wheel = tmp_path / "code.zip", tmp_path / "thing-1-py3-none-any.whl"
    with zipfile.ZipFile(deployed, "w") as zipped:
        for name in ("lake_transform/table_settings.json", "orders_hook.py", "thing.py", "thing.pyc"):
            zipped.writestr(name, "deployed")
    with zipfile.ZipFile(wheel, "w") as zipped:
        zipped.writestr("thing.py", "this machine's")
    monkeypatch.setattr(archive, "wheels", lambda _target, _cache: [wheel])
    asked = []
    client = SimpleNamespace(
        get_function=lambda **request: asked.append(request) or {"Code": {"Location": deployed.as_uri()}}
    )

    found = local_spark.package(client, "transform", "7", None)

    assert asked == [{"FunctionName": "transform", "Qualifier": "7"}]
    assert found["lake_transform/table_settings.json"] == found["orders_hook.py"] == b"deployed"
    assert found["thing.py"] == b"this machine's"
    assert "lake_backfill/job.py" in found
    assert "thing.pyc" not in found


def test_a_package_that_cannot_be_fetched_is_told(tmp_path):
    client = SimpleNamespace(get_function=lambda **_: {"Code": {"Location": (tmp_path / "none").as_uri()}})

    with pytest.raises(LakeError, match="the package of function transform cannot be fetched"):
        local_spark.package(client, "transform", "7", None)


def test_the_job_gets_its_options_and_the_credentials_it_is_given(python, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))

    local_spark.run(files(), {"bucket": "lake", "function": "f"}, {"AWS_ACCESS_KEY_ID": "1"}, 2)

    assert json.loads((tmp_path / "seen").read_text()) == {
        "words": ["--bucket", "lake", "--function", "f"],
        "hook": "h",
        "AWS_PROFILE": None,
        "AWS_ACCESS_KEY_ID": "1",
        "PYSPARK_SUBMIT_ARGS": "--master local[2] --conf spark.ui.enabled=false pyspark-shell",
    }


def test_a_job_that_fails_is_told_with_its_last_lines(python, monkeypatch, tmp_path):
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))

    with pytest.raises(LakeError, match="the job has failed on Spark: first / last line"):
        local_spark.run(files(), {}, {"CODE": "3"}, 1)

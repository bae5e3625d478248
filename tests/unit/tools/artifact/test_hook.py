"""A hook is looked at before it is packaged: what would fail at a cold start fails here, in one line."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tools import build, paths
from tools.artifact import archive, bytecode, hook, package_source
from tools.artifact.target import RUNTIMES, lambda_target
from tools.cli import command
from tools.errors import EXIT_USAGE, UsageError

# Without bytecode, of which there would be a file for each source.
_OF_ANOTHER_PYTHON = lambda_target(
    next(runtime for runtime in RUNTIMES if runtime != bytecode.OF_THIS_PYTHON), "x86_64"
)
_HOOK = "def hook(row, change):\n    return row\n"


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "masking.py"
    file.write_text(_HOOK)
    return file


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "privacy"
    (folder / "rules" / "__pycache__").mkdir(parents=True)
    (folder / "__init__.py").write_text("from privacy.rules.mask import mask as hook\n")
    (folder / "rules" / "__init__.py").write_text("")
    (folder / "rules" / "mask.py").write_text("def mask(row, change):\n    return row\n")
    (folder / "rules" / "names.json").write_text("[]")
    (folder / "rules" / "__pycache__" / "mask.cpython-313.pyc").write_bytes(b"cache")
    return folder


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Builds with wheels that need no network, without the compiler, and returns the zip's content."""
    wheel = tmp_path / "orjson-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as zipped:
        zipped.writestr("orjson/__init__.py", "")
        zipped.writestr("typing_things.py", "")
    monkeypatch.setattr(archive, "wheels", lambda _target, _cache: [wheel])

    def run(hook):
        made = archive.build(_OF_ANOTHER_PYTHON, tmp_path / "build", hook, native=False)
        with zipfile.ZipFile(io.BytesIO(made.path.read_bytes())) as zipped:
            return {name: zipped.read(name) for name in zipped.namelist()}

    return run


def test_a_file_is_packaged_beside_the_function(built, file):
    code = hook.read(file)

    assert code.reference == "masking:hook"
    assert built(code)["masking.py"] == _HOOK.encode()


def test_a_package_is_packaged_whole_without_caches(built, package):
    code = hook.read(package, "privacy.rules.mask:mask")

    assert code.reference == "privacy.rules.mask:mask"
    assert [name for name in built(code) if name.startswith("privacy/")] == [
        "privacy/__init__.py",
        "privacy/rules/__init__.py",
        "privacy/rules/mask.py",
        "privacy/rules/names.json",
    ]
    assert hook.read(package).reference == "privacy:hook"


def test_examples_and_hooks_of_others_are_not_in_the_artifact(built):
    assert not [name for name in built(None) if name.startswith("examples")]
    assert "lake_transform/handler.py" in built(None)


def test_the_same_hook_builds_to_the_same_bytes(built, package):
    assert built(hook.read(package)) == built(hook.read(package))


@pytest.mark.parametrize("name", ["lake_transform", "orjson", "typing_things"])
def test_a_name_that_is_in_the_package_already_is_refused(built, tmp_path, name):
    (tmp_path / f"{name}.py").write_text(_HOOK)

    with pytest.raises(UsageError, match=f"'{name}' is in the function's package already"):
        built(hook.read(tmp_path / f"{name}.py"))


@pytest.mark.parametrize(
    ("name", "content", "reference", "message"),
    [
        ("absent.py", None, None, "there is no file or folder"),
        ("hook.txt", _HOOK, None, "is no Python file"),
        ("my-hook.py", _HOOK, None, "'my-hook' cannot be imported"),
        ("class.py", _HOOK, None, "'class' cannot be imported"),
        ("json.py", _HOOK, None, "'json' is a module of Python itself"),
        ("masking.py", "x = 1\n", None, "masking.py has no function 'hook'"),
        ("masking.py", "def f():\n    def hook(): pass\n", None, "masking.py has no function 'hook'"),
        ("masking.py", "def hook(:\n", None, "masking.py is no valid Python"),
        ("masking.py", "\0", None, "masking.py is no valid Python"),
        ("masking.py", _HOOK, "masking:mask", "masking.py has no function 'mask'"),
        ("masking.py", _HOOK, "other:hook", "'other:hook' is not in"),
        ("masking.py", _HOOK, "masking.rules:hook", "has no module 'masking.rules'"),
        ("masking.py", _HOOK, "masking", "'masking' is no reference"),
    ],
)
def test_what_the_function_could_not_run_is_refused_in_one_line(tmp_path, name, content, reference, message):
    if content is not None:
        (tmp_path / name).write_text(content)

    with pytest.raises(UsageError, match=r"^hook: ") as refused:
        hook.read(tmp_path / name, reference)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_without_init_is_no_package(tmp_path):
    (tmp_path / "rules").mkdir()

    with pytest.raises(UsageError, match=r"has no __init__\.py"):
        hook.read(tmp_path / "rules")


@pytest.mark.parametrize(
    "source",
    [
        "hook = print\n",
        "hook: object = print\n",
        "from os import path as hook\n",
        "try:\n    from os import path as hook\nexcept ImportError:\n    pass\n",
        "class hook:\n    pass\n",
        "import sys\nif sys.platform:\n    def hook(row, change): ...\nelse:\n    other = 1\n",
        "import sys\nif sys.platform:\n    other = 1\nelse:\n    def hook(row, change): ...\n",
    ],
)
def test_a_function_may_come_into_its_module_in_any_way(file, source):
    file.write_text(source)

    assert hook.read(file).reference == "masking:hook"


def test_a_hook_is_read_and_never_run(file):
    file.write_text(_HOOK + "raise SystemExit\n")

    assert hook.read(file).reference == "masking:hook"


def test_the_command_ends_with_the_usage_code_and_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["build", "--local", "--hook", str(tmp_path / "absent.py")])

    with pytest.raises(SystemExit) as ended:
        command.run(build.main, "build")
    assert ended.value.code == EXIT_USAGE
    said = capsys.readouterr()
    assert len((said.out + said.err).strip().splitlines()) == 1


def test_the_command_says_what_the_functions_setting_has_to_be(file, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(
        archive,
        "build",
        lambda _target, hook, native: seen.append(hook) or archive.Artifact(file, 1, "ab" * 32, has_native_code=False),
    )
    monkeypatch.setattr("sys.argv", ["build", "--local", "--hook", str(file), "--json"])

    with pytest.raises(SystemExit):
        command.run(build.main, "build")
    assert json.loads(capsys.readouterr().out)["hook"] == seen[0].reference == "masking:hook"


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """Prepares the function's code by the given `transform` and returns the hook that was built in."""

    def prepare(transform, **given):
        seen = []
        built = archive.Artifact(tmp_path / "x.zip", 1, "", has_native_code=False)
        monkeypatch.setattr(archive, "build", lambda _target, _folder, hook, **_: seen.append(hook) or built)
        package_source.prepare(
            {"transform": transform, **given}, local=True, aws=None, folder=tmp_path, artifact_folder=tmp_path
        )
        return seen[0]

    return prepare


def test_deploy_packages_the_hook_that_the_environment_names(prepared, package):
    code = prepared({"hook": "privacy.rules.mask:mask", "hook_source": str(package)})

    assert code.reference == "privacy.rules.mask:mask"


def test_a_hooks_relative_source_may_be_the_environments(prepared, file):
    assert prepared({"hook": "masking:hook", "hook_source": file.name}).name == "masking"


def test_deploy_without_a_hook_packages_none(prepared):
    assert prepared(None) is prepared({"memory_mb": 512}) is None


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        ({"hook": "masking:hook"}, "give transform.hook_source"),
        ({"hook_source": "masking.py"}, "without transform.hook"),
        ({"hook": "masking:hook", "hook_source": "absent.py"}, "there is no file or folder"),
    ],
)
def test_a_hook_that_would_not_be_there_is_refused_before_anything_is_deployed(prepared, transform, message):
    with pytest.raises(UsageError, match=message):
        prepared(transform)


def test_the_example_can_be_packaged():
    assert hook.read(paths.LAMBDA_SOURCES / "examples" / "orders_hook.py").reference == "orders_hook:hook"

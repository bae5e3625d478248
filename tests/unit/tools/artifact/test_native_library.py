"""The native code is compiled from its source alone, for the target and not for what builds, and only once."""

from __future__ import annotations

import ctypes
import platform
import shutil
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import sleep

import pytest

from tools import build, paths
from tools.artifact import archive, compiler, native_library
from tools.artifact.compiler import Compiler
from tools.artifact.target import LOCAL, lambda_target
from tools.cli import command
from tools.errors import LakeError

_ARM, _INTEL = (lambda_target("python3.13", architecture) for architecture in ("arm64", "x86_64"))
_KEPT = paths.BUILD / "native"
"""Where builds keep compiled libraries: after the first run the compiler has nothing to do for these tests."""


def _library(target):
    return native_library.library_files(target, _KEPT)["lake_transform/libone_pass.so"]


@pytest.mark.parametrize(("target", "machine"), [(_ARM, 183), (_INTEL, 62)])
def test_library_is_a_shared_object_for_linux_on_its_architecture(target, machine):
    magic, bits, byte_order, kind, of_machine = struct.unpack_from("<4sBB10xHH", _library(target))

    assert (magic, bits, byte_order, kind) == (b"\x7fELF", 2, 1, 3)
    assert of_machine == machine


@pytest.mark.skipif(sys.platform != "linux", reason="the library is for Linux")
def test_library_for_this_machine_can_be_loaded(tmp_path):
    file = tmp_path / "libone_pass.so"
    file.write_bytes(_library(LOCAL))

    assert ctypes.CDLL(str(file))


@pytest.mark.parametrize(("machine", "target"), [("aarch64", _ARM), ("x86_64", _INTEL)])
def test_library_for_this_machine_is_the_one_for_lambda(monkeypatch, machine, target):
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: machine)

    assert _library(LOCAL) == _library(target)


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "arm64"), ("Windows", "AMD64"), ("Linux", "riscv64")])
def test_a_machine_that_could_not_load_it_gets_none(monkeypatch, tmp_path, system, machine):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(compiler, "installed", lambda: pytest.fail("no compiler is needed"))

    assert native_library.library_files(LOCAL, tmp_path / "cache") == {}


def test_the_licence_of_the_compilers_own_library_comes_with_it():
    (licence,) = [text for name, text in native_library.library_files(_ARM, _KEPT).items() if "/licenses/" in name]

    assert b"The MIT License" in licence
    assert b"Zig contributors" in licence


def test_another_checkout_compiles_to_the_same_bytes_which_name_no_folder(monkeypatch, tmp_path):
    shutil.copytree(paths.LAMBDA_SOURCES / "native", tmp_path / "another checkout" / "native")
    monkeypatch.setattr(paths, "LAMBDA_SOURCES", tmp_path / "another checkout")
    monkeypatch.setenv("ZIG_LIB_DIR", str(tmp_path))
    here = _library(_INTEL)
    there = native_library.library_files(_INTEL, tmp_path / "another cache")["lake_transform/libone_pass.so"]

    assert there == here
    assert str(paths.REPOSITORY).encode() not in here
    assert str(tmp_path).encode() not in there


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A folder of sources of its own, to be changed."""
    folder = tmp_path / "lambda" / "native"
    folder.mkdir(parents=True)
    (folder / "one_pass.zig").write_text("export fn one() u8 {\n    return 1;\n}\n")
    (folder / "part.zig").write_text("pub const part = 1;\n")
    monkeypatch.setattr(paths, "LAMBDA_SOURCES", folder.parent)
    return folder


class _Compiler:
    """Stands in for the compiler: copies the root source, in two halves, between which it may be interrupted."""

    def __init__(self):
        self.runs = 0
        self.between = lambda: None
        self.ends_with = 0

    def __call__(self, command, *, cwd, **_options):
        self.runs += 1
        source = (Path(cwd) / "one_pass.zig").read_bytes()
        if not self.ends_with:
            with (Path(cwd) / "libone_pass.so").open("wb", buffering=0) as output:
                output.write(source[:10])
                self.between()
                output.write(source[10:])
        return subprocess.CompletedProcess(command, self.ends_with, "", "")


_INSTALLED = Compiler(("zig",), "0.0.1", ("licence", b"free"))


@pytest.fixture
def stand_in(monkeypatch):
    """The compiler, which is not installed for this."""
    compiler_run = _Compiler()
    monkeypatch.setattr(subprocess, "run", compiler_run)
    monkeypatch.setattr(compiler, "installed", lambda: _INSTALLED)
    return compiler_run


def test_what_was_compiled_is_kept(sources, stand_in, tmp_path):
    first, second = (native_library.library_files(_ARM, tmp_path / "cache") for _ in range(2))

    assert first == second
    assert first["lake_transform/libone_pass.so"] == (sources / "one_pass.zig").read_bytes()
    assert stand_in.runs == 1
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_what_is_asked_for_twice_at_once_is_compiled_once(sources, stand_in, tmp_path):
    stand_in.between = lambda: sleep(0.1)
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda _each: native_library.library_files(_ARM, tmp_path / "cache"), range(3)))

    assert found[0] == found[1] == found[2]
    assert stand_in.runs == 1


@pytest.mark.parametrize("name", ["one_pass.zig", "part.zig", "new.zig"])
def test_a_changed_source_is_compiled_anew(sources, stand_in, tmp_path, name):
    native_library.library_files(_ARM, tmp_path / "cache")
    with (sources / name).open("a") as file:
        file.write("// changed\n")
    changed = native_library.library_files(_ARM, tmp_path / "cache")

    assert changed["lake_transform/libone_pass.so"] == (sources / "one_pass.zig").read_bytes()
    assert stand_in.runs == 2


def test_another_target_compiler_or_option_compiles_anew(sources, stand_in, monkeypatch, tmp_path):
    native_library.library_files(_ARM, tmp_path / "cache")
    native_library.library_files(_INTEL, tmp_path / "cache")
    monkeypatch.setattr(compiler, "installed", lambda: replace(_INSTALLED, version="0.0.2"))
    native_library.library_files(_ARM, tmp_path / "cache")
    monkeypatch.setattr(native_library, "OPTIONS", ("-dynamic",))
    native_library.library_files(_ARM, tmp_path / "cache")

    assert stand_in.runs == 4


def test_an_interrupted_compilation_is_never_taken_for_a_whole_one(sources, stand_in, tmp_path):
    def die():
        # What a process leaves that is killed now, and what one leaves that can still clean up.
        shutil.copytree(tmp_path / "cache", tmp_path / "killed")
        raise KeyboardInterrupt

    stand_in.between = die
    with pytest.raises(KeyboardInterrupt):
        native_library.library_files(_ARM, tmp_path / "cache")
    stand_in.between = lambda: None

    assert list((tmp_path / "cache").iterdir()) == []
    for cache in ("cache", "killed"):
        whole = native_library.library_files(_ARM, tmp_path / cache)["lake_transform/libone_pass.so"]
        assert whole == (sources / "one_pass.zig").read_bytes()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("const one = ;\n", "one_pass.zig:1:13: error: expected expression, found ';'"),
        (
            'const two = @import("folder/two.zig");\n',
            'folder/two.zig:1:1: error: unable to load "two.zig": FileNotFound',
        ),
    ],
)
def test_a_source_that_does_not_compile_is_told_in_one_line(sources, monkeypatch, tmp_path, source, reason):
    # Else the compiler first compiles what it adds to every library, for three seconds.
    monkeypatch.setattr(native_library, "OPTIONS", (*native_library.OPTIONS, "-fno-compiler-rt"))
    (sources / "folder").mkdir()
    (sources / "folder" / "two.zig").write_text("")
    (sources / "one_pass.zig").write_text(source)

    with pytest.raises(LakeError, match=r"^lambda/native does not compile for aarch64-linux: ") as refused:
        native_library.library_files(_ARM, tmp_path / "cache")
    assert reason in str(refused.value)
    assert "--without-native" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_compiler_that_ends_without_a_word_is_told_in_one_line(sources, stand_in, tmp_path):
    stand_in.ends_with = -9

    with pytest.raises(LakeError, match=r"does not compile for x86_64-linux: the compiler ended with -9;"):
        native_library.library_files(_INTEL, tmp_path / "cache")


def test_a_compiler_that_cannot_be_installed_stops_the_build(monkeypatch, tmp_path):
    def fail():
        raise LakeError("the compiler cannot be installed")

    monkeypatch.setattr(compiler, "installed", fail)

    with pytest.raises(LakeError, match="the compiler cannot be installed"):
        native_library.library_files(_ARM, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("options", "native"),
    [
        ([], None),
        (["--local"], None),
        (["--local", "--native"], True),
        (["--without-native"], False),
    ],
)
def test_the_command_builds_as_the_target_needs_it_unless_told(monkeypatch, tmp_path, capsys, options, native):
    seen = []

    def fake(_target, **given):
        seen.append(given["native"])
        return archive.Artifact(tmp_path / "x.zip", 1, "", has_native_code=True)

    monkeypatch.setattr(archive, "build", fake)
    monkeypatch.setattr("sys.argv", ["build", *options])

    with pytest.raises(SystemExit) as ended:
        command.run(build.main, "build")
    assert (ended.value.code, seen) == (0, [native])
    assert "with native code" in capsys.readouterr().out

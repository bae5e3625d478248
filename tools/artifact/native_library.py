"""The function's optional native code: a library that is compiled from `lambda/native` for one target.

The compiler is a pinned package, and makes a target's library on every system from the same source to the same bytes.
The library needs Linux and a processor of its architecture, however old, and no other library.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools import locking, paths
from tools.artifact import compiler
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.artifact.target import Target

PATH_IN_ZIP: Final = "lake_transform/libone_pass.so"

_ROOT: Final = "one_pass.zig"
_TARGETS: Final = {"arm64": "aarch64-linux", "aarch64": "aarch64-linux", "x86_64": "x86_64-linux"}
"""Lambda's name of an architecture, or Linux's of a machine -> the compiler's name of the target."""

_COMPILE_SECONDS: Final = 60.0
"""How long a command waits for what another compiles."""

# The processor is never the one that builds; ReleaseSafe keeps the safety checks.
OPTIONS: Final = ("-dynamic", "-O", "ReleaseSafe", "-fstrip", "-mcpu", "baseline")


def library_files(target: Target, cache: Path) -> dict[str, bytes]:
    """Returns the library for `target`, path in the zip -> bytes; empty for a machine that could not load one.

    With it comes the licence of the compiler, whose own library is in what it compiles.

    Args:
        target: what the library runs on.
        cache: the folder that keeps each library, named for all that decides its bytes.

    Raises:
        LakeError: the compiler cannot be installed, or the source does not compile.
        OSError: the library cannot be written.
    """
    machine = target.architecture or (platform.machine() if platform.system() == "Linux" else "")
    if machine not in _TARGETS:
        return {}
    installed = compiler.installed()
    options = [*OPTIONS, "-target", _TARGETS[machine]]
    sources = {file.name: file.read_bytes() for file in sorted((paths.LAMBDA_SOURCES / "native").glob("*.zig"))}
    key = hashlib.sha256(repr((installed.version, options, sources)).encode()).hexdigest()
    library = cache / f"{key[:16]}.so"
    if not library.is_file():
        # Two commands at once need the same library more often than two.
        with locking.in_turn(cache.with_name(f"{cache.name}.lock"), seconds=_COMPILE_SECONDS):
            if not library.is_file():
                _compile(installed.command, sources, options, library)
    licence_path, licence = installed.licence
    return {PATH_IN_ZIP: library.read_bytes(), licence_path: licence}


def _compile(
    compiler_command: Sequence[str], sources: Mapping[str, bytes], options: Sequence[str], library: Path
) -> None:
    library.parent.mkdir(parents=True, exist_ok=True)
    # Compiled beside and renamed, so that an interrupted compilation is never taken for a whole one; and from a copy,
    # so that nothing gets in that the library's name does not stand for.
    with tempfile.TemporaryDirectory(prefix="partial-", dir=library.parent) as scratch:
        for name, data in sources.items():
            (Path(scratch) / name).write_bytes(data)
        command = [*compiler_command, "build-lib", _ROOT, *options, "-femit-bin=libone_pass.so"]
        command += ["--cache-dir", "cache", "--global-cache-dir", "cache"]
        # ZIG_LIB_DIR, for one, would bring in another standard library.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ZIG_")}
        done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.splitlines() or [f"the compiler ended with {done.returncode}"]
            reason = next((line for line in said if "error: " in line), said[0])
            raise LakeError(
                f"lambda/native does not compile for {options[-1]}: {reason}; correct it, or leave it out with "
                "--without-native"
            )
        (Path(scratch) / "libone_pass.so").replace(library)

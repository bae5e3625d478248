"""The native code with a counter on each of its edges, which guide the fuzzer as Python's do.

The compiler's -ffuzz makes the counters that libFuzzer works with, but leaves it to its own fuzzer to find them; here
they are handed to the libFuzzer that is in atheris. Nothing of this is in the library that is deployed.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

from tools.artifact import compiler, native_library

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1] / "lambda" / "native" / "one_pass.zig"
# As the library that is deployed, but for the counters.
_OPTIONS = [*native_library.OPTIONS, "-target", "x86_64-linux", "-ffuzz"]


def compile_into(folder):
    """Compiles the library and returns its file."""
    library = folder.absolute() / "one_pass.so"
    command = [*compiler.installed().command, "build-lib", _ROOT, _HERE / "counted.c", *_OPTIONS]
    command += [f"-femit-bin={library}", "--cache-dir", folder / "cache", "--global-cache-dir", folder / "cache"]
    subprocess.run(command, check=True)
    return library


def register(library):
    """Tells the libFuzzer in atheris of a library's counters.

    It is for the first call of what is fuzzed: atheris loads libFuzzer when fuzzing begins, and one that is loaded
    before that does without the mutator.
    """
    core_with_libfuzzer = sys.modules["atheris.core_with_libfuzzer"]
    first, end, addresses = (ctypes.c_size_t * 3).in_dll(ctypes.PyDLL(str(library)), "counted_edges")
    edges = end - first
    # The compiler's table has addresses alone; in libFuzzer's each has flags beside it.
    table = (ctypes.c_size_t * (2 * edges))()
    table[::2] = (ctypes.c_size_t * edges).from_address(addresses)[:]
    _KEPT.append(table)
    fuzzer = ctypes.PyDLL(core_with_libfuzzer.__file__)
    start = ctypes.addressof(table)
    _call(fuzzer.__sanitizer_cov_8bit_counters_init, first, end)
    _call(fuzzer.__sanitizer_cov_pcs_init, start, start + ctypes.sizeof(table))


# Tables that libFuzzer reads for as long as it runs.
_KEPT = []


def _call(function, start, end):
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    function.restype = None
    function(start, end)

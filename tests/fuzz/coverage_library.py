"""Native code compiled with a counter for each edge of its control flow, so that the fuzzer is guided by its coverage.

The compiler's option -ffuzz makes counters for libFuzzer, but only the compiler's own fuzzer would find them. Here they
are registered with the libFuzzer that is in atheris. The library that is deployed has no counters.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

from tools import locking, paths
from tools.artifact import compiler, native_library

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1] / "lambda" / "native" / "one_pass.zig"
_CACHE = paths.BUILD / "fuzz" / "cache"
"""Where the compiler keeps what it made: wherever a run of the fuzzer works, it need not be made again."""
# The options of the library that is deployed, and the counters.
_OPTIONS = [*native_library.OPTIONS, "-target", "x86_64-linux", "-ffuzz"]


def compile_into(folder):
    """Compiles the library and returns its file."""
    library = folder.absolute() / "one_pass.so"
    command = [*compiler.installed().command, "build-lib", _ROOT, _HERE / "coverage_library.c", *_OPTIONS]
    command += [f"-femit-bin={library}", "--cache-dir", _CACHE, "--global-cache-dir", _CACHE]
    with locking.in_turn(_CACHE.with_name("cache.lock"), seconds=120):
        subprocess.run(command, check=True)
    return library


def register(library):
    """Registers a library's counters with the libFuzzer in atheris.

    Call it when the first input is checked: atheris loads libFuzzer when fuzzing starts, and if it is loaded before, it
    does not use the mutator.
    """
    core_with_libfuzzer = sys.modules["atheris.core_with_libfuzzer"]
    first, end, addresses = (ctypes.c_size_t * 3).in_dll(ctypes.PyDLL(str(library)), "counted_edges")
    edges = end - first
    # The compiler's table has only addresses; libFuzzer's table has flags after each address.
    table = (ctypes.c_size_t * (2 * edges))()
    table[::2] = (ctypes.c_size_t * edges).from_address(addresses)[:]
    _TABLES.append(table)
    fuzzer = ctypes.PyDLL(core_with_libfuzzer.__file__)
    start = ctypes.addressof(table)
    _call(fuzzer.__sanitizer_cov_8bit_counters_init, first, end)
    _call(fuzzer.__sanitizer_cov_pcs_init, start, start + ctypes.sizeof(table))


# Tables that libFuzzer reads as long as it runs, so they must not be freed.
_TABLES = []


def _call(function, start, end):
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    function.restype = None
    function(start, end)

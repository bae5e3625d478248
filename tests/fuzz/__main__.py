"""Runs the fuzzer, or checks given inputs.

    PYTHONPATH=lambda python -m tests.fuzz [--native] [--seconds N | --runs N] [INPUT ...]

Inputs that reach new code are written to build/fuzz/corpus, where the next run starts. An input for which a check fails
is written to build/fuzz/found-*, and the exit code is not 0.

A run of the whole function takes long, most of it in Python. With --native the fuzzer runs only native code, several
times as often, and is guided by the coverage of native code only.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
from pathlib import Path

import atheris

from tests.fuzz import coverage_library
from tests.fuzz.mutator import mutated
from tests.fuzz.seeds import inputs

_HERE = Path(__file__).parent
_WORK = Path("build") / "fuzz"
_LARGEST = 16_384
_LARGEST_NATIVE = 98_304  # room for more names than native code accepts


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzzes the Lambda function.")
    parser.add_argument("--seconds", type=int, default=0, help="how long; 0 is without limit")
    parser.add_argument("--runs", type=int, default=-1, help="how many executions; -1 is without limit")
    parser.add_argument("--seed", type=int, default=0, help="the same seed repeats a run; 0 is a new seed each time")
    parser.add_argument("--native", action="store_true", help="only native code")
    parser.add_argument("--work", type=Path, default=_WORK, help="folder of the corpus and of failing inputs")
    parser.add_argument("inputs", nargs="*", type=Path, help="inputs to try once, instead of fuzzing")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    library = coverage_library.compile_into(chosen.work)
    check = _imported_check(library, native_alone=chosen.native)
    if chosen.inputs:
        for file in chosen.inputs:
            check(file.read_bytes())
        return
    corpus = chosen.work / "corpus"
    seeds = chosen.work / "seeds"
    for folder in (corpus, seeds):
        folder.mkdir(parents=True, exist_ok=True)
    for name, data in inputs():
        # Each record alone too, because an input with one record is checked faster.
        for number, line in enumerate(dict.fromkeys([data, *data.split(b"\n")])):
            (seeds / f"{name}-{number}").write_bytes(line)
    options = [
        f"-max_total_time={chosen.seconds}",
        f"-runs={chosen.runs}",
        f"-seed={chosen.seed}",
        f"-max_len={_LARGEST_NATIVE if chosen.native else _LARGEST}",
        f"-artifact_prefix={chosen.work}/found-",
        f"-dict={_HERE / 'dictionary.txt'}",
        "-mutate_depth=1",  # the mutator makes several changes at a time itself
        "-timeout=30",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus), str(seeds)], _counting(check, library), custom_mutator=_mutate)
    atheris.Fuzz()


def _counting(check, library):
    """Returns a check that registers the library's counters before the first input."""
    register = functools.cache(coverage_library.register)

    def check_and_count(data):
        register(library)
        check(data)

    return check_and_count


def _imported_check(library, *, native_alone):
    """Returns the check of an input, which uses the given library."""
    os.environ["ONE_PASS_LIBRARY"] = str(library)
    if native_alone:
        from tests.fuzz import native

        return native.check
    with atheris.instrument_imports(include=["lake_transform"]):
        from tests.fuzz import target
    return target.check


def _mutate(data, largest, seed):
    result = mutated(data, largest, seed) if seed % 5 else None
    return atheris.Mutate(data, largest) if result is None else result


if __name__ == "__main__":
    main()

"""Runs the fuzzer, or tries given inputs again: `python -m tests.fuzz [--seconds N | --runs N] [INPUT ...]`.

What it learns goes to build/fuzz/corpus and is where the next run starts; an input that breaks a promise is written to
build/fuzz/found-*, and the exit code is not 0.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lake_transform"]):
    from tests.fuzz import target
from tests.fuzz.mutator import mutated
from tests.fuzz.seeds import inputs

_HERE = Path(__file__).parent
_WORK = Path("build") / "fuzz"
_LARGEST = 16_384


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzzes the Lambda function.")
    parser.add_argument("--seconds", type=int, default=0, help="how long; 0 is without end")
    parser.add_argument("--runs", type=int, default=-1, help="how many executions; -1 is without end")
    parser.add_argument("--seed", type=int, default=0, help="makes a run repeatable; 0 is a new one each time")
    parser.add_argument("--work", type=Path, default=_WORK, help="folder of what is learnt and found")
    parser.add_argument("inputs", nargs="*", type=Path, help="inputs to try once, instead of fuzzing")
    chosen = parser.parse_args()
    if chosen.inputs:
        for file in chosen.inputs:
            target.check(file.read_bytes())
        return
    corpus = chosen.work / "corpus"
    seeds = chosen.work / "seeds"
    for folder in (corpus, seeds):
        folder.mkdir(parents=True, exist_ok=True)
    for name, data in inputs():
        (seeds / name).write_bytes(data)
    options = [
        f"-max_total_time={chosen.seconds}",
        f"-runs={chosen.runs}",
        f"-seed={chosen.seed}",
        f"-max_len={_LARGEST}",
        f"-artifact_prefix={chosen.work}/found-",
        f"-dict={_HERE / 'dictionary.txt'}",
        "-timeout=30",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus), str(seeds)], target.check, custom_mutator=_mutate)
    atheris.Fuzz()


def _mutate(data, largest, seed):
    result = mutated(data, largest, seed) if seed % 3 else None
    return atheris.Mutate(data, largest) if result is None else result


if __name__ == "__main__":
    main()

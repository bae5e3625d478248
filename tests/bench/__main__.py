"""Measures and prints: `python -m tests.bench [--quick] [--markdown FILE] [--plot FILE]`."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench import artifact, events, measure, probes, tables
from tests.bench.results import OURS, WAYS, Results

_ROUNDS = {"1 MB": 21, "6 MB": 7}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Compares the transform with other ways to do its work."
    )
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--markdown", type=Path, help="write the tables there too, as Markdown")
    parser.add_argument("--plot", type=Path, help="draw the ratios there, as PNG")
    arguments = parser.parse_args()
    with artifact.unpacked() as file:
        _print_progress(f"measuring {file.name}")
        # Imported here, because only here is it the artifact's.
        from lake_transform import one_pass

        if not one_pass.LIBRARY.exists():
            _print_progress("it holds no native code: `ours` and `ours, without native code` are the same")
        results = measure_all(quick=arguments.quick)
    sys.stdout.write(tables.text(results))
    if arguments.markdown:
        arguments.markdown.write_text(tables.markdown(results), encoding="utf-8")
    if arguments.plot:
        from tests.bench import plot

        plot.draw(results, arguments.plot)


def measure_all(*, quick: bool) -> Results:
    """Measures everything, and prints its progress on stderr."""
    results = Results()
    modules = [way.module for way in WAYS]
    event = events.batch_for(events.Case("medium", "6 MB"))
    results.output = measure.output_megabytes(OURS, event)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "event.json"
        file.write_text(json.dumps(event), encoding="utf-8")
        for module in modules:
            _print_progress(f"probing and importing {module}")
            results.answers[module] = probes.answers(module)
            results.cold_start[module] = measure.cold_start(module, 3 if quick else 9)
            peak = measure.memory(module, file)
            if peak is not None:
                results.memory[module] = peak
    for case in events.CASES:
        _print_progress(f"timing {case}")
        event = events.batch_for(case)
        rounds = _ROUNDS[case.event] // 3 if quick else _ROUNDS[case.event]
        taken = measure.times(modules, event, rounds)
        results.records[case] = len(event["records"])
        results.ratios[case] = measure.ratios(taken)
        results.milliseconds[case] = {module: statistics.median(seconds) * 1_000 for module, seconds in taken.items()}
    return results


def _print_progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

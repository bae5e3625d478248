"""Measures and prints: `python -m tests.bench [--quick] [--markdown FILE] [--plot FILE]`."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench import built, events, measure, probes, tables
from tests.bench.contest import OURS, WAYS, Found

_ROUNDS = {"1 MB": 21, "6 MB": 7}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The transform beside its peers.")
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--markdown", type=Path, help="write the tables there too, as Markdown")
    parser.add_argument("--plot", type=Path, help="draw the ratios there, as PNG")
    chosen = parser.parse_args()
    with built.function() as artifact:
        _say(f"measuring {artifact.name}")
        from lake_transform import one_pass  # of the artifact

        if not one_pass.LIBRARY.exists():
            _say("it holds no native code: ours is the same as ours without native code")
        found = measured(quick=chosen.quick)
    sys.stdout.write(tables.text(found))
    if chosen.markdown:
        chosen.markdown.write_text(tables.markdown(found), encoding="utf-8")
    if chosen.plot:
        from tests.bench import plot

        plot.draw(found, chosen.plot)


def measured(*, quick: bool) -> Found:
    """Measures everything, and says on stderr how far it is."""
    found = Found()
    modules = [way.module for way in WAYS]
    event = events.of(events.Case("medium", "6 MB"))
    found.output = measure.output_megabytes(OURS, event)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "event.json"
        file.write_text(json.dumps(event), encoding="utf-8")
        for module in modules:
            _say(f"probing and importing {module}")
            found.answers[module] = probes.answers(module)
            found.cold_start[module] = measure.cold_start(module, 3 if quick else 9)
            peak = measure.memory(module, file)
            if peak is not None:
                found.memory[module] = peak
    for case in events.CASES:
        _say(f"timing {case}")
        event = events.of(case)
        rounds = _ROUNDS[case.event] // 3 if quick else _ROUNDS[case.event]
        taken = measure.times(modules, event, rounds)
        found.records[case] = len(event["records"])
        found.ratios[case] = measure.ratios(taken)
        found.milliseconds[case] = {module: statistics.median(seconds) * 1_000 for module, seconds in taken.items()}
    return found


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

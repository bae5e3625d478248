"""Draws the ratios as a picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

from tests.bench import events
from tests.bench.results import FLOOR, OURS, OURS_IN_PYTHON, PEERS, WAYS, Results, Way

mpl.use("agg")
from matplotlib import pyplot as plt

_OURS = ["#0b3d91", "#2f6fd0", "#8fb8ef"]
_PEERS = ["#6b6b6b", "#9a9a9a", "#c9c9c9"]


def draw(results: Results, file: Path) -> None:
    """Draws each way's ratio to the floor for each item size, 6 MB events, the fastest way on top."""
    shown = [way for way in WAYS if way.module in (OURS, OURS_IN_PYTHON) or way in PEERS]
    sizes = list(events.ITEMS)
    ratios = {way: [results.ratios[events.Case(size, "6 MB")][way.module] for size in sizes] for way in shown}
    shown.sort(key=lambda way: -sum(ratios[way]))
    figure, axes = plt.subplots(figsize=(9, 5.6), dpi=110)
    for place, way in enumerate(shown):
        colours = _PEERS if way in PEERS else _OURS
        for number, (size, ratio) in enumerate(zip(sizes, ratios[way], strict=True)):
            height = place + (1 - number) * 0.27
            axes.barh(height, ratio, 0.25, color=colours[number], label=f"{size} items" if way in PEERS[:1] else None)
            axes.text(max(ratio, 1) + 0.15, height, f"{ratio:.1f}", va="center", fontsize=8, color="#333333")
    axes.axvline(1, color="#c0392b", linewidth=1.2, linestyle="--")
    axes.text(1, len(shown) - 0.42, " floor: parse and write again", color="#c0392b", fontsize=8, va="bottom")
    axes.set_yticks(range(len(shown)), [_label(results, way) for way in shown])
    axes.set_ylim(-0.6, len(shown) - 0.1)
    axes.set_xlabel(f"time, as a multiple of the {FLOOR} (6 MB event; shorter is faster)")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper right", bbox_to_anchor=(1, 0.9), frameon=False, fontsize=9)
    figure.tight_layout()
    figure.savefig(file, metadata={"Software": None})


def _label(results: Results, way: Way) -> str:
    label = way.label.replace("**", "").replace("`", "")
    answers = results.answers[way.module]
    lacks = [
        what
        for probe, what in (("38 digits kept", "loses digits"), ("maps walked", "leaves maps as text"))
        if answers[probe] != "yes"
    ]
    return f"{label}\n({', '.join(lacks)})" if lacks else label

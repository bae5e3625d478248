"""Lays out the data path as one self-contained HTML page, with the last hours as small plots."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tools.health import judging, view
from tools.health.judging import Level
from tools.health.metrics import SPAN
from tools.plan_review import page_templates, picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tools.health.judging import Finding
    from tools.health.measured import Measured
    from tools.health.metrics import Series
    from tools.health.view import Row
    from tools.plan_review.picture import Box

WIDTH: Final = 220
HEIGHT: Final = 48
"""Size of a plot, in pixels."""

_LAYERS: Final = {
    judging.TABLE: "table",
    judging.STREAM: "stream",
    judging.DELIVERY: "delivery",
    judging.FUNCTION: "transform",
    judging.LAKE: "bucket",
}
_CLASSES: Final = {Level.WELL: "well", Level.UNKNOWN: "unknown", Level.WARNING: "warning", Level.BROKEN: "broken"}


@dataclass(frozen=True)
class Plot:
    """One metric of one hop: what its bars are, as a path of SVG, and its largest value."""

    title: str
    bars: str
    most: str


def page(label: str, measured: Measured, findings: Sequence[Finding]) -> str:
    """Returns the page."""
    rows = view.rows(measured, findings)
    shared = [row for row in rows if not row.table]
    tables = [(name, [row for row in rows if row.table == name]) for name in measured.paths]
    return (
        page_templates.environment("tools.health")
        .get_template("status.html")
        .render(
            label=label,
            measured=measured,
            findings=[each for each in findings if each.level is not Level.WELL],
            verdict=_CLASSES[view.verdict(findings)],
            tables=[(name, boxes([*own, *shared]), own, plots(own, measured.at)) for name, own in tables],
            shared=shared,
            shared_plots=plots(shared, measured.at),
            classes=_CLASSES,
            height=picture.HEIGHT,
            plot_width=WIDTH,
            plot_height=HEIGHT,
            hours=int(SPAN.total_seconds() // 3600),
        )
    )


def boxes(rows: Iterable[Row]) -> list[Box]:
    """Returns the boxes of the data path, those of the hops in `rows` coloured by how they are."""
    by_layer = {_LAYERS[row.hop]: row for row in rows if row.hop in _LAYERS}
    return [_coloured(box, by_layer.get(box.layer)) for box in picture.BOXES]


def plots(rows: Iterable[Row], now: datetime) -> list[Plot]:
    """Returns the plots of the metrics that have points."""
    return [
        Plot(f"{row.hop}: {title}", bars(series, now), f"{max(value for _, value in series.points):,.0f}")
        for row in rows
        for title, series in row.series
        if series.points
    ]


def bars(series: Series, now: datetime) -> str:
    """Returns the points of the last hours as bars: a path of SVG, as high as the highest value."""
    most = max((value for _, value in series.points), default=0) or 1
    start = now - SPAN
    return " ".join(
        f"M{(at - start) / SPAN * WIDTH:.1f},{HEIGHT} v{-max(1, value / most * HEIGHT):.1f}"
        for at, value in series.points
    )


def _coloured(box: Box, row: Row | None) -> Box:
    if row is None:
        return replace(box, action=_CLASSES[Level.UNKNOWN], detail="not looked at")
    return replace(box, action=_CLASSES[row.level], detail=row.rate or row.state)

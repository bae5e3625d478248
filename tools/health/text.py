"""Lays out the data path as one screen of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tools.health import view
from tools.health.judging import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from tools.health.judging import Finding
    from tools.health.measured import Measured

STYLES: Final = {Level.WELL: "green", Level.UNKNOWN: "dim", Level.WARNING: "yellow", Level.BROKEN: "bold red"}
ALL: Final = "(all)"
"""Stands for the table of a hop that all of them share."""

MARKS: Final = {Level.WELL: "ok", Level.UNKNOWN: "?", Level.WARNING: "look", Level.BROKEN: "broken"}


def screen(label: str, measured: Measured, findings: Sequence[Finding]) -> RenderableType:
    """Returns the hops as a table, and below what is wrong, in the order in which to look."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("table", "hop", "", "state", "last hour", "lag", ""):
        table.add_column(title, overflow="fold")
    before: str | None = None
    for row in view.rows(measured, findings):
        mark = Text(MARKS[row.level], STYLES[row.level])
        name = row.table or ALL
        name = name if name != before else ""
        table.add_row(Text(name), row.hop, mark, *map(Text, (row.state, row.rate, row.lag, row.detail)))
        before = row.table or ALL
    heading = Text(f"{label}, {measured.at:%Y-%m-%d %H:%M:%S} UTC", "bold")
    return Group(heading, table, *_lines(measured, findings))


def _lines(measured: Measured, findings: Sequence[Finding]) -> list[Text]:
    lines = [_alarms(measured)]
    wrong = [each for each in findings if each.level is not Level.WELL]
    if view.verdict(findings) < Level.WARNING:
        lines.append(Text("Nothing is wrong, as far as can be seen from here.", STYLES[Level.WELL]))
    else:
        lines.append(Text("Look at this, in this order:", "bold"))
    for number, finding in enumerate(wrong, start=1):
        where = f"{finding.table}, {finding.hop}" if finding.table else finding.hop
        lines.append(Text(f"{number}. {where}: {finding.says}", STYLES[finding.level]))
        lines += [Text(f"   {finding.do}")] if finding.do else []
    return lines


def _alarms(measured: Measured) -> Text:
    if measured.alarms is None:
        return Text("Alarms: not looked at.", STYLES[Level.UNKNOWN])
    level = Level.WARNING if measured.alarms else Level.WELL
    return Text(f"Alarms: {len(measured.alarms) or 'none'} on.", STYLES[level])

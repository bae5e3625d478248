"""A state machine that keeps a current state, and its statements run by DuckDB as Athena would run them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tests.plan.lake_tables import translated
from tests.plan.reading import of_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    import tftest

    from tests.plan.lake_tables import Database

STEPS: Final = ("CreateTable", "AddColumns", "FindMark", "Merge", "MakeView")
_PIECE: Final = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'|\$\w+""")


class KilledError(Exception):
    """A run that ended before its time."""


def definition(plan: tftest.TerraformPlanOutput) -> dict[str, Any]:
    """Returns the definition of the one state machine of a plan."""
    (machine,) = of_type(plan, "aws_sfn_state_machine").values()
    found: dict[str, Any] = json.loads(machine["definition"])
    return found


def statement(text: str, **variables: str) -> str:
    """Returns the SQL of a query: as it is, or as JSONata puts it together from texts and variables."""
    if not text.startswith("{%"):
        return text
    expression = text.removeprefix("{%").removesuffix("%}").strip()
    pieces = _PIECE.findall(expression)
    assert " & ".join(pieces) == expression, "not texts and variables alone"
    values = {'"': json.loads, "'": lambda piece: piece[1:-1], "$": lambda piece: variables[piece[1:]]}
    return "".join(values[piece[0]](piece) for piece in pieces)


class StateTable:
    """A current state, in the database of the tables and views that it is made from."""

    def __init__(self, lake: Database, machine: Mapping[str, Any]) -> None:
        """`machine` is the definition of the state machine that keeps the state."""
        self.lake = lake
        self.states: dict[str, Any] = machine["States"]
        place = re.search(r'FROM ("[^"]+"\."[^"]+)"', self.query("FindMark"))
        assert place
        self.place, self.view = f'{place[1]}"', f'{place[1]}_current"'
        hours = re.search(r"\$mark - (\d+)", self.states["ChooseFolders"]["Assign"]["since"])
        assert hours
        self.overlap = timedelta(milliseconds=int(hours[1]))

    def query(self, state: str, **variables: str) -> str:
        """Returns the SQL of a state."""
        return statement(self.states[state]["Arguments"]["QueryString"], **variables)

    def wanted(self) -> dict[str, str]:
        """Returns name -> type of the columns that the machine sees to."""
        found = re.search(r"\$reduce\((\[.*?\]), function", self.states["LookAtColumns"]["Assign"]["new_columns"])
        assert found
        return {column["name"]: column["type"] for column in json.loads(found[1])}

    def run(self, started: datetime, killed_after: str | None = None) -> None:
        """Runs the machine once, up to and with the state `killed_after`."""
        for step in STEPS:
            getattr(self, f"_{step.lower()}")(started)
            if step == killed_after:
                raise KilledError

    def drop(self) -> None:
        """Drops the table and its view, if they are there."""
        self.lake.run(f"DROP VIEW IF EXISTS {self.view}")
        self.lake.run(f"DROP TABLE IF EXISTS {self.place}")

    def rows(self) -> dict[str, dict[str, Any]]:
        """Returns the rows of the table by their key."""
        found = self.lake.rows(f"SELECT * FROM {self.place}")  # noqa: S608
        assert len(found) == len({row["cdc_key"] for row in found}), "a key is there twice"
        return {row["cdc_key"]: row for row in found}

    def current(self) -> dict[str, dict[str, Any]]:
        """Returns the rows of the view by their key."""
        return {row["cdc_key"]: row for row in self.lake.rows(f"SELECT * FROM {self.view}")}  # noqa: S608

    def _createtable(self, _: datetime) -> None:
        # DuckDB knows no place and no properties of a table.
        self.lake.run(translated(self.query("CreateTable").partition("\nLOCATION")[0]))

    def _addcolumns(self, _: datetime) -> None:
        present = {row["column_name"] for row in self.lake.rows(f"DESCRIBE {self.place}")}
        for name, kind in self.wanted().items():
            if name not in present:
                # DuckDB adds one column at a time, and without parentheses.
                added = translated(self.query("AddColumns", new_columns=f"`{name}` {kind}"))
                self.lake.run(re.sub(r"ADD COLUMNS \((.+)\)$", r"ADD COLUMN \1", added))

    def _findmark(self, _: datetime) -> None:
        ((self._mark,),) = [row.values() for row in self.lake.rows(self.query("FindMark"))]

    def _merge(self, started: datetime) -> None:
        since = max(datetime.fromtimestamp(0, UTC), datetime.fromtimestamp(self._mark / 1e6, UTC) - self.overlap)
        variables = {
            "since_date": f"{since:%Y-%m-%d}",
            "since_hour": str(since.hour),
            "started_us": str(round(started.timestamp() * 1e6)),
        }
        self.lake.run(translated(self.query("Merge", **variables)))

    def _makeview(self, _: datetime) -> None:
        self.lake.run(translated(self.query("MakeView")))

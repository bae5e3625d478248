"""A wall clock that is a minute wrong, or becomes so, loses nothing and puts nothing out of order."""

from __future__ import annotations

import pytest

from tests.system.faults.lake import RECONCILE
from tests.system.long_form import ROUNDS

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults")]

STEPS = [60, 0, -60, 0] * max(1, ROUNDS)
"""By how many seconds the clock is wrong, one after another."""


@pytest.fixture
def clocks(lake, tmp_path):
    """A file for each process that says by how many seconds its clock is wrong, from now on."""
    files = {part: tmp_path / part for part in ("emulator", "delivery")}
    for part, file in files.items():
        file.write_text("0")
        lake.end(part)
    lake.up(**{part: {"clock": str(file)} for part, file in files.items()})
    # Clocks differ by so much at most: a minute forth, then a minute back.
    lake.margin = 120
    yield files
    lake.margin = RECONCILE.margin
    for part in files:
        lake.end(part)


def test_a_clock_that_is_set_forth_and_back_while_changes_are_written_loses_and_reorders_nothing(lake, clocks):
    for seconds in STEPS:
        lake.write(20)
        for file in clocks.values():
            file.write_text(str(seconds))
    lake.write(20)
    lake.check()


@pytest.mark.long
@pytest.mark.parametrize("part", ["emulator", "delivery"])
def test_one_process_whose_clock_is_wrong_loses_and_reorders_nothing(lake, clocks, part):
    for seconds in (60, -60):
        lake.write(20)
        clocks[part].write_text(str(seconds))
    lake.write(20)
    lake.check()


@pytest.mark.long
def test_a_clock_that_is_set_back_between_two_starts_loses_and_reorders_nothing(lake, clocks):
    for seconds in (60, -60):
        for part, file in clocks.items():
            lake.end(part)
            file.write_text(str(seconds))
        lake.up(**{part: {"clock": str(file)} for part, file in clocks.items()})
        lake.write(20)
    lake.check()

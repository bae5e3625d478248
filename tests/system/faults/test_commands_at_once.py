"""Commands that start and stop local AWS at once succeed or say why, and never is there more than one of a process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.system.commands import run
from tests.system.faults.home_files import processes
from tests.system.long_form import ROUNDS
from tools.localaws import process, service, status
from tools.localaws.state_folder import StateFolder

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults-commands")]


def recorded(home):
    found = {part: process.find_recorded(StateFolder(home).process_file(part)) for part in service.PARTS}
    names = {"emulator": "tools.localaws.emulator", "delivery": "tools.localaws.firehose"}
    return sorted((names[part], each.pid) for part, each in found.items() if each)


def at_once(home, *commands):
    """Runs commands of `tools.local` at once, and returns what each said."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda words: run("tools.local", *words, home=home), commands))


@pytest.fixture
def home(tmp_path):
    yield tmp_path / "home"
    service.purge(tmp_path / "home")


def test_of_two_that_start_at_once_one_does_and_both_succeed(home):
    said = at_once(home, ("up",), ("up",))
    assert [each.returncode for each in said] == [0, 0], said
    assert len(processes(home)) == 2
    assert processes(home) == recorded(home)
    assert status.read(home).is_running


@pytest.mark.long
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_starts_and_stops_at_once_leave_all_running_or_nothing(home, turn):
    service.up(home)
    said = at_once(home, ("up",), ("down",), ("up",), ("down",))
    assert [each.returncode for each in said] == [0] * 4, said
    assert not [each.stderr for each in said if "Traceback" in each.stderr]
    assert processes(home) == recorded(home)
    assert len(processes(home)) in (0, 2)
    assert run("tools.local", "up", home=home).returncode == 0
    assert len(processes(home)) == 2

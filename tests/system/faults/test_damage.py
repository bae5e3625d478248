"""One wrong byte in any file of a stopped home: all is right nevertheless, or what starts or reads names the file."""

from __future__ import annotations

import random
import re

import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.system.faults import home_files, judge
from tests.system.long_form import ROUNDS
from tests.system.waiting import wait_until
from tools.errors import LakeError
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults")]

NOT_ALWAYS_THERE = ("deployment", "unpacked function")
FEW = ("checkpoint",)
KINDS = [kind for kind in home_files.KINDS if kind not in NOT_ALWAYS_THERE] if ROUNDS else FEW
TURNS = range(2 + ROUNDS) if ROUNDS else [2]
WHAT_TO_DO = re.compile("put back a good copy|remove it|end it with")


@pytest.fixture
def stopped(lake, tmp_path):
    """The pipeline, stopped as by a loss of power, after changes; put back as it was afterwards."""
    home, backup = lake.home.root, tmp_path / "backup"
    lake.write(20)
    lake.check()
    lake.end("delivery")
    lake.write(20)
    lake.end("emulator")
    versions, turn = dict(lake.versions), lake.turn
    home_files.copy(home, backup)
    yield lake
    for _, pid in home_files.processes(home):
        psutil.Process(pid).kill()
    wait_until(lambda: not home_files.processes(home), "the end of all processes")
    home_files.copy(backup, home)
    lake.versions, lake.turn = versions, turn


def outcome(lake):
    """Starts, writes and reads; returns what is said to be wrong, "" where nothing is."""
    try:
        lake.up()
        lake.write(5)
        wait_until(
            lambda: not judge.missing(lake.faults()) or WHAT_TO_DO.search(lake.last_error()), lambda: str(lake.faults())
        )
        if not judge.missing(lake.faults()):
            lake.check()
            return ""
    except (LakeError, BotoCoreError, ClientError) as error:
        return str(error)
    return lake.last_error()


def test_every_file_is_of_a_kind_and_there_is_one_of_each(lake):
    home = lake.home.root
    lake.write(1)
    lake.check()
    assert home_files.of_no_kind(home) == []
    assert [kind for kind in home_files.KINDS if not home_files.of_kind(home, kind)] in (
        ["deployment"],
        [*reversed(NOT_ALWAYS_THERE)],
    )


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_byte_is_harmless_or_named_with_what_to_do(stopped, kind, turn):
    home = stopped.home.root
    if kind == "database":
        # Nothing is left in its log then.
        stopped.up()
        service.down(home)
    files = home_files.of_kind(home, kind)
    file = files[turn % len(files)]
    place = turn if turn < 2 else random.Random(f"{kind} {turn}").random()
    home_files.flip(file, place)
    said = outcome(stopped)
    assert not said or (file.name in said and WHAT_TO_DO.search(said)), said

"""A disk that is full or read-only: what is refused says so, what is answered is kept, and all goes on afterwards."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager, suppress

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.system.faults.lake import Lake
from tests.system.long_form import ROUNDS
from tests.system.waiting import wait_until
from tools.errors import LakeError
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults-disk")]

FOLDERS = {"database": "emulator/state", "objects": "emulator/objects", "checkpoints": "delivery/checkpoints"}
PLACES = list(FOLDERS) if ROUNDS else ["checkpoints"]


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)


class Disk:
    """A small file system for one folder of a home."""

    def __init__(self, folder):
        self.folder = folder

    @contextmanager
    def full(self):
        """There is no room left, to the last byte."""
        filler = self.folder / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            for size in (65536, 1):
                with suppress(OSError):
                    while True:
                        file.write(bytes(size))
        try:
            yield
        finally:
            filler.unlink()

    @contextmanager
    def read_only(self):
        """Nothing can be written, as after an error of the disk."""
        wait_until(lambda: not mount("-o", "remount,ro", str(self.folder)).returncode, "a moment without open files")
        try:
            yield
        finally:
            mount("-o", "remount,rw", str(self.folder))


@pytest.fixture(params=PLACES)
def place(request):
    """Which of the folders is on the small disk."""
    return request.param


@pytest.fixture
def small(tmp_path, place):
    """A pipeline whose folder `place` is on a small disk, after some changes."""
    home, folder = tmp_path / "home", tmp_path / "home" / FOLDERS[place]
    folder.mkdir(parents=True, mode=0o700)
    if mount("-t", "tmpfs", "-o", "size=8m,mode=700", "none", str(folder)).returncode:
        pytest.skip("no file system can be mounted here")
    service.up(home)
    lake = Lake(home)
    lake.write(20)
    lake.check()
    yield lake, Disk(folder)
    service.down(home)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def refused(lake, number):
    """Writes, and returns what was said when it was refused."""
    said = []
    for _ in range(number):
        try:
            lake.write_one()
        except (BotoCoreError, ClientError) as error:
            said.append(str(error))
    return said


def expect_held(lake, disk):
    """Waits until the delivery stream is held and names a file on the disk."""
    wait_until(lambda: str(disk.folder) in lake.last_error(), lambda: f"{disk.folder} in {lake.last_error()!r}")


def test_a_full_disk_costs_nothing_and_is_named(small, place):
    lake, disk = small
    with disk.full():
        said = refused(lake, 40)
        if place == "database":
            assert "free space" in said[-1]
        else:
            assert said == []
            expect_held(lake, disk)
        for part in service.PARTS:
            lake.end(part)
        if place == "database":
            with pytest.raises(LakeError, match=r"state\.db.*free space"):
                lake.up()
        else:
            lake.up()
            assert refused(lake, 5) == []
            expect_held(lake, disk)
    lake.up()
    lake.write(20)
    lake.check()


@pytest.mark.long
def test_a_disk_that_becomes_read_only_costs_nothing_and_is_named(small, place):
    lake, disk = small
    if place == "database":
        # It is open for as long as the emulator runs: a disk with open files stays writable.
        for part in service.PARTS:
            lake.end(part)
    with disk.read_only():
        if place == "database":
            with pytest.raises(LakeError, match=r"state\.db.*writable"):
                lake.up()
        else:
            assert refused(lake, 20) == []
            expect_held(lake, disk)
    lake.up()
    lake.write(20)
    lake.check()

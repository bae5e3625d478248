"""Stops local AWS where no test needs it for a while: one that idles reads its shards every second all the same."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tests.system.commands import done

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


class _Local:
    """Local AWS in a folder, which goes on with what it had when it is started again."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self._home = home
        self._environment = environment
        self._is_up = False

    def up(self) -> None:
        if not self._is_up:
            done("tools.local", "up", home=self._home, timeout=600, **self._environment)
            self._is_up = True

    def down(self) -> None:
        if self._is_up:
            done("tools.local", "down", home=self._home)
            self._is_up = False


_KEPT: Final[dict[str, _Local]] = {}
"""Name of the fixture that needs it -> local AWS."""


@contextmanager
def kept(fixture: str, home: Path, **environment: str) -> Iterator[None]:
    """Keeps local AWS for the tests that use a fixture; it runs while they do."""
    local = _KEPT[fixture] = _Local(home, environment)
    local.up()
    try:
        yield
    finally:
        local.down()
        del _KEPT[fixture]


def start(item: pytest.Item) -> None:
    """Starts what a test needs and an earlier one has left stopped."""
    for fixture in _KEPT.keys() & _fixtures(item):
        _KEPT[fixture].up()


def stop(item: pytest.Item, following: pytest.Item | None) -> None:
    """Stops after the last test of a group what the test that follows does not need."""
    if following is None or _group(item) != _group(following):
        for fixture in _KEPT.keys() - _fixtures(following):
            _KEPT[fixture].down()


def _fixtures(item: pytest.Item | None) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


def _group(item: pytest.Item) -> object:
    marker = item.get_closest_marker("xdist_group")
    return marker.args if marker else None

"""The order in which tests are handed out, where several run at a time, and what all of them may count on."""

from __future__ import annotations

import signal
from typing import Final

import pytest

LONGEST_FIRST: Final = (
    "lake-queries",
    "lake",
    "policy",
    "cross-account",
    "account",
    "corrections",
    "plan-pair",
    "plan-single-account",
    "plan-modules",
    "worker",
    "deployments",
    "plan-refusals",
)
"""Groups whose tests run one after the other, because they share what takes long to make, by how long that takes.

What begins last must not be the longest. The first ones are of both kinds: those that wait for local AWS, and those
that use a processor meanwhile.
"""


def pytest_configure() -> None:
    """Lets Ctrl-C reach what tests start, also where a shell runs them in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Brings the tests of the longest groups to the front; pytest-xdist hands out groups in this order."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    name = group.args[0] if group else ""
    return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)

"""The order in which tests are handed out, where several run at a time."""

from __future__ import annotations

from typing import Final

import pytest

LONGEST_FIRST: Final = ("lake-queries", "lake", "cross-account", "deployments", "worker", "account")
"""Groups that share a deployment, whose tests run one after the other: what begins last must not be the longest."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Brings the tests of the longest groups to the front; pytest-xdist hands out groups in this order."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    name = group.args[0] if group else ""
    return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)

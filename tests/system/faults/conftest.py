"""One local AWS and one pipeline, which the tests of faults share."""

from __future__ import annotations

import pytest

from tests.system.faults.lake import Lake
from tools.localaws import service


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """Local AWS in a home of its own, with a pipeline."""
    home = tmp_path_factory.mktemp("faults")
    service.up(home)
    yield Lake(home)
    service.purge(home)


@pytest.fixture
def lake(running):
    """The pipeline, while both processes run without a fault; left so."""
    running.up()
    yield running
    running.up()

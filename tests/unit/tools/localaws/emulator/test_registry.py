from __future__ import annotations

import pytest

from tools import paths
from tools.localaws.emulator import registry

CANARIES = "\n".join(
    text
    for file in (paths.REPOSITORY / "tests" / "system").glob("test_*.py")
    if "def test_the_emulator_still_needs_" in (text := file.read_text())
)


@pytest.mark.parametrize("name", [correct.__name__ for correct in registry.CORRECTIONS])
def test_a_test_of_the_system_names_each_correction_and_asks_whether_it_is_still_needed(name):
    assert name in CANARIES

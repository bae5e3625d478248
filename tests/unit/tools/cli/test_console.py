from __future__ import annotations

from itertools import count

import pytest

from tools.cli import console


@pytest.fixture
def noted(monkeypatch):
    lines = []
    monkeypatch.setattr(console, "note", lines.append)
    monkeypatch.setattr(console.err, "_force_terminal", False)
    monkeypatch.setattr(console, "monotonic", count().__next__)
    return lines


def test_without_a_terminal_a_state_is_told_after_two_seconds_and_then_every_ten(noted):
    with console.telling("asking") as tell:
        for second in range(1, 26):
            tell(f"after {second} s")

    assert noted == ["after 2 s", "after 12 s", "after 22 s"]


def test_nothing_is_printed_while_silent_and_all_is_afterwards(capsys):
    with console.silent(quiet=True), console.stage("hidden"):
        console.say("hidden")
    with console.silent(quiet=False):
        console.say("shown")
    console.say("after")
    assert capsys.readouterr().out == "shown\nafter\n"

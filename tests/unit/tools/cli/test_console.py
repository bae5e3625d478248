from __future__ import annotations

from tools.cli import console


def test_nothing_is_printed_while_silent_and_all_is_afterwards(capsys):
    with console.silent(quiet=True), console.stage("hidden"):
        console.say("hidden")
    with console.silent(quiet=False):
        console.say("shown")
    console.say("after")
    assert capsys.readouterr().out == "shown\nafter\n"

from __future__ import annotations

import click
import pytest

from tools.localaws.load import verb
from tools.localaws.load.running import Result


def test_sizes_are_mixed_or_bytes():
    assert (verb._size("mixed"), verb._size("100"), verb._size("350000")) == (None, 100, 350_000)


@pytest.mark.parametrize("text", ["99", "350001", "1k", "", "-100", "\u0661\u0660\u0660"])
def test_other_sizes_are_refused_with_what_is_taken(text):
    with pytest.raises(click.UsageError, match="--size takes mixed, or 100 to 350000 bytes"):
        verb._size(text)


@pytest.mark.parametrize("option", ["--backlog", "--json"])
def test_a_climb_goes_without_what_a_single_load_has(option):
    with pytest.raises(click.UsageError, match="--rising goes without"):
        verb.load.main(["--rising", option], standalone_mode=False)


def test_a_climb_writes_for_so_many_seconds_at_each_rate(capsys):
    class Load:
        def run(self, plan, *, rate, **_):
            asked.append((rate, plan.changes))
            return Result(plan.changes, 0, 0, 5.0 if rate < 200 else 50.0, 60.0, 0, (), {})

    asked = []
    assert verb.climb(Load(), "mixed", 2, 5.0) == 0
    assert asked == [(50, 250), (100, 500), (200, 1000)]
    assert "gave way: put" in capsys.readouterr().out

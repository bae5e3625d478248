from __future__ import annotations

import click
import pytest

from tools.localaws.load import verb


def test_sizes_are_mixed_or_bytes():
    assert (verb._size("mixed"), verb._size("100"), verb._size("350000")) == (None, 100, 350_000)


@pytest.mark.parametrize("text", ["99", "350001", "1k", "", "-100", "\u0661\u0660\u0660"])
def test_other_sizes_are_refused_with_what_is_taken(text):
    with pytest.raises(click.UsageError, match="--size takes mixed, or 100 to 350000 bytes"):
        verb._size(text)

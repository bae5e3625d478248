"""Whom an erasure is about, and how one sees that a piece of text is of them."""

from __future__ import annotations

import hmac
import re
import secrets
from functools import cached_property
from typing import TYPE_CHECKING, Final

import msgspec

from tools.lake import item_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

SHORTEST: Final = 4
"""Bytes of a value that is looked for in text: shorter ones are everybody's."""

SHORTEST_NUMBER: Final = 6
"""The same of a number."""


class Subject(msgspec.Struct, frozen=True, dict=True):
    """Items of one table.

    Attributes:
        plain: their `cdc_key` as originals say it, without rules.
        written: their `cdc_key` in every spelling that rows may have.
    """

    plain: frozenset[str]
    written: frozenset[str]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The attributes of the key."""
        return tuple(msgspec.json.decode(next(iter(self.plain)))) if self.plain else ()

    def is_named_in(self, text: bytes) -> bool:
        """Tells whether a text that cannot be read as a record has a value of one of the keys as a word of its own."""
        pattern = self._pattern
        return pattern is not None and pattern.search(text) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[bytes] | None:
        words = {value.encode() for key in self.plain for value in item_keys.values(key)}
        long_enough = sorted((word for word in words if len(word) >= SHORTEST), key=len, reverse=True)
        if not long_enough:
            return None
        return re.compile(rb"(?<![0-9A-Za-z])(?:" + b"|".join(map(re.escape, long_enough)) + rb")(?![0-9A-Za-z])")


def of_keys(plain: Iterable[str], mask_keys: Collection[bytes], rules: Mapping[str, str]) -> Subject:
    """Returns the items with these plain keys; `mask_keys` and `rules` as `item_keys.spellings` takes them."""
    keys = frozenset(plain)
    return Subject(keys, frozenset().union(*(item_keys.spellings(key, mask_keys, rules) for key in keys)))


def new_salt() -> str:
    """Returns a random salt, in hexadecimal digits."""
    return secrets.token_hex(32)


def digest(asked: Iterable[str], salt: str) -> str:
    """Returns the HMAC-SHA-256 of what was asked for, in any order, under a salt: without it nobody can try guesses."""
    text = "\n".join(sorted(set(asked)))
    return hmac.digest(bytes.fromhex(salt), text.encode(), "sha256").hex()

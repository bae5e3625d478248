"""What the function must know of each table: its rules, and whether rows say what was there before.

It travels in the package, as one file. Terraform tells the function the SHA-256 of the same settings, as it writes them
with `jsonencode`, and a function whose package holds others refuses to run: the bytes made here are Terraform's.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from tools.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATH_IN_ZIP: Final = "lake_transform/table_settings.json"
HASH_VARIABLE: Final = "TABLE_SETTINGS_SHA256"
"""The function's environment variable with the hash of the settings that its package must hold."""

KEY_VARIABLE: Final = "MASK_KEY"
"""The function's environment variable with the key of hashes."""

RULES: Final = ("json", "text", "hash", "drop")

IS_KEY: Final = "this attribute is the table's key, which cannot be dropped; use hash, or leave it"

_NAME: Final = re.compile(r"(?:[^.\\\ud800-\udfff]|\\[.\\])+")
_PATH: Final = re.compile(rf"{_NAME.pattern}(?:\.|{_NAME.pattern})*")
_HASH_KEY: Final = "id"
"""Name of the partition key of a table that does not say another."""

# Go's encoding/json writes these as escapes, and Terraform's jsonencode with it.
_ESCAPED: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def problems(tables: object) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yields what is wrong with the rules of `tables`, as the user gave it: the path of the value, and the reason.

    What has another type than the variable's is left to others.
    """
    for name, table in _members(tables):
        for path, rule in _members(table.get("rules")):
            where = ("tables", name, "rules", path)
            if not _PATH.fullmatch(path):
                yield where, 'this is no path: use attribute names joined by ".", and "\\." or "\\\\" for "." or "\\"'
            if rule.get("as") not in RULES:
                yield (*where, "as"), f"use one of {', '.join(RULES)}"
            elif rule["as"] == "drop" and tuple(map(normal, names(path))) in _keys(table):
                yield where, IS_KEY


def of_tables(tables: object) -> dict[str, dict[str, Any]]:
    """Returns the settings of `tables`, as the user gave it, that are not the defaults, by table.

    >>> of_tables({"orders": {"rules": {"email": {"as": "hash"}}}, "customers": {"before": False}})
    {'orders': {'rules': {'email': 'hash'}}}
    """
    found = {}
    for name, table in _members(tables):
        rules = {normal(path): rule.get("as") for path, rule in _members(table.get("rules"))}
        settings = of_table(rules, before=_is_true(table.get("before")))
        if settings:
            found[normal(name)] = settings
    return found


def of_table(rules: Mapping[str, Any], *, before: bool) -> dict[str, Any]:
    """Returns the settings of one table that are not the defaults; `rules` is path -> rule."""
    return ({"before": True} if before else {}) | ({"rules": dict(rules)} if rules else {})


def needing_key(tables: object) -> list[tuple[str, str]]:
    """Returns table and path of each rule that needs the key of hashes."""
    return [
        (name, path)
        for name, settings in of_tables(tables).items()
        for path, rule in settings.get("rules", {}).items()
        if rule == "hash"
    ]


def dropped_from_existing(tables: object) -> dict[str, dict[str, str]]:
    """Returns, for each table that exists already, the attributes that rules drop: normal name -> path as given."""
    found = {}
    for name, table in _members(tables):
        dropped = {
            normal(names(path)[0]): path
            for path, rule in _members(table.get("rules"))
            if rule.get("as") == "drop" and len(names(path)) == 1
        }
        if dropped and _is_true(table.get("existing")):
            found[name] = dropped
    return found


def names(path: str) -> tuple[str, ...]:
    """Returns the names that a legal path consists of, without their escapes.

    >>> names(r"card.a\\.b.")
    ('card', 'a.b', '')
    """
    found = [""]
    for piece in re.findall(r"\\.|[^\\]", path, re.DOTALL):
        if piece == ".":
            found.append("")
        else:
            found[-1] += piece.removeprefix("\\") if len(piece) > 1 else piece
    return tuple(found)


def encode(settings: Mapping[str, Any]) -> bytes | None:
    """Returns the file's bytes, which are those of Terraform's `jsonencode`; None where no table has settings.

    >>> encode({"orders": {"rules": {"a<b": "drop"}, "before": True}})
    b'{"orders":{"before":true,"rules":{"a\\\\u003cb":"drop"}}}'
    """
    if not settings:
        return None
    text = json.dumps(settings, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.translate(_ESCAPED).encode()


def sha256(encoded: bytes | None) -> str | None:
    """Returns the hash in hex of the file's bytes, as Terraform gives it to the function; None where there is none."""
    return hashlib.sha256(encoded).hexdigest() if encoded else None


def check_same(held: bytes | None, wanted: bytes | None, package: str, environment: str) -> None:
    """Makes sure that a package which somebody built holds the settings that are wanted.

    `package` says which it is, `environment` which environment it is for, as `build` takes it.

    Raises:
        UsageError: it holds others, so that the function would refuse to run.
    """
    if held == wanted:
        return
    there, here = _decoded(held), _decoded(wanted)
    differing = [name for name in sorted({*there, *here}) if there.get(name) != here.get(name)] or ["every table"]
    raise UsageError(
        f"transformation_lambda_file: {package} was built for other tables: rules or before differ for "
        f"{', '.join(differing)}; build it anew: python -m tools.build {environment} --var-file FILE"
    )


def _decoded(content: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _members(value: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the members of a map of objects; what is no object counts as one without members."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield str(name), member if isinstance(member, dict) else {}


def _keys(table: Mapping[str, Any]) -> set[tuple[str]]:
    """Returns the paths of the table's key attributes, as far as the configuration decides them."""
    if _is_true(table.get("existing")):
        return set()
    key = table.get("key")
    given = key if isinstance(key, dict) else {}
    return {(normal(str(name)),) for name in (given.get("hash_key") or _HASH_KEY, given.get("range_key")) if name}


def _is_true(value: object) -> bool:
    # Terraform takes these texts for true.
    return value is True or value in ("true", "1")


def normal(text: str) -> str:
    """Returns a text in Unicode's normal form C: Terraform keeps every text so, and the function compares names so."""
    return unicodedata.normalize("NFC", text)

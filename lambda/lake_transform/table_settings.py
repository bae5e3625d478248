"""Settings of single tables, which the function finds in its package.

They are too large for environment variables, of which a function has 4 KB (AWS Lambda Developer Guide, "Lambda
quotas"). A variable holds their SHA-256, so that a package that was built for other rules is noticed, and nothing is
written.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

import orjson

from lake_transform.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path(__file__).with_name("table_settings.json")
VARIABLE: Final = "TABLE_SETTINGS_SHA256"

RuleKind = Literal["json", "text", "hash", "drop"]
AttributePath = tuple[str, ...]

_KINDS: Final = ("json", "text", "hash", "drop")
_FORMS_IN_ASCII: Final = frozenset("K;`")
_MEMBERS: Final = frozenset({"before", "rules"})
_MISMATCH: Final = "build the package again for the tables as they are declared (python -m tools.build), and deploy it"


class TableSettings(NamedTuple):
    """What one table asks for.

    Attributes:
        before: whether a MODIFY has the old image too.
        rules: path of an attribute -> how its value is written.
    """

    before: bool = False
    rules: Mapping[AttributePath, RuleKind] = {}


def from_package(environment: Mapping[str, str], file: Path = FILE) -> dict[str, TableSettings]:
    """Returns the settings of each table that has any, by its name.

    Raises:
        SettingsError: file and variable do not belong together, or the file is not legal. Nothing may be written then,
            because a value that has a rule could be in it.
    """
    expected = environment.get(VARIABLE) or None
    document = file.read_bytes() if file.exists() else None
    found = None if document is None else _sha256(document)
    if found != expected:
        raise SettingsError(
            f"the package holds table settings with SHA-256 {found or '(none)'}, and {VARIABLE} is "
            f"{expected or 'not set'}: {_MISMATCH}"
        )
    return {} if document is None else read(document)


def _sha256(document: bytes) -> str:
    # Imported here, because without table settings a cold start must not wait for it.
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(document).hexdigest()


def read(document: bytes) -> dict[str, TableSettings]:
    """Reads table settings: `{"TABLE": {"before": true, "rules": {"PATH": "KIND"}}}`, each member optional.

    Raises:
        SettingsError: the document is something else; the message names the table and the path.

    >>> read(b'{"orders":{"rules":{"card.number":"drop"}}}')
    {'orders': TableSettings(before=False, rules={('card', 'number'): 'drop'})}
    """
    try:
        tables = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise SettingsError(f"the table settings are no JSON: {error}") from None
    if not isinstance(tables, dict):
        raise SettingsError("the table settings are no object")
    return {table: _table(table, settings) for table, settings in tables.items()}


def _table(table: str, settings: Any) -> TableSettings:  # noqa: ANN401 - any JSON value
    if not isinstance(settings, dict) or not settings.keys() <= _MEMBERS:
        raise SettingsError(f"the settings of table {table} are not an object of {', '.join(sorted(_MEMBERS))}")
    before, rules = settings.get("before", False), settings.get("rules", {})
    if not isinstance(before, bool) or not isinstance(rules, dict):
        raise SettingsError(f"the settings of table {table}: before is a boolean, rules an object")
    for path, kind in rules.items():
        if kind not in _KINDS:
            raise SettingsError(f"the rule {path} of table {table} is {kind!r}: give one of {', '.join(_KINDS)}")
    parsed = {parse_path(path): cast("RuleKind", kind) for path, kind in rules.items()}
    return TableSettings(before, parsed)


def has_other_spellings(name: str) -> bool:
    """Says whether other names than this one stand for it in a rule.

    Terraform writes names in Unicode's normalization form C, so a name in another form counts as the same. That of the
    Kelvin sign, of a Greek question mark and of the Greek varia is an ASCII character.

    >>> has_other_spellings("email"), has_other_spellings("é"), has_other_spellings("K")
    (False, True, True)
    """
    return not name.isascii() or not _FORMS_IN_ASCII.isdisjoint(name)


def parse_path(text: str) -> AttributePath:
    r"""Returns the names of a rule's path: joined by dots; in a name a dot is written `\.` and a backslash `\\`.

    Raises:
        SettingsError: the path is empty, starts with an empty name, or has a backslash before another character.

    >>> parse_path("card.number"), parse_path(r"a\.b.c\\d")
    (('card', 'number'), ('a.b', 'c\\d'))
    """
    names = [""]
    characters = iter(text)
    for character in characters:
        if character == ".":
            names.append("")
            continue
        if character == "\\":
            character = next(characters, "")  # noqa: PLW2901 - the escaped one takes its place
            if character not in {".", "\\"}:
                raise SettingsError(rf"the rule {text}: a backslash stands before a dot or a backslash: \. or \\")
        names[-1] += character
    if not names[0]:
        raise SettingsError(f"the rule {text!r} names no attribute")
    return tuple(names)

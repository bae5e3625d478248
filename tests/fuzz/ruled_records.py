"""Settings of a table with rules, and records of which native code must write every one with them."""

from __future__ import annotations

from lake_transform.settings import Settings
from lake_transform.table_settings import TableSettings
from tests.fuzz.record_bytes import ONE, in_every_place, nested, numbers, record, removal, texts, with_keys

_KINDS = ("hash", "text", "json", "drop", None)
_MOST_MEMBERS = 40


def hook(row, _change):
    """Adds to a row what it holds, with types and in order."""
    return row | {"seen": repr(list(row.items()))}


def _rules(first, key_rules):
    """Returns rules for the members that `image_of` makes, of the image and of its first member, each kind in turn."""
    turns = ((number, _KINDS[(number + first) % len(_KINDS)]) for number in range(1, _MOST_MEMBERS))
    members = {f"a{number}": kind for number, kind in turns if kind}
    within = {("a0", name): kind for name, kind in members.items()}
    return {(name,): kind for name, kind in members.items()} | within | key_rules


_TABLES = [
    {
        "orders": TableSettings(before=True, rules=_rules(0, {("id",): "hash", ("n", "a"): "drop", ("é",): "json"})),
        "other": TableSettings(before=True),
    },
    {
        "orders": TableSettings(rules=_rules(2, {("id",): "text", ("b",): "hash", ("n",): "json", ("a", "K"): "drop"})),
        "orders2": TableSettings(before=True, rules={("id",): "drop"}),
    },
]
_MASK_KEY = b"of the fuzzer, and of nobody else"
RULED = Settings(tables=_TABLES[0], mask_key=_MASK_KEY)
HOOKED = Settings(tables=_TABLES[1], mask_key=_MASK_KEY, list_format="array", hook=f"{__name__}:hook")


def ruled():
    """Returns name -> records; native code must write the line of each, with either settings."""
    scalars = [
        *numbers(["0", "-7", "0.5", "9" * 38]),
        *texts([b"", b"x", rb"\"\\\n\u0001\ud83d\ude00", "é😀".encode(), b"y" * 100]),
        *(b'{"BOOL":true}', b'{"BOOL":false}', b'{"NULL":true}', b'{"B":"AQ=="}'),
    ]
    return {
        "ruled-scalars": in_every_place(scalars),
        "ruled-removals": [removal(old=image) for image in _images(scalars)],
        "ruled-updates": [record(image, event=b"MODIFY", old=image) for image in _images(scalars)],
        "ruled-keys": [
            record(b'{"id":{"S":"x"},"n":{"M":{"a":{"S":"1"},"b":{"N":"2"}}}}', keys=ONE),
            with_keys(b'"id":{"S":"x"}', b'"b":{"B":"AQ=="}'),
            with_keys(b'"id":{"N":"7"}'),
        ],
        "ruled-deep": [nested(levels, kind) for kind in "ML" for levels in (1, 30)],
        "ruled-others": [
            record(ONE, event=b"MODIFY", old=old, tableName=table)
            for old in (b"null", b"{}", ONE, b'{"a":{"L":[{"M":{}}]}}')
            for table in (b'"other"', b'"orders3"')
        ],
    }


def _images(values):
    """Returns images that have the values as members: of the image, of a map, and of a map in a list."""
    together = b"{%b}" % b",".join(b'"a%d":%b' % pair for pair in enumerate(values))
    return [together, b'{"a0":{"M":%b}}' % together, b'{"a0":{"L":[{"M":%b}]}}' % together]

"""What the rules of each table let readers of the lake see, and where a plan lets them see more.

By what becomes readable, `drop` is the strictest rule, then comes `hash`; `json`, `text` and no rule show the value, in
one form or another. Of several rules on the way to a value the strictest counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tools.artifact import table_settings
from tools.artifact.table_settings import HASH_VARIABLE, KEY_VARIABLE
from tools.plan_review.artifacts import FUNCTION, function_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.plan_review.plan import Plan

OUTPUT: Final = "tables"
ORIGINALS: Final = (
    "Rules hold under data/; the stream, errors/ and exports/ keep originals, and of tables with rules the bucket's "
    "policy lets only named roles read the latter two"
)

_STRICTNESS: Final = {"drop": 2, "hash": 1}
_NO_RULE: Final = "as it is"


class TableRules(msgspec.Struct, frozen=True):
    """The rules of one table, path -> rule, and whether its rows say what was there before."""

    rules: dict[str, str] = {}
    before: bool = False

    def text(self) -> str:
        """Returns them in one line; "" where there are none."""
        rules = [f"{path}: {rule}" for path, rule in sorted(self.rules.items())]
        return ", ".join([*rules, *(["with cdc_before"] if self.before else [])])


@dataclass(frozen=True)
class RuleChange:
    """One rule that changes, in words, and whether readers see more than before."""

    text: str
    shows_more: bool


def find(plan: Plan) -> dict[str, TableRules]:
    """Returns the rules of each table after the apply, of the tables that have any."""
    change = plan.output_changes.get(OUTPUT)
    found = _read(change.after if change else plan.output_after(OUTPUT))
    return {name: rules for name, rules in found.items() if rules.text()}


def changes(plan: Plan) -> tuple[RuleChange, ...]:
    """Returns what the plan changes in rules, table by table, and in the key of hashes, which is not shown."""
    change = plan.output_changes.get(OUTPUT)
    before, after = (_read(change.before), _read(change.after)) if change else ({}, {})
    of_tables = [
        each for name in sorted(before.keys() & after.keys()) for each in _of_table(name, before[name], after[name])
    ]
    return (*of_tables, *_of_functions(plan, before))


def _read(output: Any) -> dict[str, TableRules]:  # noqa: ANN401  # an output of any type
    if not isinstance(output, dict):
        return {}
    try:
        return msgspec.convert(output, dict[str, TableRules])
    except msgspec.ValidationError:
        return {}


def _of_table(name: str, before: TableRules, after: TableRules) -> Iterator[RuleChange]:
    for path in sorted(before.rules.keys() | after.rules.keys()):
        old, new = before.rules.get(path), after.rules.get(path)
        if old != new:
            shows_more = _strictness(after.rules, path) < _strictness(before.rules, path)
            yield RuleChange(f"{name}: {path}: {old or _NO_RULE} -> {new or _NO_RULE}", shows_more)
    if after.before and not before.before:
        yield RuleChange(f"{name}: rows of changes say what was there before (cdc_before)", shows_more=True)
    elif before.before and not after.before:
        yield RuleChange(f"{name}: rows of changes no longer say what was there before (cdc_before)", shows_more=False)


def _strictness(rules: Mapping[str, str], path: str) -> int:
    names = table_settings.names(path)
    on_the_way = (
        rule
        for other, rule in rules.items()
        if names[: len(table_settings.names(other))] == table_settings.names(other)
    )
    return max((_STRICTNESS.get(rule, 0) for rule in on_the_way), default=0)


def _of_functions(plan: Plan, tables: Mapping[str, TableRules]) -> Iterator[RuleChange]:
    for resource in plan.changes():
        if resource.type != FUNCTION or not resource.change.before or not resource.change.after:
            continue
        before, after = function_variables(resource.change.before), function_variables(resource.change.after)
        if before.get(HASH_VARIABLE) not in (_hash(tables), after.get(HASH_VARIABLE)):
            yield RuleChange(
                "the function has other rules than the state says, as after an apply that failed: what they were is "
                "not known here",
                shows_more=True,
            )
        old, new = before.get(KEY_VARIABLE), after.get(KEY_VARIABLE)
        if old and new and old != new:
            text = "mask_key changes: equal values get another hash from then on, and match no hash from before"
            yield RuleChange(text, shows_more=False)
        elif old and not new:
            yield RuleChange("mask_key is taken away", shows_more=False)
        elif new and not old:
            yield RuleChange("mask_key is set", shows_more=False)


def _hash(tables: Mapping[str, TableRules]) -> str | None:
    found = {name: table_settings.of_table(table.rules, before=table.before) for name, table in tables.items()}
    return table_settings.sha256(table_settings.encode({name: each for name, each in found.items() if each}))

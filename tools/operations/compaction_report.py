"""Says what compaction would do, and what it has done, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tools.cli import console
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.operations.compacting import Result, Work


def plan_lines(table: str, works: Sequence[Work]) -> list[str]:
    """Returns a line for each step that there is to do in a table, and one where there is none."""
    found = {step: [work for work in works if work.step == step] for step in ("write", "remove", "wait")}
    lines = []
    if each := found["write"]:
        lines.append(
            f"{table}: {_objects(each)} of {_folders(each)} become {sum(work.targets for work in each)} "
            f"({_size(each)} to read and write)"
        )
    if each := found["remove"]:
        lines.append(f"{table}: {_objects(each)} of {_folders(each)} are removed ({_size(each)}; versions stay)")
    if each := found["wait"]:
        minutes = -(-max(work.wait_seconds for work in each) // 60)
        lines.append(f"{table}: {_objects(each)} of {_folders(each)} can be removed in {minutes} min")
    return lines or [f"{table}: nothing to compact"]


def result_line(table: str, results: Sequence[Result]) -> str:
    """Returns what was done in a table, in a line."""
    written, removed = sum(each.outcome.written for each in results), sum(each.outcome.removed for each in results)
    size = console.mib(sum(each.outcome.written_bytes for each in results))
    return f"{table}: {console.counted(written, 'object')} written ({size}), {removed} removed"


def plan_json(plans: Mapping[str, Sequence[Work]]) -> str:
    """Returns what is to be done as JSON: a list of tables with their folders."""
    return _json([{"table": table, "folders": msgspec.to_builtins(works)} for table, works in plans.items()])


def results_json(results: Mapping[str, Sequence[Result]]) -> str:
    """Returns what was done as JSON, in the same form."""
    return _json(
        [
            {
                "table": table,
                "folders": [
                    {"folder": each.folder, "error": each.error, **msgspec.to_builtins(each.outcome)} for each in done
                ],
            }
            for table, done in results.items()
        ]
    )


def complain(results: Mapping[str, Sequence[Result]]) -> None:
    """Warns of what was odd.

    Raises:
        LakeError: something failed; what failed before the last is printed.
    """
    done = [result for each in results.values() for result in each]
    for result in done:
        for line in result.outcome.warnings:
            console.warn(line)
    failed = [result.error for result in done if result.error]
    for line in failed[:-1]:
        console.fail(line)
    if failed:
        raise LakeError(failed[-1])


def _json(members: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(members).decode()


def _objects(works: Sequence[Work]) -> str:
    return console.counted(sum(work.objects for work in works), "object")


def _folders(works: Sequence[Work]) -> str:
    return console.counted(len(works), "folder")


def _size(works: Sequence[Work]) -> str:
    return console.mib(sum(work.bytes for work in works))

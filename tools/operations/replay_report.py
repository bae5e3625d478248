"""Says what has failed and what became of it, for people and for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from tools.cli import console
from tools.errors import LakeError
from tools.lake.replay import selection
from tools.lake.table_view import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.lake.replay.group_reader import Outcome
    from tools.lake.replay.selection import Survey, Tally

    Log = Mapping[tuple[str, str], int]


def summary_lines(found: Mapping[str, Sequence[Survey]]) -> list[str]:
    """Returns how much has failed, a line for each table."""
    lines = []
    for table, surveys in found.items():
        tallies = selection.total(surveys).values()
        records, size = sum(tally.records for tally in tallies), console.mib(sum(tally.bytes for tally in tallies))
        counted = (
            f"{console.counted(records, 'failed record')} in {console.counted(_objects(surveys), 'object')} ({size})"
        )
        lines.append(f"{table}: {counted if records else 'no failed records'}")
    return lines


def list_lines(found: Mapping[str, Sequence[Survey]], logs: Mapping[str, Log | None]) -> list[str]:
    """Returns what has failed: for each table a line in all, and one for each hour, type and code, oldest first."""
    lines = []
    for summary, (table, surveys) in zip(summary_lines(found), found.items(), strict=True):
        lines.append(summary)
        tallies = selection.total(surveys)
        for (error_type, code, hour), tally in tallies.items():
            counted = f"{console.counted(tally.records, 'record')}, {console.mib(tally.bytes)}, {_span(tally)}"
            lines.append(f"  {hour or 'no time'}  {error_type}  {code or 'no code'}: {counted}")
            lines += _reason_lines(tally.reasons)
        log = logs[table]
        if tallies and log is None:
            lines.append("  the function's log cannot be read from here")
        for (hour, why), records in sorted((log or {}).items()) if tallies else ():
            lines.append(f"  {hour}  the function's log: {console.counted(records, 'record')}: {shown(why)}")
    return lines


def list_json(found: Mapping[str, Sequence[Survey]], logs: Mapping[str, Log | None]) -> str:
    """Returns the same as JSON: a list of tables."""
    return _json(
        [
            {
                "table": table,
                "objects": _objects(surveys),
                "failures": [
                    {
                        "error_type": error_type,
                        "code": code,
                        "hour": hour,
                        "records": tally.records,
                        "bytes": tally.bytes,
                        "first": _time(tally.first_ms),
                        "last": _time(tally.last_ms),
                        "reasons": tally.reasons,
                    }
                    for (error_type, code, hour), tally in selection.total(surveys).items()
                ],
                "function_log": [
                    {"hour": hour, "reason": why, "records": records}
                    for (hour, why), records in sorted((logs[table] or {}).items())
                ],
            }
            for table, surveys in found.items()
        ]
    )


def result_lines(outcomes: Mapping[str, Outcome], *, dry_run: bool) -> list[str]:
    """Returns what became of the failed records of each table, or would, and why some fail again."""
    verb = "would become rows" if dry_run else "became rows"
    lines = []
    for table, outcome in outcomes.items():
        counts, again = outcome.counts, failing_again(outcome)
        if counts.rows or counts.dropped or again:
            lines.append(f"{table}: {counts.rows} {verb}, {counts.dropped} dropped by the hook, {again} fail again")
            lines += _reason_lines(outcome.reasons)
    return lines


def results_json(outcomes: Mapping[str, Outcome]) -> str:
    """Returns the same as JSON: a list of tables."""
    return _json(
        [
            {
                "table": table,
                "rows": outcome.counts.rows,
                "dropped": outcome.counts.dropped,
                "fail_again": failing_again(outcome),
                "reasons": outcome.reasons,
            }
            for table, outcome in outcomes.items()
        ]
    )


def warn(found: Mapping[str, Sequence[Survey]], outcomes: Mapping[str, Outcome], bucket: str) -> None:
    """Warns of objects that cannot be read, and of what was odd."""
    for surveys in found.values():
        for survey in surveys:
            if survey.unreadable:
                console.warn(f"s3://{bucket}/{survey.found.source.key} stays as it is: {survey.unreadable}")
    for outcome in outcomes.values():
        for line in outcome.warnings:
            console.warn(line)


def complain(outcomes: Mapping[str, Outcome]) -> None:
    """Raises LakeError where records fail again."""
    again = {table: failing_again(outcome) for table, outcome in outcomes.items()}
    if total := sum(again.values()):
        named = ", ".join(table for table, number in again.items() if number)
        raise LakeError(f"{console.counted(total, 'record')} of {named} failed again; --list says which and why")


def failing_again(outcome: Outcome) -> int:
    """Returns how many records failed again."""
    return sum(outcome.reasons.values())


def _objects(surveys: Sequence[Survey]) -> int:
    """Returns how many objects have records that are chosen, or cannot be read."""
    return sum(bool(survey.tallies or survey.unreadable) for survey in surveys)


_UNKNOWN = "no reason is known"


def _reason_lines(reasons: Mapping[str, int]) -> list[str]:
    by_number = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return [f"    {console.counted(number, 'record')}: {shown(why) or _UNKNOWN}" for why, number in by_number]


def _span(tally: Tally) -> str:
    return f"{_time(tally.first_ms)} to {_time(tally.last_ms)}" if tally.last_ms else "no time"


def _time(milliseconds: int) -> str | None:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}" if milliseconds else None


def _json(members: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(members).decode()

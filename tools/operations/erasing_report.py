"""Says what an erasure has found and done, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tools.cli import console
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.lake.erasure.certificate import Certificate, Counts
    from tools.operations.erasing import Survey
    from tools.operations.erasing_run import Done


def survey_lines(table: str, items: int, survey: Survey) -> Iterator[str]:
    """Yields what there is of the items, place by place."""
    yield f"{table}: {console.counted(items, 'item')}"
    for each in survey.look.places:
        if each.versions:
            yield f"  {each.place}: {_counts(each)}"
    if survey.is_empty:
        yield "  nothing is in the lake"
    markers = sum(each.delete_markers for each in survey.look.places)
    searched = sum(each.searched for each in survey.look.places)
    yield f"  {searched:,} versions were searched; {console.counted(markers, 'delete marker')}"


def survey_json(table: str, items: int, survey: Survey) -> str:
    """Returns the same as JSON."""
    members = {
        "table": table,
        "items": items,
        "look": msgspec.to_builtins(survey.look),
        "not_searched": survey.not_searched,
        "look_at": survey.look_at,
    }
    return msgspec.json.encode(members).decode()


def done_lines(done: Done) -> Iterator[str]:
    """Yields what was done, what is beyond it, and where the certificate is."""
    certificate = done.certificate
    did = certificate.done
    yield (
        f"{certificate.table}: {did.rewritten} objects rewritten, {did.removed} removed, {did.versions} versions "
        "removed; a search of what is left finds nothing"
    )
    if certificate.exports:
        yield f"{console.counted(certificate.exports, 'export')} tell by new manifests what is left in them"
    yield "Not reached from here:"
    for each in certificate.beyond:
        yield f"  {each.what}: {f'gone by {each.gone_by}; ' if each.gone_by else ''}{each.how}"
    yield f"certificate: {done.place}"
    yield f"salt of its digest, which is kept nowhere: {done.salt}"


def done_json(done: Done) -> str:
    """Returns the certificate as JSON, with its place and the salt of its digest."""
    members: dict[str, Any] = msgspec.to_builtins(done.certificate)
    return msgspec.json.encode(members | {"place": done.place, "salt": done.salt}).decode()


def warn(survey: Survey, others: int) -> None:
    """Warns of what could not be read, of notes to look at, and of other erasures under way."""
    for place, problem in survey.not_searched.items():
        console.warn(f"{place} was not searched: {problem}")
    for place in survey.look_at:
        console.warn(f"{place} has a text of the items; nothing of it is removed, look at it")
    if others:
        console.warn(
            f"{console.counted(others, 'other erasure')} of this table was interrupted; run it again to end it"
        )


def complain(certificate: Certificate) -> None:
    """Says what is left in the lake.

    Raises:
        LakeError: something is.
    """
    if certificate.is_complete:
        return
    until = max((each.until for each in certificate.locked if each.until), default=None)
    said = [
        f"{len(certificate.not_searched)} objects were not searched" if certificate.not_searched else "",
        f"object lock keeps {len(certificate.locked)} versions" if certificate.locked else "",
        f"the last until {until}; run this again then" if until else "",
    ]
    raise LakeError(f"table {certificate.table}: {', '.join(filter(None, said))}")


def _counts(each: Counts) -> str:
    rows = f"{console.counted(each.rows, 'row')} in " if each.rows else ""
    old = f", {each.old} of them old" if each.old else ""
    others = (
        f"; {console.counted(each.others_in_old, 'line')} of others go with old versions" if each.others_in_old else ""
    )
    return (
        f"{rows}{console.counted(each.objects, 'object')}, {console.counted(each.versions, 'version')}{old} "
        f"({console.mib(each.bytes)}){others}"
    )

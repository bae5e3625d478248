"""One run of erasure: under the table's lease it notes what it begins, erases, and writes the certificate."""

from __future__ import annotations

import socket
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import TYPE_CHECKING, Final

from tools.cli import console
from tools.lake import lease
from tools.lake.erasure import beyond, subject
from tools.lake.erasure.certificate import Certificate
from tools.lake.erasure.notes import Note, Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.deployments.aws import Aws
    from tools.lake.erasure.beyond import Surroundings
    from tools.lake.erasure.places import Bucket
    from tools.lake.erasure.removing import Outcome
    from tools.lake.lease import Lease
    from tools.operations.erasing import Eraser, Survey
    from tools.operations.erasing_target import Asked

VERB: Final = "erase"


@dataclass(frozen=True)
class Done:
    """What a run has done: the certificate, where it lies, and the salt of its digest."""

    certificate: Certificate
    place: str
    salt: str


class ErasureRun:
    """A run on one table; `aws` reaches the account of the lake, whose own bucket is `bucket`."""

    def __init__(self, aws: Aws, bucket: Bucket, table: str, asked: Asked) -> None:
        self._aws = aws
        self._s3 = aws.client("s3")
        self._bucket = bucket
        self._table = table
        self._asked = asked
        self._notes = Notes(self._s3, bucket.name, table)

    def begun(self, texts: Sequence[str]) -> tuple[Note | None, int]:
        """Returns the note of a run that was interrupted, and how many of other erasures are under way.

        `texts` are what was asked for.

        Raises:
            LakeError: a note cannot be read.
        """
        return self._notes.find(texts)

    def new_note(self, texts: Sequence[str], plain: Sequence[str]) -> Note:
        """Returns the note of a run that begins: what was asked for, and the plain keys of its items."""
        salt = subject.new_salt()
        return Note(uuid.uuid4().hex, salt, subject.digest(texts, salt), _now(), tuple(plain))

    def run(
        self,
        eraser: Eraser,
        survey: Survey,
        note: Note,
        *,
        is_new: bool,
        around: Surroundings,
        wait: bool,
    ) -> Done:
        """Erases what a look has found, and what comes meanwhile.

        Args:
            eraser: has looked.
            survey: what it has found.
            note: what to note while this is under way.
            is_new: whether the note is not there yet.
            around: what is around the lake.
            wait: whether to wait for changes that are on their way, and erase these too.

        Raises:
            RefusedError: another tool has begun to work with one of the objects.
            LakeError: another has the lease, or S3 refuses.
        """
        who, host = self._aws.caller_arn(), socket.gethostname()
        with lease.held(self._s3, self._bucket.name, self._table, who=who, host=host, verb=VERB) as held:
            eraser.refuse_what_others_began(survey, self._bucket, self._table)
            if is_new:
                self._notes.write(note)
            with console.telling(f"{self._table}: erasing") as tell:
                outcome, looks = eraser.erase_all(survey, held, tell)
                if wait and around.in_flight:
                    more, later = self._after(around.in_flight, eraser, held, tell)
                    outcome, looks = outcome + more, looks + later
                tell("manifests of exports")
                exports = eraser.mend_exports(held)
            certificate = self._certificate(note, outcome, looks, exports=exports, around=around, who=who)
            removers = {bucket: eraser.remover(bucket, held) for bucket in eraser.sources}
            for bucket, source in eraser.sources.items():
                if bucket != self._bucket:
                    self._notes.remove_copy(note, source.client(), bucket.name, removers[bucket])
            place = self._notes.certify(note, certificate.encoded(), removers[self._bucket])
            return Done(certificate, place, note.salt)

    @staticmethod
    def _after(
        until: datetime, eraser: Eraser, held: Lease, tell: Callable[[str], None]
    ) -> tuple[Outcome, list[Survey]]:
        while (left := (until - datetime.now(UTC)).total_seconds()) > 0:
            tell(f"{left:.0f} s until changes that were on their way are in the lake")
            sleep(min(1.0, left))
        return eraser.erase_all(eraser.survey(tell), held, tell)

    def _certificate(
        self,
        note: Note,
        outcome: Outcome,
        looks: Sequence[Survey],
        *,
        exports: int,
        around: Surroundings,
        who: str,
    ) -> Certificate:
        return Certificate(
            id=note.id,
            table=self._table,
            by=who,
            asked=note.asked,
            asked_by=self._asked.by,
            items=len(note.keys),
            started=note.started,
            ended=_now(),
            looks=tuple(each.look for each in looks),
            done=outcome,
            exports=exports,
            not_searched=looks[-1].not_searched,
            look_at=looks[-1].look_at,
            beyond=beyond.listed(around, datetime.now(UTC)),
        )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

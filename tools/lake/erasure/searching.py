"""Looks through one version of an object: what in it is of a subject."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import lines
from tools.lake.compaction import grouping
from tools.lake.erasure import matching
from tools.lake.erasure.matching import Matcher
from tools.lake.erasure.text_search import TextSearch
from tools.lake.erasure.versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

    from tools.lake.erasure.column_match import ColumnMatch
    from tools.lake.erasure.places import Place
    from tools.lake.erasure.subject import Subject

GONE: Final = ("NoSuchKey", "NoSuchVersion", "404")
_ATTEMPTS: Final = 3
_CHUNK: Final = 256 * 1024
_OTHER: Final = "of a format that is not read here"
_GZIP: Final = b"\x1f\x8b"
_OTHER_FORMATS: Final = (b"PAR1", b"ORC", b"Obj\x01", b"BZh", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
"""What files of Parquet, ORC, Avro, bzip2, Zstandard and zip begin with."""


class Found(msgspec.Struct, frozen=True):
    """What a version has of the subject.

    Attributes:
        version: the version.
        lines: lines of the subject.
        others: lines that are not.
        is_whole: whether it goes as a whole, whatever else is in it.
        values: values of the subject that are looked for elsewhere.
        problem: why it could not be looked through to its end; "" where it could.
    """

    version: Version
    lines: int = 0
    others: int = 0
    is_whole: bool = False
    values: frozenset[str] = frozenset()
    problem: str = ""

    @property
    def is_of_subject(self) -> bool:
        """Whether anything in it is of the subject."""
        return self.lines > 0 or self.is_whole


class UnreadableError(Exception):
    """An object cannot be read as lines: the text says why."""


def lines_of(place: Place, subject: Subject) -> Callable[[S3Client, str, Version], Found]:
    """Returns what looks through objects of lines."""
    return partial(_search_lines, matcher=matcher(place, subject))


def matcher(place: Place, subject: Subject) -> Matcher:
    """Returns what tells which lines of the objects of a place are of a subject.

    Raises:
        ValueError: its objects have no lines of items.
    """
    if place.kind == "results" or place.kind == "notes":  # noqa: PLR1714  # mypy narrows by this alone
        raise ValueError(place.kind)
    return Matcher(place.kind, subject)


def texts_of(place: Place, values: Collection[str]) -> Callable[[S3Client, str, Version], Found]:
    """Returns what looks through texts for values."""
    return partial(_search_text, search=TextSearch(values), is_result=place.kind == "results")


def keys_where(match: ColumnMatch) -> Callable[[S3Client, str, Version], Found]:
    """Returns what looks through rows for a value of a column; the values that it finds are the keys of such rows."""
    return partial(_search_column, match=match)


def version(look: Callable[[S3Client, str, Version], Found], s3: S3Client, bucket: str, found: Version) -> Found | None:
    """Returns what `look` finds in a version, None where it is gone. What breaks off on the way is read again.

    Raises:
        LakeError: it cannot be read.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return look(s3, bucket, found)
        except UnreadableError as error:
            return Found(found, problem=str(error))
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                return None
            raise LakeError(f"s3://{bucket}/{found.key} cannot be read: {reason(error)}") from None
        except BotoCoreError as error:
            if attempt == _ATTEMPTS:
                raise LakeError(f"s3://{bucket}/{found.key} cannot be read: {reason(error)}") from None
    raise AssertionError("the last attempt returns or raises")


@dataclass(frozen=True)
class Opened:
    """A version that is being read: what S3 says of it, whether it is packed with gzip, and its lines.

    Each line has its newline: together they are the bytes of the object, unpacked.
    """

    answer: GetObjectOutputTypeDef
    is_packed: bool
    lines: Iterator[bytes]


@contextmanager
def opened(s3: S3Client, bucket: str, found: Version) -> Iterator[Opened]:
    """Opens a version to read its lines.

    Raises:
        UnreadableError: it is damaged, has a line that is too long, or is of another format.
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 does not hand it over.
    """
    answer = s3.get_object(Bucket=bucket, Key=found.key, VersionId=found.id)
    body: Any = answer["Body"]
    try:
        first = body.read(_CHUNK)
        chunks = lines.unpacked(chain((first,), iter(partial(body.read, _CHUNK), b"")))
        yield Opened(answer, first.startswith(_GZIP), _ended(_checked(chunks)))
    except lines.DamagedError as error:
        raise UnreadableError(str(error)) from None
    finally:
        body.close()


def _checked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    if first.startswith(_OTHER_FORMATS):
        raise UnreadableError(_OTHER)
    return chain((first,), chunks)


def _ended(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if len(rest) > lines.LONGEST:
            raise UnreadableError(f"a line is longer than {lines.LONGEST} bytes")
    if rest:
        yield rest


def _search_lines(s3: S3Client, bucket: str, found: Version, matcher: Matcher) -> Found:
    _check_name(found)
    mine = others = 0
    values: set[str] = set()
    with opened(s3, bucket, found) as reading:
        for line in reading.lines:
            if matcher(line):
                mine += 1
                values.update(matching.values(line))
            else:
                others += 1
    return Found(found, mine, others, values=frozenset(values))


def _check_name(found: Version) -> None:
    if grouping.is_other_format(found.key):
        raise UnreadableError(_OTHER)


def _search_column(s3: S3Client, bucket: str, found: Version, match: ColumnMatch) -> Found:
    _check_name(found)
    keys: set[str] = set()
    number = others = 0
    with opened(s3, bucket, found) as reading:
        for _, row in lines.rows(reading.lines, found.key, lambda _bad: None):
            if match(row):
                keys.add(msgspec.json.decode(row["cdc_key"], type=str))
                number += 1
            else:
                others += 1
    return Found(found, number, others, values=frozenset(keys))


def _search_text(s3: S3Client, bucket: str, found: Version, search: TextSearch, *, is_result: bool) -> Found:
    try:
        with opened(s3, bucket, found) as reading:
            is_there = search.is_in(reading.lines)
    except UnreadableError:
        # What a query found can be asked for again; whatever is in it.
        if not is_result:
            raise
        is_there = True
    return Found(found, is_whole=is_there)

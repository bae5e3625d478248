"""Reads lines of JSON as the two SerDes of the catalog do.

A value becomes the text of its column's type, digit by digit, with no double on the way. Source: "Hive JSON SerDe" and
"OpenX JSON SerDe" of the Athena User Guide; what they leave open is from Trino's `JsonDeserializer` and
`OpenXJsonDeserializer`, on which Athena's engine is built.
"""

from __future__ import annotations

import decimal
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.athena.errors import QueryError
from tools.localaws.emulator.athena.hive_types import INTEGER_BITS, HiveType

if TYPE_CHECKING:
    from collections.abc import Mapping

HIVE: Final = "org.apache.hive.hcatalog.data.jsonserde"
OPENX: Final = "org.openx.data.jsonserde.jsonserde"

_EXACT: Final = decimal.Context(prec=400, rounding=decimal.ROUND_HALF_UP, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")
_DATE: Final = re.compile(r"(-?\d{1,10})-(\d{1,2})-(\d{1,2})")
_TIMESTAMP: Final = re.compile(
    r"(\d{1,4})-(\d{1,2})-(\d{1,2})(?:[ tT](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?([zZ]|[+-]\d\d:?\d\d)?)?"
)


class Number(str):
    """A number as the line spells it."""

    __slots__ = ()


class Members(list[tuple[str, Any]]):
    """The members of an object, in their order."""

    __slots__ = ()


class _BadValueError(Exception):
    """A value that the SerDe refuses."""


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=Members, parse_int=Number, parse_float=Number, parse_constant=_no_constant
)


@dataclass(frozen=True)
class SerDe:
    """How the lines of one table are read.

    Attributes:
        columns: name -> type, without the partition columns.
        is_hive: Hive's SerDe, not OpenX's.
        properties: the SerDe's properties, by lower-case name.
    """

    columns: Mapping[str, HiveType]
    is_hive: bool
    properties: Mapping[str, str]

    def read(self, line: bytes) -> dict[str, Any]:
        """Returns column -> text, or lists, dictionaries of texts; without the columns that are null.

        Raises:
            QueryError: the SerDe cannot read the line, and is not told to ignore that.
        """
        text = line.decode("utf-8", "replace").strip()
        if not self.is_hive and not text.startswith(("{", "[")):
            return {}
        try:
            found, _ = _DECODER.raw_decode(text)
        except (ValueError, RecursionError) as error:
            if not self.is_hive and self._is_set("ignore.malformed.json"):
                return {}
            code = "HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException"
            raise QueryError(
                f"HIVE_BAD_DATA: Malformed line: {error}" if self.is_hive else f"{code}: {error}"
            ) from None
        if not isinstance(found, Members):
            raise QueryError("HIVE_BAD_DATA: Failed to parse value: Invalid JSON: start of object expected")
        row = {}
        for name, value in self._by_column(found).items():
            try:
                decoded = None if value is None else self._decode(self.columns[name], value)
            except (_BadValueError, ValueError, decimal.InvalidOperation) as error:
                raise QueryError(f"HIVE_BAD_DATA: Error parsing field value for field {name}: {error}") from None
            if decoded is not None:
                row[name] = decoded
        return row

    def _is_set(self, name: str, default: str = "false") -> bool:
        return self.properties.get(name, default).lower() == "true"

    def _by_column(self, members: Members) -> dict[str, Any]:
        """Returns column -> value; of two members for one column Hive's takes the last, OpenX refuses the line."""
        if self.is_hive:
            return {name: value for member, value in members if (name := member.lower()) in self.columns}
        lower = self._is_set("case.insensitive", "true")
        by_name: dict[str, Any] = {}
        for member, value in members:
            name = member.lower() if lower else member
            if name in by_name:
                raise QueryError(
                    f'HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: Duplicate key "{name}"'
                )
            by_name[name] = value
        found = {}
        for column in self.columns:
            mapped = self.properties.get(f"mapping.{column}", column)
            name = mapped.lower() if lower else mapped
            if name not in by_name and self._is_set("dots.in.keys"):
                name = next((each for each in by_name if "." in each and each.replace(".", "_") == column), name)
            if name in by_name:
                found[column] = by_name[name]
        return found

    def _decode(self, kind: HiveType, value: Any) -> Any:  # noqa: ANN401  # what JSON holds
        if kind.inner:
            return self._array(kind, value) if kind.name == "array" else self._object(kind, value)
        if isinstance(value, list):
            if kind.name in ("string", "varchar") and not self.is_hive:
                return _write(value)
            raise _BadValueError(f"{kind.name} value must be a scalar json value")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return self._scalar(kind, text, is_number=isinstance(value, Number))

    def _scalar(self, kind: HiveType, text: str, *, is_number: bool) -> str | None:
        if kind.name in ("string", "varchar"):
            text = _respell(text) if is_number and not self.is_hive else text
            # What Java writes for half a surrogate pair.
            return _HALF_PAIR.sub("?", text)
        if kind.name in ("boolean", "decimal"):
            return _decimal(kind, text) if kind.name == "decimal" else str(text.lower() == "true").lower()
        if kind.name in ("date", "timestamp"):
            found = _date(text) if kind.name == "date" else _timestamp(text, self.is_hive)
            if found is None and self.is_hive:
                raise _BadValueError(f"Text '{text}' could not be parsed")
            return found
        if self.is_hive and not is_number:
            raise _BadValueError(f"Current token is not numeric, can not use numeric value accessors: {text}")
        return _integer(kind.name, text) if kind.name in INTEGER_BITS else _double(text)

    def _array(self, kind: HiveType, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, Members) or not isinstance(value, list):
            if self.is_hive:
                raise _BadValueError("Invalid JSON: start of array expected")
            if value == "":
                return None
            value = [value]
        return [None if each is None else self._decode(kind.inner[0], each) for each in value]

    def _object(self, kind: HiveType, value: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, Members):
            if not self.is_hive and isinstance(value, str) and not value.strip():
                return None
            raise _BadValueError("Invalid JSON: start of object expected")
        if kind.name == "map":
            return {name: None if of is None else self._decode(kind.inner[1], of) for name, of in value}
        types = dict(zip(kind.fields, kind.inner, strict=True))
        return {
            name: self._decode(types[name], of)
            for member, of in value
            if (name := member.lower()) in types and of is not None
        }


def _decimal(kind: HiveType, text: str) -> str | None:
    precision, scale = (*kind.numbers, *(10, 0)[len(kind.numbers) :])
    if not _NUMBER.fullmatch(text):
        return None
    number = decimal.Decimal(text)
    if number and number.adjusted() >= precision - scale:
        return None
    rounded = number.quantize(decimal.Decimal(1).scaleb(-scale), context=_EXACT)
    return None if rounded and rounded.adjusted() >= precision - scale else f"{rounded:f}"


def _integer(name: str, text: str) -> str | None:
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", text):
        number = int(text, 16)
    elif re.fullmatch(r"0[0-7]+", text):
        number = int(text, 8)
    elif _NUMBER.fullmatch(text):
        exact = decimal.Decimal(text)
        if exact and exact.adjusted() > 20:
            raise _BadValueError(f"For input string: {text}")
        number = int(exact)
    else:
        return None
    bits = INTEGER_BITS[name]
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise _BadValueError(f"For input string: {text}")
    return str(number)


def _double(text: str) -> str | None:
    special = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf", "+Infinity": "inf"}
    if text.strip() in special:
        return special[text.strip()]
    return repr(float(text)) if _NUMBER.fullmatch(text.strip()) else None


def _date(text: str) -> str | None:
    found = _DATE.fullmatch(text.strip().split(" ")[0])
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups())
    return datetime(year, month, day, tzinfo=UTC).date().isoformat()


def _timestamp(text: str, is_hive: bool) -> str | None:
    text = text.strip()
    if not is_hive and re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        seconds = decimal.Decimal(text) if "." in text or len(text) < 13 else decimal.Decimal(text) / 1000
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(seconds * 1000))
        return moment.replace(tzinfo=None).isoformat(" ", "milliseconds")
    found = _TIMESTAMP.fullmatch(text)
    if not found or (found[8] and is_hive):
        return None
    year, month, day, hour, minute, second = (int(found[part] or 0) for part in range(1, 7))
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    # To the nearest millisecond, which is what Athena keeps.
    moment += timedelta(milliseconds=(int((found[7] or "0").ljust(9, "0")) + 500_000) // 1_000_000)
    if found[8] and found[8] not in "zZ":
        sign, digits = found[8][0], found[8][1:].replace(":", "")
        away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        moment = moment.replace(tzinfo=timezone(away if sign == "+" else -away)).astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(" ", "milliseconds")


def _respell(text: str) -> str:
    """Returns a number as OpenX's SerDe hands it on as text."""
    if re.fullmatch(r"-?\d{1,18}", text):
        return str(int(text))
    return str(_EXACT.create_decimal(text))


def _write(value: Any) -> str:  # noqa: ANN401
    """Returns a list or an object as OpenX's SerDe hands it on as text."""
    if isinstance(value, Members):
        return "{" + ",".join(f"{_write(name)}:{_write(of)}" for name, of in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_write(each) for each in value) + "]"
    if isinstance(value, Number):
        return _respell(value)
    return json.dumps(value, ensure_ascii=False)

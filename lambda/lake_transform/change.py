"""Change records and exported items: from their bytes to typed values.

Two envelopes are understood: the one of Kinesis Data Streams for DynamoDB, and the one of DynamoDB Streams, which
emulators write to Kinesis. Members that are not named here are ignored, whatever they hold.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec
from msgspec import field

from lake_transform.errors import RecordError
from lake_transform.values import AttributeValue, Image, check_types, may_hold_two_types

# Amazon DynamoDB Developer Guide, "DynamoDB Streams and Time to Live".
_TTL_IDENTITY: Final = ("Service", "dynamodb.amazonaws.com")

_TABLE_IN_ARN: Final = r"arn:[^:]*:dynamodb:[^:]*:[^:]*:table/([^/:]+)(?:/.*)?"
_NO_IMAGE: Final = msgspec.Raw()


class Images(msgspec.Struct, gc=False):
    """What a change record's `dynamodb` member holds."""

    creation_time: int | float = field(name="ApproximateCreationDateTime")
    keys: Image = field(name="Keys")
    precision: str | None = field(name="ApproximateCreationDateTimePrecision", default=None)
    new_image: Image | None = field(name="NewImage", default=None)
    old_image: msgspec.Raw = field(name="OldImage", default=_NO_IMAGE)


class Change(msgspec.Struct, gc=False):
    """One change record.

    Attributes:
        event: INSERT, MODIFY or REMOVE.
        event_id: the change's identity; a change that is streamed twice keeps it.
        images: time, key and images; the old image is undecoded, because only a REMOVE needs it.
        table_name: `tableName`, which only the real stream has.
        source_arn: `eventSourceARN`, which only the other envelope has.
        user_identity: who made the change, if anyone but a user did.
    """

    event: Literal["INSERT", "MODIFY", "REMOVE"] = field(name="eventName")
    event_id: str = field(name="eventID")
    images: Images = field(name="dynamodb")
    table_name: str | None = field(name="tableName", default=None)
    source_arn: str | None = field(name="eventSourceARN", default=None)
    user_identity: Any = field(name="userIdentity", default=None)

    @property
    def table(self) -> str:
        """The table's name.

        Raises:
            RecordError: the record does not say.
        """
        if self.table_name:
            return self.table_name
        if self.source_arn and (found := re.fullmatch(_TABLE_IN_ARN, self.source_arn)):
            return found[1]
        raise RecordError("the table's name is missing")

    @property
    def is_ttl(self) -> bool:
        """Whether DynamoDB's Time to Live removed the item."""
        identity = self.user_identity
        if self.event != "REMOVE" or not isinstance(identity, dict):
            return False
        return (identity.get("type"), identity.get("principalId")) == _TTL_IDENTITY

    @property
    def image(self) -> Image:
        """The item as the lake shows it: after the change, or before a REMOVE; the key alone if there is no image.

        Raises:
            RecordError: the old image is needed and cannot be decoded.
        """
        if self.event != "REMOVE":
            return self.images.new_image or self.images.keys
        if self.images.old_image is _NO_IMAGE:
            return self.images.keys
        try:
            return _IMAGE_DECODER.decode(self.images.old_image) or self.images.keys
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _refusal(error, self.images.old_image) from None


class _ExportedItem(msgspec.Struct, gc=False):
    item: Image = field(name="Item")


_CHANGE_DECODER: Final = msgspec.json.Decoder(Change)
_IMAGE_DECODER: Final = msgspec.json.Decoder(Image | None)
_EXPORT_DECODER: Final = msgspec.json.Decoder(_ExportedItem)

# The place in a decoding error that may be shown: msgspec writes members of ours by name, an item's own as [...].
_PLACE: Final = r"- at `(\$(?:\.\w+|\[\.\.\.\])*)`"
_OUR_NAMES: Final = frozenset(
    name for struct in (Change, Images, AttributeValue, _ExportedItem) for name in struct.__struct_encode_fields__
)


def decode_change(document: bytes) -> Change:
    """Decodes one change record. Whether each of its values has exactly one type is for the caller to check.

    Raises:
        RecordError: it is not one JSON document in UTF-8, or not a change record.
    """
    try:
        change = _CHANGE_DECODER.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal(error, document) from None
    if not change.event_id:
        raise RecordError("the eventID is empty")
    return change


def decode_item(line: bytes) -> Image:
    """Decodes one line of a table export, `{"Item": {...}}`.

    Raises:
        RecordError: it is not one JSON document in UTF-8, or not an exported item.
    """
    try:
        image = _EXPORT_DECODER.decode(line).item
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal(error, line) from None
    if may_hold_two_types(line):
        check_types(image.values())
    return image


def _refusal(error: Exception, document: bytes | msgspec.Raw) -> RecordError:
    """Returns what to raise for what a decoder raised; of its message only the place is told."""
    if not document:
        return RecordError("the record is empty")
    if isinstance(error, msgspec.ValidationError):
        return RecordError(f"not of the expected shape{_place(str(error))}")
    if isinstance(error, RecursionError):
        return RecordError("nested too deeply")
    return RecordError("not one JSON document in UTF-8")


def _place(message: str) -> str:
    """Returns the place that an error message ends with, ` at $.dynamodb.Keys[...]`, or nothing.

    The rest of the message quotes the record, and so could what looks like a place: only one that is made of our own
    names is shown.
    """
    *_, place = ["", *re.findall(_PLACE, message)]
    if not place or not set(re.findall(r"\w+", place)) <= _OUR_NAMES:
        return ""
    return f" at {place}"

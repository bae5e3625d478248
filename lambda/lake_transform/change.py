"""Change records and exported items: from their bytes to typed values.

Two envelopes are understood: that of Kinesis Data Streams for DynamoDB, and that of DynamoDB Streams, which emulators
write to Kinesis. Members that are not named here are ignored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec import field

from lake_transform.errors import RecordError
from lake_transform.values import AttributeValue, Image, check_types, may_have_two_types

if TYPE_CHECKING:
    from lake_transform.rules import Rules

# Amazon DynamoDB Developer Guide, "DynamoDB Streams and Time to Live".
_TTL_IDENTITY: Final = ("Service", "dynamodb.amazonaws.com")

_TABLE_IN_ARN: Final = r"arn:[^:]*:dynamodb:[^:]*:[^:]*:table/([^/:]+)(?:/.*)?"
_NO_IMAGE: Final = msgspec.Raw()


class Images(msgspec.Struct, gc=False):
    """The `dynamodb` member of a change record: time, key and images of the change.

    Attributes:
        creation_time: `ApproximateCreationDateTime`.
        keys: the primary key.
        precision: `ApproximateCreationDateTimePrecision`, if the record has it.
        new_image: the item after the change, if the record has it.
        old_image: the item before the change, not decoded, because few changes need it.
    """

    creation_time: int | float = field(name="ApproximateCreationDateTime")
    keys: Image = field(name="Keys")
    precision: str | None = field(name="ApproximateCreationDateTimePrecision", default=None)
    new_image: Image | None = field(name="NewImage", default=None)
    old_image: msgspec.Raw = field(name="OldImage", default=_NO_IMAGE)


class Change(msgspec.Struct, gc=False):
    """One change record.

    Attributes:
        event: INSERT, MODIFY or REMOVE.
        event_id: the change's identity; a change that is streamed twice has the same one twice.
        images: time, key and images of the change.
        table_name: `tableName`, which only Kinesis Data Streams for DynamoDB writes.
        source_arn: `eventSourceARN`, which only DynamoDB Streams writes.
        user_identity: who made the change, if it was a service.
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
            RecordError: the record does not name it.
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
        """The item as the lake shows it: after the change, or before a REMOVE; only the key if there is no image.

        Raises:
            RecordError: the change is a REMOVE and its old image cannot be decoded.
        """
        image = self.old_image if self.event == "REMOVE" else self.images.new_image
        return image or self.images.keys

    @property
    def old_image(self) -> Image | None:
        """The item before the change, if the record has it.

        Raises:
            RecordError: it cannot be decoded.
        """
        if self.images.old_image is _NO_IMAGE:
            return None
        try:
            image: Image | None = _IMAGE_DECODER.decode(self.images.old_image)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _record_error(error, self.images.old_image) from None
        return image

    def with_rules(self, rules: Rules) -> Change:
        """Returns the change with rules applied to its key and both images.

        Raises:
            RecordError: an image cannot be decoded, or rules cannot be applied to it.
        """
        images, literals = self.images, list[str]()
        old_image = self.old_image
        ruled = Images(
            images.creation_time,
            rules.apply_to_key(images.keys),
            images.precision,
            None if images.new_image is None else rules.apply(images.new_image, literals),
            _NO_IMAGE if old_image is None else msgspec.Raw(msgspec.json.encode(rules.apply(old_image, literals))),
        )
        return msgspec.structs.replace(self, images=ruled)


class HookChange:
    """A change as a hook sees it: it has the attributes of `Change`, with the table's rules applied.

    It is decoded, and the rules are applied, when the hook looks at it for the first time.
    """

    __slots__ = ("_change", "_rules")

    def __init__(self, change: Change | bytes, rules: Rules | None) -> None:
        """Prepares to show a change.

        Args:
            change: the change as it came, or its record if it is not decoded yet.
            rules: the table's rules, if it has any.
        """
        self._change = change
        self._rules = rules

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever `Change` has
        if name.startswith("_"):
            raise AttributeError(name)
        change = decode_change(self._change) if isinstance(self._change, bytes) else self._change
        self._change = change if self._rules is None else change.with_rules(self._rules)
        self._rules = None
        return getattr(self._change, name)


class _ExportedItem(msgspec.Struct, gc=False):
    item: Image = field(name="Item")


_CHANGE_DECODER: Final = msgspec.json.Decoder(Change)
_IMAGE_DECODER: Final = msgspec.json.Decoder(Image | None)
_EXPORT_DECODER: Final = msgspec.json.Decoder(_ExportedItem)

# The path in msgspec's message: it has the names of our structs' members, and [...] for names of the item.
_JSON_PATH: Final = r"- at `(\$(?:\.\w+|\[\.\.\.\])*)`"
_MEMBER_NAMES: Final = frozenset(
    name for struct in (Change, Images, AttributeValue, _ExportedItem) for name in struct.__struct_encode_fields__
)


def decode_change(document: bytes) -> Change:
    """Decodes one change record. The caller checks that each of its values has exactly one type.

    Raises:
        RecordError: it is not one JSON document in UTF-8, or not a change record.
    """
    try:
        change = _CHANGE_DECODER.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _record_error(error, document) from None
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
        raise _record_error(error, line) from None
    if may_have_two_types(line):
        check_types(image.values())
    return image


def _record_error(error: Exception, document: bytes | msgspec.Raw) -> RecordError:
    """Returns the error to raise for one of a decoder, without the content that the decoder's message can quote."""
    if not document:
        return RecordError("the record is empty")
    if isinstance(error, msgspec.ValidationError):
        return RecordError(f"not of the expected shape{_path_in(str(error))}")
    if isinstance(error, RecursionError):
        return RecordError("nested too deeply")
    return RecordError("not one JSON document in UTF-8")


def _path_in(message: str) -> str:
    """Returns the JSON path at the end of a decoder's message, or nothing.

    Names in an item can look like a path, so one with any other name than those of our structs' members is left out.

    >>> _path_in("Expected `object`, got `int` - at `$.dynamodb.Keys[...]`"), _path_in("- at `$.name_in_an_item`")
    (' at $.dynamodb.Keys[...]', '')
    """
    *_, path = ["", *re.findall(_JSON_PATH, message)]
    if not path or not set(re.findall(r"\w+", path)) <= _MEMBER_NAMES:
        return ""
    return f" at {path}"

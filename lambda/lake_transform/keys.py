"""The text of an item's primary key: equal keys have equal text, different keys of a table have different text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from lake_transform.errors import RecordError
from lake_transform.literals import canonical
from lake_transform.values import AttributeValue, json_text, plain_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lake_transform.values import Image


def key_text(keys: Image) -> str:
    """Returns the primary key as compact JSON text of an object, attributes sorted by name.

    Text is a JSON string, a number is a JSON number in its canonical spelling, a binary value is its base64 text. A key
    attribute has the same type in its whole table, so a binary value cannot be mistaken for text.

    Raises:
        RecordError: there is no key, or an attribute of it has a type that DynamoDB does not allow in a key (Amazon
            DynamoDB Developer Guide, "Core components": string, number or binary).
    """
    if not keys:
        raise RecordError("there is no primary key")
    if len(keys) == 1:
        ((name, value),) = keys.items()
        if (text := value.S) is not UNSET:
            return json_text({name: text})
    return json_text({name: plain_value(one_spelling(keys[name]), []) for name in sorted(keys)})


def key_attributes(image: Image, names: Sequence[str]) -> Image:
    """Returns the key attributes of an item.

    Raises:
        RecordError: the item lacks one of them.
    """
    try:
        return {name: image[name] for name in names}
    except KeyError:
        raise RecordError("the item lacks an attribute of the primary key") from None


def one_spelling(value: AttributeValue) -> AttributeValue:
    """Returns a key's value, a number in the spelling that all literals of the same number have.

    Raises:
        RecordError: a key can have no such value.
    """
    if value.N is not UNSET:
        return AttributeValue(N=canonical(value.N))
    if value.S is UNSET and value.B is UNSET:
        raise RecordError("an attribute of the primary key is no string, number or binary value")
    return value

"""The text that stands for an item's primary key: equal keys have equal text, different keys different text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from lake_transform.errors import RecordError
from lake_transform.literals import canonical
from lake_transform.values import ABSENT, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lake_transform.values import AttributeValue, Image


def key_text(keys: Image) -> str:
    """Returns the primary key as compact JSON text of an object, attributes sorted by name.

    Text is a JSON string, a number a JSON number in its one canonical spelling, a binary value its base64 text. A key
    attribute has one type in the whole of its table, so a binary value cannot be mistaken for text.

    Raises:
        RecordError: there is no key, or an attribute of it has a type that DynamoDB does not take in a key (Amazon
            DynamoDB Developer Guide, "Core components": string, number or binary).
    """
    if not keys:
        raise RecordError("there is no primary key")
    if len(keys) == 1:
        ((name, value),) = keys.items()
        if (text := value.S) is not ABSENT:
            return json_text({name: text})
    return json_text({name: _scalar(keys[name]) for name in sorted(keys)})


def keys_of(image: Image, names: Sequence[str]) -> Image:
    """Returns the key attributes of an item.

    Raises:
        RecordError: the item lacks one.
    """
    try:
        return {name: image[name] for name in names}
    except KeyError:
        raise RecordError("the item lacks an attribute of the primary key") from None


def _scalar(value: AttributeValue) -> Any:  # noqa: ANN401 - str or orjson.Fragment
    if value.S is not ABSENT:
        return value.S
    if value.N is not ABSENT:
        return orjson.Fragment(canonical(value.N))
    if value.B is not ABSENT:
        return value.B
    raise RecordError("an attribute of the primary key is no string, number or binary value")

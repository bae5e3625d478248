"""CloudWatch's Query protocol: a form as the document that the JSON protocol has for it, and a response as XML.

Source: Amazon CloudWatch API Reference, "Making API requests".
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOOLEANS: Final = frozenset({"ActionsEnabled", "ReturnData"})
_INTEGERS: Final = frozenset(
    {"Period", "EvaluationPeriods", "DatapointsToAlarm", "StorageResolution"}
    | {"ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"}
)
"""Members that are no text. The emulator's handlers convert decimals, such as a threshold, themselves."""

_NAMESPACE: Final = "http://monitoring.amazonaws.com/doc/2010-08-01/"


def read(form: Mapping[str, str]) -> dict[str, Any]:
    """Returns the members of a request.

    >>> read({"Action": "X", "AlarmName": "a", "OKActions": "", "Tags.member.1.Key": "k", "Tags.member.1.Value": ""})
    {'AlarmName': 'a', 'Tags': [{'Key': 'k', 'Value': ''}]}
    """
    tree: dict[str, Any] = {}
    for name, value in form.items():
        path = name.split(".")
        # What is empty at the top is not set: clients send an empty list so.
        if path[0] in ("Action", "Version") or (not value and len(path) == 1):
            continue
        node = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
        node[path[-1]] = _value(path[-1], value)
    return {name: _lists(node) for name, node in tree.items()}


def write(action: str, response: Mapping[str, Any], request_id: str) -> bytes:
    """Returns a response; members that are None are left out, times (seconds since the epoch) are in ISO 8601."""
    result = "".join(_element(name, value) for name, value in response.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{action}Response xmlns="{_NAMESPACE}">'
        f"<{action}Result>{result}</{action}Result>"
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    ).encode()


def _value(name: str, text: str) -> object:
    if name in _BOOLEANS:
        return text == "true"
    return int(text) if name in _INTEGERS and text.isdigit() else text


def _lists(node: Any) -> Any:  # noqa: ANN401  # any part of a document
    if not isinstance(node, dict):
        return node
    if node.keys() == {"member"} and isinstance(node["member"], dict):
        members = sorted(node["member"].items(), key=lambda item: int(item[0]) if item[0].isdigit() else math.inf)
        return [_lists(member) for _, member in members]
    return {name: _lists(member) for name, member in node.items()}


def _element(name: str, value: Any) -> str:  # noqa: ANN401  # any part of a document
    if value is None:
        return ""
    if isinstance(value, dict):
        if name == "ExtendedStatistics":
            inner = "".join(
                f"<entry><key>{escape(key)}</key><value>{each}</value></entry>" for key, each in value.items()
            )
        else:
            inner = "".join(_element(key, each) for key, each in value.items())
    elif isinstance(value, list):
        kind = "Timestamp" if name == "Timestamps" else ""
        inner = "".join(_element("member", _text(kind, each)) for each in value)
    else:
        inner = escape(str(_text(name, value)))
    return f"<{name}>{inner}</{name}>"


def _text(name: str, value: Any) -> Any:  # noqa: ANN401  # any part of a document
    if isinstance(value, bool):
        return str(value).lower()
    if name.endswith("Timestamp") and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    return value

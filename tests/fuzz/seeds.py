"""The inputs that fuzzing starts from."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

from tests.fuzz import near_native

_HERE = Path(__file__).parent
_EVENTS = _HERE.parent / "unit" / "lake_transform" / "events"


def inputs():
    """Yields the inputs to start from, as names and bytes.

    They are every real envelope alone, all in one, what is near the native path's ordinary record, and the odd ones.
    """
    envelopes = []
    for file in sorted(_EVENTS.glob("*.json")):
        envelopes.append(json.dumps(json.loads(file.read_text()), separators=(",", ":"), ensure_ascii=False).encode())
        yield file.stem, envelopes[-1]
    yield "all", b"\n".join(envelopes)
    for name, records in chain(near_native.accepted().items(), near_native.beyond().items()):
        yield f"near-native-{name}", b"\n".join(records)
    for file in sorted((_HERE / "corpus").iterdir()):
        yield file.name, file.read_bytes()

"""The inputs that fuzzing starts from."""

from __future__ import annotations

import json
from pathlib import Path

_HERE = Path(__file__).parent
_EVENTS = _HERE.parent / "unit" / "lake_transform" / "events"


def inputs():
    """Yields the inputs to start from, as names and bytes: every real envelope alone, all in one, and the odd ones."""
    envelopes = []
    for file in sorted(_EVENTS.glob("*.json")):
        envelopes.append(json.dumps(json.loads(file.read_text()), separators=(",", ":"), ensure_ascii=False).encode())
        yield file.stem, envelopes[-1]
    yield "all", b"\n".join(envelopes)
    for file in sorted((_HERE / "corpus").iterdir()):
        yield file.name, file.read_bytes()

"""The inputs that fuzzing starts with."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

from tests.fuzz.ordinary_records import ordinary
from tests.fuzz.ruled_records import ruled
from tests.fuzz.unusual_records import unusual

_HERE = Path(__file__).parent
_EVENTS = _HERE.parent / "unit" / "lake_transform" / "events"


def inputs():
    """Yields the name and the bytes of each input.

    They are each real change record alone, all of them together, ordinary records, those of tables with rules, unusual
    ones, and the files in `corpus`.
    """
    envelopes = []
    for file in sorted(_EVENTS.glob("*.json")):
        envelopes.append(json.dumps(json.loads(file.read_text()), separators=(",", ":"), ensure_ascii=False).encode())
        yield file.stem, envelopes[-1]
    yield "all", b"\n".join(envelopes)
    for name, records in chain(ordinary().items(), ruled().items(), unusual().items()):
        yield f"record-{name}", b"\n".join(records)
    for file in sorted((_HERE / "corpus").iterdir()):
        yield file.name, file.read_bytes()

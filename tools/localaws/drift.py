"""What local AWS is known not to tell back as it was set: `drift.yaml`, the one place that lists it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Known:
    """One thing that the emulator is known for: a resource's type, the attribute's path or *, and what happens."""

    type: str
    attribute: str
    why: str


@functools.cache
def known() -> tuple[Known, ...]:
    """Returns everything that is known."""
    listed = yaml.safe_load((Path(__file__).parent / "drift.yaml").read_text(encoding="utf-8"))
    return tuple(Known(**each) for each in listed)


def is_known(kind: str, path: str) -> bool:
    """Returns whether the emulator is known for an attribute of a resource of this type; `path` may be below it."""
    return any(
        each.type == kind
        and (each.attribute in ("*", path) or path.startswith((f"{each.attribute}.", f"{each.attribute}[")))
        for each in known()
    )

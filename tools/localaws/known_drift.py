"""Known differences between what Terraform sets on local AWS and what it reports, listed in `known_drift.yaml`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class KnownDrift:
    """One known difference: a resource's type, the attribute's path (* for the whole resource), and why it differs."""

    type: str
    attribute: str
    why: str


@functools.cache
def known_drift() -> tuple[KnownDrift, ...]:
    """Returns every known difference."""
    listed = yaml.safe_load((Path(__file__).parent / "known_drift.yaml").read_text(encoding="utf-8"))
    return tuple(KnownDrift(**each) for each in listed)


def is_known(resource_type: str, path: str) -> bool:
    """Returns whether a difference in this attribute, or in the one that holds it, is known for the resource type."""
    return any(
        each.type == resource_type
        and (each.attribute in ("*", path) or path.startswith((f"{each.attribute}.", f"{each.attribute}[")))
        for each in known_drift()
    )

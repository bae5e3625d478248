"""The plan that `deploy --plan-only` keeps, and what it was given, so that exactly this plan can be applied later.

A saved plan holds the backend that it goes to: one of another deployment would change that one. So only a plan that
this deployment kept is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tools import files
from tools.deployments import memory
from tools.deployments.settings import Claim, Settings
from tools.errors import LakeError

if TYPE_CHECKING:
    from pathlib import Path

    from tools.deployments.deployment import Deployment

_REMEDY: Final = "plan again, with --plan-only"


class KeptPlan(msgspec.Struct, frozen=True):
    """What is known of a kept plan: the SHA-256 of its file, in hex, what it was given, and what it will hold."""

    sha256: str
    given: Settings
    claim: Claim


def keep(deployment: Deployment, plan_file: Path, claim: Claim) -> None:
    """Writes down beside a saved plan what it was given, and what the deployment holds once it is applied."""
    kept = KeptPlan(files.sha256(plan_file), memory.given_settings(deployment), claim)
    files.write_json(_beside(plan_file), msgspec.to_builtins(kept))


def find(deployment: Deployment, file: Path, plan_file: Path) -> KeptPlan:
    """Returns what is known of the plan in `file`, which must be the one that was kept last in `plan_file`.

    Raises:
        LakeError: it is not: another deployment's, an older one, or applied already.
    """
    if not file.is_file():
        raise LakeError(f"there is no file {file}; {_REMEDY}")
    if not plan_file.is_file():
        raise LakeError(f"{deployment.label} has no plan that was kept, or it was applied; {_REMEDY}")
    content = files.read_json(_beside(plan_file), _REMEDY)
    try:
        kept = msgspec.convert(content, KeptPlan)
    except msgspec.ValidationError:
        kept = None
    if kept is None or {files.sha256(plan_file), files.sha256(file)} != {kept.sha256}:
        raise LakeError(f"{file} is not the plan that {deployment.label} kept last, in {plan_file}; {_REMEDY}")
    return kept


def _beside(plan_file: Path) -> Path:
    return plan_file.with_name(f"{plan_file.name}.json")

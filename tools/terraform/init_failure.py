"""Why `terraform init` failed, where more can be said than Terraform says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.errors import LakeError
from tools.terraform import backend

if TYPE_CHECKING:
    from pathlib import Path


def explain(text: str, folder: Path, data_folder: Path) -> LakeError | None:
    """Returns the error to raise where `text`, all that Terraform said, is of a known kind; None elsewhere."""
    if "Failed to query available provider packages" in text or "Failed to install provider" in text:
        return LakeError(
            "the AWS provider could not be installed: the Terraform registry is out of reach and no filesystem mirror "
            'holds the version that .terraform.lock.hcl names; see README, "Without the Terraform registry"'
        )
    if "Backend configuration changed" in text or "Backend initialization required" in text:
        return LakeError(
            f"the state of {folder.name} lies in another backend; a second deployment needs --deployment NAME; "
            f"to move this one, write the new backend's block into {folder / backend.OVERRIDE} and run: "
            f"TF_DATA_DIR={data_folder} terraform -chdir={folder} init -migrate-state"
        )
    if "Unsupported state file format" in text:
        return LakeError(
            f"the state of {folder.name} is damaged: it is not JSON; "
            "put back a good copy (a local state has one beside it, ending in .backup)"
        )
    return None

"""What a state holds: the resources that Terraform made and has not removed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.errors import LakeError

if TYPE_CHECKING:
    from tools.terraform.runner import Terraform

_MODULES: Final = re.compile(r'^(?:module\.[^.\["]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.)*')
_NO_STATE: Final = "No state file was found"


def resources(terraform: Terraform) -> list[str] | None:
    """Returns the addresses of the managed resources in the state; None where there is no state at all.

    A state that was emptied, as by a complete destroy, is there and has none.

    Raises:
        LakeError: the state cannot be read.
    """
    try:
        listed = terraform.state("list")
    except LakeError as error:
        if _NO_STATE in str(error):
            return None
        raise
    return [address for address in listed.splitlines() if address and is_managed(address)]


def is_managed(address: str) -> bool:
    """Tells whether a resource's address is that of one that Terraform makes, and not of a data source."""
    return not _MODULES.sub("", address).startswith("data.")

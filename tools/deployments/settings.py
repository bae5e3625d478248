"""What a deployment was last given, and what it holds in its account: a small file in the deployment's folder.

No value of a variable is kept but the Region and the account, and `name` and the names of the tables, which are part of
every resource's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tools import files
from tools.errors import LakeError

if TYPE_CHECKING:
    from pathlib import Path

REMEDY: Final = "put back a good copy, or remove it: the next deploy then starts with nothing remembered"
"""What to do about a damaged file of a deployment."""


class Claim(msgspec.Struct, frozen=True):
    """What no two deployments in one account and Region can share: the tables, and the prefix `name` of other names."""

    account_id: str
    region: str
    name: str | None = None
    tables: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True):
    """What the last deploy was given.

    Files are absolute paths; `var_names` are the variables of `--var`, `environment_names` those of `TF_VAR_…`, whose
    values are not kept. `claim` is None until something was applied, `deployed_at` (UTC, ISO 8601) until a deploy was
    completed. `is_unfinished` says that the last deploy which began to apply has not come to its end.
    """

    var_files: tuple[str, ...] = ()
    shared_var_files: bool = False
    var_names: tuple[str, ...] = ()
    environment_names: tuple[str, ...] = ()
    backend_config: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    claim: Claim | None = None
    deployed_at: str | None = None
    is_unfinished: bool = False


def read(file: Path) -> Settings | None:
    """Returns the settings in `file`; None where there is no such file.

    Raises:
        LakeError: the file is damaged.
    """
    content = files.read_json(file, REMEDY)
    if content is None:
        return None
    try:
        return msgspec.convert(content, Settings)
    except msgspec.ValidationError as error:
        raise LakeError(f"{file} is damaged ({error}); {REMEDY}") from None


def write(file: Path, settings: Settings) -> None:
    """Writes the settings so that a reader finds the old or the new ones.

    Raises:
        LakeError: the file cannot be written.
    """
    try:
        files.write_json(file, msgspec.to_builtins(settings))
    except OSError as error:
        raise LakeError(f"{file} cannot be written ({error.strerror})") from None

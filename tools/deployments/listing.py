"""Lists the deployments of this checkout, and those on local AWS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from tools import paths
from tools.deployments import folders, recall, settings
from tools.terraform import backend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.deployments.folders import DeploymentFolder
    from tools.deployments.settings import Settings

_SETTING: Final = re.compile(r'^\s*(bucket|key)\s*=\s*"([^"]*)"', re.MULTILINE)


class Listed(msgspec.Struct, frozen=True):
    """One deployment: where it is, what it was last given, and where its state is.

    Account, Region and tables are None and empty until something was applied; `deployed_at` (UTC, ISO 8601) is None
    until a deploy was completed; `state` is a path or an S3 address.
    """

    environment: str
    deployment: str
    local: bool
    account_id: str | None
    region: str | None
    tables: tuple[str, ...]
    deployed_at: str | None
    var_files: tuple[str, ...]
    state: str

    @property
    def label(self) -> str:
        """What a verb is called with to work on it."""
        return self.environment + folders.options(self.deployment, local=self.local)


def find(environment_name: str | None = None) -> list[Listed]:
    """Returns the deployments, of one environment or of all, by environment and name; those on local AWS last.

    Raises:
        LakeError: what is remembered of one is damaged.
    """
    return [
        describe(home, last, local=local)
        for local in (False, True)
        for home in folders.existing(folders.root(local=local))
        if environment_name in (None, home.environment_name)
        for last in _remembered(home)
    ]


def describe(home: DeploymentFolder, last: Settings, *, local: bool) -> Listed:
    """Returns what is known of one deployment."""
    claim = last.claim
    return Listed(
        environment=home.environment_name,
        deployment=home.name,
        local=local,
        account_id=claim.account_id if claim else None,
        region=claim.region if claim else None,
        tables=claim.tables if claim else (),
        deployed_at=last.deployed_at,
        var_files=last.var_files,
        state=_state(home, local=local),
    )


def lines(listed: Listed) -> Iterator[str]:
    """Yields the lines that tell of one deployment."""
    yield listed.label
    if listed.account_id:
        yield f"  account {listed.account_id}, {listed.region}; tables: {', '.join(listed.tables) or 'none'}"
    when = f"deployed {listed.deployed_at}" if listed.deployed_at else "not completely deployed"
    yield f"  {when if listed.account_id else 'only planned'}"
    if listed.var_files:
        yield f"  variables from {', '.join(map(recall.shown, listed.var_files))}"
    yield f"  state in {listed.state if '://' in listed.state else recall.shown(listed.state)}"


def _remembered(home: DeploymentFolder) -> Iterator[Settings]:
    found = settings.read(home.settings_file)
    if found:
        yield found


def _state(home: DeploymentFolder, *, local: bool) -> str:
    runs_in_copy = local or home.name != folders.DEFAULT
    folder = home.terraform_folder if runs_in_copy else paths.ENVIRONMENTS / home.environment_name
    override = folder / backend.OVERRIDE
    if override.is_file():
        return _s3_address(override)
    return str(home.state_file if runs_in_copy else folder / "terraform.tfstate")


def _s3_address(override: Path) -> str:
    found = dict(_SETTING.findall(override.read_text(encoding="utf-8")))
    return f"s3://{found.get('bucket', '')}/{found.get('key', '')}"

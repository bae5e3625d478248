"""What a deployment wants of its account: where, under which names, and how much."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.operations.preflight.kinds import Kind
    from tools.operations.preflight.place import Place


@dataclass(frozen=True)
class Name:
    """A resource with a name of our choice.

    `passed_to` is the service that a role is made for, `path` its path below that of all roles, such as `team/`;
    `region` is another Region than the deployment's, where it is in one.
    """

    kind: Kind
    name: str
    passed_to: str = ""
    path: str = ""
    region: str = ""


@dataclass(frozen=True)
class Table:
    """A streamed table: whether it exists already, and its stream; `shards` counts for provisioned streams only."""

    name: str
    is_existing: bool
    stream: str
    is_on_demand: bool
    shards: int


@dataclass(frozen=True)
class ExistingNetwork:
    """A network that somebody else made: its VPC, and the subnets that the function gets."""

    vpc_id: str
    subnet_ids: tuple[str, ...]


@dataclass(frozen=True)
class Owned:
    """What the deployment's state holds: pairs of a resource's type and the name it has, and shards by stream.

    `elsewhere` has such pairs, with the Region, of what is in another one than the deployment.
    """

    names: frozenset[tuple[str, str]] = frozenset()
    shards: dict[str, int] = field(default_factory=dict)
    elsewhere: frozenset[tuple[str, str, str]] = frozenset()

    def has(self, resource_type: str, name: str, region: str = "") -> bool:
        """True where a resource of this type and name is in the state; `region` as `Name.region`."""
        return (resource_type, name, region) in self.elsewhere if region else (resource_type, name) in self.names

    def has_any(self, resource_type: str) -> bool:
        """True where any resource of this type is in the state."""
        return any(owned == resource_type for owned, _ in self.names)


@dataclass(frozen=True)
class Wanted:
    """All that the checks compare the account with.

    `zones` are the Availability Zones that get a subnet, `names` what is made or kept, `caller` the ARN of the
    credentials, `role_path` IAM's path of the roles. The organisation's own key (ARN), network and bucket stand where
    a deployment uses these; so does its key for the replica, in the replica's Region.
    """

    place: Place
    caller: str
    zones: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    names: tuple[Name, ...] = ()
    owned: Owned = field(default_factory=Owned)
    role_path: str = "/"
    key_arn: str | None = None
    network: ExistingNetwork | None = None
    bucket: str | None = None
    replica_region: str = ""
    replica_key_arn: str | None = None

    def arn(self, name: Name) -> str:
        """Returns the ARN of what has this name; a role's has its path before the name (IAM User Guide, "IAM ARNs")."""
        path = f"{self.role_path.lstrip('/')}{name.path}" if name.kind.has_path else ""
        return self.place_of(name.region).arn(name.kind.arn, f"{path}{name.name}")

    def place_of(self, region: str) -> Place:
        """Returns where that is which has this as its `Name.region`."""
        return replace(self.place, region=region) if region else self.place

    def to_make(self) -> list[Name]:
        """Returns what is not in the state yet."""
        return [each for each in self.names if not self._has(each)]

    def _has(self, name: Name) -> bool:
        return self.owned.has(name.kind.resource_type, name.name, name.region)

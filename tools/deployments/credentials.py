"""Whose AWS credentials a command works with: the environment's, a profile's, or a role's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments import assumed_role
from tools.deployments.aws import reason
from tools.errors import LakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Identity:
    """A profile of the AWS configuration, a role to assume with it, both, or neither (what the environment says)."""

    profile: str | None = None
    role_arn: str | None = None

    @property
    def is_given(self) -> bool:
        """True when the user named a profile or a role."""
        return bool(self.profile or self.role_arn)

    def options(self, half: str = "") -> tuple[str, ...]:
        """Returns the options that name it, as a user would write them; `half` is the half of a pair that it is of."""
        prefix = f"--{half}-" if half else "--"
        named = (("profile", self.profile), ("assume-role-arn", self.role_arn))
        return tuple(f"{prefix}{name} {value}" for name, value in named if value)

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Returns `base`, the variables that the AWS CLI knows, changed so that clients act as this identity.

        A role is assumed now, and again whenever its credentials expire.

        Raises:
            LakeError: the role cannot be assumed, or the profile cannot be read.
        """
        environment = assumed_role.with_profile(base, self.profile) if self.profile else dict(base)
        if not self.role_arn:
            return environment
        try:
            return assumed_role.acting(environment, self.role_arn)
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"cannot assume {self.role_arn} ({reason(error)})") from None


@dataclass(frozen=True)
class Identities:
    """The identities that a command was given: of an environment by itself, and of the two halves of a pair."""

    single: Identity = Identity()
    producer: Identity = Identity()
    consumer: Identity = Identity()

    @property
    def options(self) -> str:
        """The options that name those of the halves, as a user would write them."""
        named = (*self.producer.options("producer"), *self.consumer.options("consumer"))
        return "".join(f" {option}" for option in named)

    def for_environment(self, environment: str) -> Identity:
        """Returns the identity for one environment by itself.

        Raises:
            UsageError: identities are named that play no part there, or two for the same environment.
        """
        half = {"producer": self.producer, "consumer": self.consumer}.get(environment, Identity())
        for other in (self.producer, self.consumer):
            if other.is_given and other is not half:
                raise UsageError(f"{environment} is in one account; leave out the credentials of others:{self.options}")
        if half.is_given and self.single.is_given:
            raise UsageError(
                f"{environment} is in one account; give {' '.join(self.single.options())} or{self.options}, not both"
            )
        return half if half.is_given else self.single

    def check_pair(self) -> None:
        """Raises UsageError when credentials are named for one account, where a pair needs two."""
        if self.single.is_given:
            raise UsageError(
                f"{' '.join(self.single.options())}: a pair is in two accounts; name each with --producer-profile and "
                "--consumer-profile, or --producer-assume-role-arn and --consumer-assume-role-arn"
            )

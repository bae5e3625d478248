"""A consumer and a producer that are deployed, tried and taken down together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tools.deployments import environments
from tools.errors import UsageError
from tools.terraform import tfvars
from tools.terraform.runner import Variables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tools.deployments.deployment import Deployment

FOUND_BY_ITSELF: Final = frozenset(
    {
        "account_id",
        "ddb_producer_account_id",
        "consumer_account_id",
        "cross_account_datalake_bucket",
        "cross_account_kms_key_arn",
    }
)
"""Variables that follow from the two accounts and from the consumer's outputs."""


@dataclass(frozen=True)
class Pair:
    """Both halves, each in its place; `options` is what a verb is called with to work on them."""

    consumer: Deployment
    producer: Deployment
    options: str = ""

    @property
    def label(self) -> str:
        """The pair, as a user would write it."""
        return f"{environments.CROSS_ACCOUNT}{self.options}"

    def command(self, verb: str) -> str:
        """Returns the command line that runs `verb` on the pair."""
        return f"python -m tools.{verb} {self.label}"

    def in_their_accounts(self) -> Pair:
        """Returns the pair with the account ids, of which the credentials tell, among the halves' known variables.

        Raises:
            UsageError: both credentials are of one account.
            LakeError: there are no valid credentials for one of them.
        """
        consumer, producer = self.consumer.aws().account_id(), self.producer.aws().account_id()
        if consumer == producer:
            raise UsageError(
                f"producer and consumer are both account {consumer}; name two accounts with --producer-profile and "
                "--consumer-profile, or deploy single-account"
            )
        return replace(
            self,
            consumer=_with(self.consumer, f"account_id={consumer}", f"ddb_producer_account_id={producer}"),
            producer=_with(self.producer, f"account_id={producer}"),
        )


def _with(half: Deployment, *known: str) -> Deployment:
    return replace(half, known_variables=(*half.known_variables, *known))


def split(files: Sequence[Path], pairs: Sequence[str]) -> tuple[Variables, Variables]:
    """Returns the consumer's and the producer's share of the variables that the user gave.

    Each value goes to the half, or halves, that have a variable of its name; `consumer.NAME=VALUE` and
    `producer.NAME=VALUE` go to one.

    Raises:
        UsageError: neither half has such a variable, or the pair finds it out by itself.
    """
    consumer, producer = (
        environments.find(half).variables() for half in (environments.CONSUMER, environments.PRODUCER)
    )
    for file in files:
        for name in tfvars.names(file):
            _check(name, consumer | producer, f" (set in {file})")
    shares: dict[str, list[str]] = {environments.CONSUMER: [], environments.PRODUCER: []}
    for text in pairs:
        prefixed, _, value = text.partition("=")
        half, dot, name = prefixed.strip().rpartition(".")
        known = {environments.CONSUMER: consumer, environments.PRODUCER: producer}
        if dot:
            if half not in known:
                raise UsageError(f"--var: {prefixed.strip()!r} does not start with consumer. or producer.")
            known = {half: known[half]}
        _check(name, frozenset().union(*known.values()), f" in {half}" if half else "")
        for each, names in known.items():
            if name in names:
                shares[each].append(f"{name}={value}")
    return (
        Variables(tuple(files), tuple(shares[environments.CONSUMER]), shared=True),
        Variables(tuple(files), tuple(shares[environments.PRODUCER]), shared=True),
    )


def _check(name: str, known: frozenset[str], where: str) -> None:
    if name in FOUND_BY_ITSELF:
        raise UsageError(f"leave out {name}{where}: {environments.CROSS_ACCOUNT} finds it by itself")
    if name not in known:
        raise UsageError(f"there is no variable {name}{where}; the environments' variables.tf list them all")

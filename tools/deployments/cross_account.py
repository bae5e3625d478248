"""A consumer and a producer that are deployed, tried and taken down together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tools.cli.refusal import refuse
from tools.deployments import environments
from tools.errors import UsageError
from tools.terraform.runner import Variables
from tools.terraform.variable_check import hint

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

LEAVE_OUT: Final = f"leave it out; {environments.CROSS_ACCOUNT} finds it by itself"


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

    Each pair goes as `assign` says; the files go to both halves.

    Raises:
        UsageError: a pair can go to neither half.
    """
    shares, problems = assign(pairs)
    refuse(problems)
    return (
        Variables(tuple(files), tuple(shares[environments.CONSUMER]), shared=True),
        Variables(tuple(files), tuple(shares[environments.PRODUCER]), shared=True),
    )


def assign(pairs: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Returns the pairs that each half gets, and a line for each pair that goes to neither.

    `NAME=VALUE` goes to the half, or halves, that have a variable of that name; `consumer.NAME=VALUE` and
    `producer.NAME=VALUE` go to one.
    """
    halves = {half: environments.find(half).declared() for half in (environments.CONSUMER, environments.PRODUCER)}
    shares: dict[str, list[str]] = {half: [] for half in halves}
    problems = []
    for text in pairs:
        prefixed, _, value = text.partition("=")
        prefix, dot, name = prefixed.strip().rpartition(".")
        if dot and prefix not in halves:
            problems.append(f"--var: {prefixed.strip()!r} does not start with consumer. or producer.")
            continue
        wanted = {prefix: halves[prefix]} if dot else halves
        known = {each: variable for variables in wanted.values() for each, variable in variables.items()}
        if name in FOUND_BY_ITSELF:
            problems.append(f"{prefixed.strip()} (--var): {LEAVE_OUT}")
        elif name not in known:
            where = f" in {prefix}" if dot else ""
            problems.append(f"{name} (--var): there is no such variable{where}{hint(name, known)}")
        for half, variables in wanted.items():
            if name in variables:
                shares[half].append(f"{name}={value}")
    return shares, problems

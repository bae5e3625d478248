"""Refuses values of variables that cannot be right, before anything is started, built or asked of AWS."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from tools.artifact import table_settings, target
from tools.cli.refusal import refuse
from tools.deployments import choose, cross_account, environments, folders, mask_key
from tools.deployments.recall import Given, Purpose
from tools.terraform import assignments, backend, hcl_syntax, tfvars, variable_check
from tools.terraform.runner import Variables
from tools.terraform.type_constraints import union
from tools.terraform.value_check import path_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tools.deployments.choose import Where
    from tools.deployments.environments import Environment
    from tools.deployments.folders import DeploymentFolder
    from tools.terraform.assignments import Assignments
    from tools.terraform.type_constraints import Variable

MOVED: Final[Mapping[str, Mapping[str, str]]] = {
    "tables": {
        "hash_key": "key.hash_key",
        "hash_key_type": "key.hash_key_type",
        "range_key": "key.range_key",
        "range_key_type": "key.range_key_type",
        "stream_name": "stream.name",
        "stream_mode": "stream.mode",
        "shards": "stream.shards",
        "stream_retention_hours": "stream.retention_hours",
        "delivery_stream_name": "delivery.name",
        "buffering_seconds": "delivery.buffering_seconds",
        "buffering_mib": "delivery.buffering_mib",
        "transform_buffering_seconds": "transform.buffering_seconds",
        "transform_buffering_mb": "transform.buffering_mb",
        "compression": "delivery.compression",
    }
}
"""Variable -> a setting's name without its block -> where the setting is."""

_SUPPLIED_BY_LOCAL_AWS: Final = {environments.CONSUMER: frozenset({"ddb_producer_account_id"})}
"""Environment -> its variables without a default that follow from the accounts of local AWS."""

_FROM_CONSUMER: Final = frozenset({"consumer_account_id", "cross_account_datalake_bucket", "cross_account_kms_key_arn"})
"""Variables of the producer that the consumer's outputs answer."""


@dataclass(frozen=True)
class Values:
    """What the variables of one environment are set to, in one place.

    `folder` is where Terraform runs and reads variable files by itself, `environ` what it sees of `TF_VAR_NAME`,
    `supplied` the variables that the command sets by itself, `refused` those that the user must not set besides, and
    `options` what a verb is called with to come back to this place.
    """

    environment: Environment
    given: Variables
    folder: Path
    environ: Mapping[str, str]
    supplied: Collection[str] = ()
    refused: Collection[str] = ()
    options: str = ""

    def declared(self) -> Mapping[str, Variable]:
        """Returns the variables, by name, with what they accept here.

        A consumer takes its producer's map of tables as it is, and leaves out what it does not need.
        """
        own = self.environment.declared()
        if self.environment.name != environments.CONSUMER:
            return own
        tables, producers = own["tables"], environments.find(environments.PRODUCER).declared()["tables"]
        return {**own, "tables": replace(tables, type=union(tables.type, producers.type))}


def check_command(env: str, where: Where, given: Given, purpose: Purpose, *, forget: bool = False) -> None:
    """Returns when a command on `env`, an environment or the pair, can work with what it was given.

    What `tools.deployments.choose` takes from the last deploy counts too, and nothing is said of it here. To deploy,
    every variable that has no default must be set; other commands use the values of what is deployed.

    Raises:
        UsageError: something is wrong with values or files; one line for each problem is printed.
        LakeError: Terraform, which judges the notation, cannot be run.
    """
    tfvars.check_pairs(given.variables.pairs)
    problems: list[str] = []
    halves = {env: given}
    if env == environments.CROSS_ACCOUNT:
        shares, problems = cross_account.assign(given.variables.pairs)
        files = given.variables.files
        halves = {half: Given(Variables(files, tuple(share), shared=True)) for half, share in shares.items()}
    found_by_itself = cross_account.FOUND_BY_ITSELF if env == environments.CROSS_ACCOUNT else frozenset()
    places = []
    for name, each in halves.items():
        home = folders.find(name, where.name, local=where.local)
        halves[name] = choose.complete(home, each, purpose, forget=forget)[-1].given
        places.append(_values(environments.find(name), home, where, halves[name].variables, found_by_itself))
    check(places, problems, complete=purpose is Purpose.DEPLOY)
    for each in halves.values():
        backend.check(each.backend_config)


def _values(
    environment: Environment, home: DeploymentFolder, where: Where, given: Variables, found_by_itself: frozenset[str]
) -> Values:
    supplied = _SUPPLIED_BY_LOCAL_AWS.get(environment.name, frozenset()) if where.local else frozenset()
    return Values(
        environment,
        given,
        choose.folder_of(environment, home, where),
        # Local AWS is no place for values that were exported for an account.
        {} if where.local else os.environ,
        supplied=found_by_itself | supplied,
        refused=found_by_itself,
        options=home.options(local=where.local),
    )


def check_given(environment: Environment, given: Variables) -> None:
    """Returns when these values of an environment's variables can be right, wherever it is deployed.

    Raises:
        UsageError, LakeError: as `check_command`.
    """
    tfvars.check_pairs(given.pairs)
    check([Values(environment, given, environment.folder, os.environ)], complete=False)


def check(places: Sequence[Values], problems: Iterable[str] = (), *, complete: bool) -> None:
    """Returns when nothing is wrong with the values of all `places`, which are one environment or both halves.

    A value in a file is for whichever half has the variable. `problems` are told with what is found here.

    Raises:
        UsageError, LakeError: as `check_command`.
    """
    lines = list(problems)
    known = {name: variable for each in map(_known, places) for name, variable in each.items()}
    syntax = cache(partial(hcl_syntax.check, environ=os.environ))
    for place in places:
        variables = place.declared()
        files = [*assignments.automatic_files(place.folder), *place.given.files]
        read = assignments.read(variables, files=files, pairs=place.given.pairs, environ=place.environ, syntax=syntax)
        lines += read.unreadable
        lines += variable_check.unknown(known, read.found, elsewhere=_all_names())
        lines += _refused(place, read)
        lines += variable_check.unsuitable(variables, read.effective(), MOVED)
        lines += _unfit(read)
        lines += mask_key.problems(variables, read)
        if complete and not read.unreadable:
            lines += _missing(place, variables, read)
    refuse(lines)


def _known(place: Values) -> Mapping[str, Variable]:
    """Returns the variables that a value may be for: files of the pair, which are remembered, serve both halves."""
    if not place.given.shared:
        return place.declared()
    halves = (environments.CONSUMER, environments.PRODUCER)
    return {name: each for half in halves for name, each in environments.find(half).declared().items()}


def _all_names() -> set[str]:
    return {name for each in environments.names() for name in environments.find(each).variables()}


def _refused(place: Values, read: Assignments) -> Iterator[str]:
    own = {assignments.source_text(file) for file in place.given.files}
    for each in read.found:
        if each.name in place.refused and each.source in own:
            yield f"{each.name} ({each.place((each.name,))}): {cross_account.LEAVE_OUT}"


def _unfit(read: Assignments) -> Iterator[str]:
    for name, problems in (("tables", table_settings.problems), ("transform", target.problems)):
        given = read.effective().get(name)
        if given:
            for path, message in problems(given.value):
                yield f"{path_text(path)} ({given.place(path)}): {message}"


def _missing(place: Values, variables: Mapping[str, Variable], read: Assignments) -> Iterator[str]:
    missing = variable_check.missing(variables, {*read.effective(), *place.supplied})
    if not missing:
        return
    name = place.environment.name
    line = f"{name} needs {', '.join(missing)}"
    if name == environments.PRODUCER and _FROM_CONSUMER & set(missing):
        command = f"python -m tools.deploy {environments.CONSUMER}{place.options}"
        yield f"{line}; `{command}` prints the command line with all of them"
    else:
        yield f"{line}; give each with --var NAME=VALUE or in a --var-file"

"""Takes a table out of a deployment's hands: it stays as it is and goes on streaming, as a table that exists already.

Only Terraform's state changes. What is left is planned then, and the state is put back where that plan would lose
anything. A `removed` block of Terraform cannot do it: it takes no instance keys.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tools import files
from tools.cli import console, prompt
from tools.deployments import environments, memory, replica_place
from tools.deployments.outputs import not_deployed
from tools.errors import LakeError, RefusedError, UsageError
from tools.operations import destroying
from tools.plan_review import guards, plan, removal
from tools.terraform import tfvars

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs
    from tools.plan_review.plan import Plan
    from tools.terraform.runner import Terraform

_VARIABLE: Final = "tables"


def hand_over(deployment: Deployment, table: str, *, yes: bool) -> None:
    """Hands `table` of `deployment` over, and says what to set so that it goes on streaming.

    A run that was cut short at any point is finished by the same call.

    Raises:
        UsageError: the deployment made no such table, or the variables do not hold it.
        RefusedError: what is left would lose data, or the replica be looked for elsewhere; the state is as it was.
        LakeError: not deployed, or Terraform failed; the state is as it was.
    """
    settings = table_settings(deployment, table)
    terraform = deployment.terraform()
    with deployment.lock():
        with console.stage("init"):
            state = deployment.open(terraform)
            if state is None or not memory.is_deployed(deployment, state):
                raise not_deployed(deployment.label)
            known = destroying.known(deployment, state)
            replica_place.refuse_move(state, deployment.claim, deployment.given_values().get("replication"))
        copy = deployment.home.path / f"before-handing-over-{table}.tfstate"
        held = address(table, [each.address for each in state.resources])
        if held is None and not copy.exists():
            raise UsageError(f"{deployment.label} made no table {table}: nothing of it is in its hands")
        for line in lines(deployment, table, held or "", copy):
            console.say(line)
        prompt.confirm(f"Hand over table {table} of {deployment.label}?", yes=yes)
        if held:
            with console.stage("hand over"):
                files.write_bytes(copy, terraform.pull_state().encode())
                terraform.change_state("rm", held)
        with console.stage("prove"):
            _prove(deployment, terraform, known, settings, copy)
    console.say(
        f"Handed over: table {table} is nobody's but yours. So that it goes on streaming, set this from now on:"
    )
    console.say(f"  tables = {tfvars.written(settings)}")
    console.say(f"and deploy with it: {deployment.command('deploy')}")


def table_settings(deployment: Deployment, table: str) -> dict[str, Any]:
    """Returns the value of `tables` with which `table` is one that exists already.

    Raises:
        UsageError: the variables given do not hold the table, or there are none here.
    """
    variables = deployment.given.variables
    if deployment.environment_name == environments.CONSUMER:
        raise UsageError(
            "a consumer has no tables of its own; hand it over where it is: python -m tools.deploy producer"
        )
    pairs = (*deployment.known_variables, *variables.pairs)
    given = tfvars.given(deployment.folder, variables.files, pairs, deployment.environment_variables)
    tables = given.get(_VARIABLE) or deployment.environment.default(_VARIABLE)
    if not isinstance(tables, dict) or table not in tables:
        raise UsageError(f"{table} is not among `tables`; give the --var-file or --var that the last deploy was given")
    # The key of a table that exists already is its own, and is not given.
    kept = {name: value for name, value in (tables[table] or {}).items() if name != "key"}
    return {**tables, table: {**kept, "existing": True}}


def address(table: str, held: Iterable[str]) -> str | None:
    """Returns the address of the table itself among those in a state; None where it is not there.

    >>> address("orders", ['module.table["orders"].aws_dynamodb_table.this["orders"]'])
    'module.table["orders"].aws_dynamodb_table.this["orders"]'
    """
    return next((each for each in held if each.endswith(f'.{removal.TABLE}.this["{table}"]')), None)


def lines(deployment: Deployment, table: str, held: str, copy: Path) -> list[str]:
    """Returns what handing over does, a line each."""
    return [
        f"Handing over table {table} of {deployment.label}:",
        f"  {held or 'the table'} leaves Terraform's state, of which a copy is kept in {copy}",
        "  nothing is changed in AWS: the table keeps its items, its deletion protection and its key, and streams on",
        "  a destroy leaves the table; it is refused while the table is encrypted under the deployment's key",
    ]


def losses(planned: Plan) -> list[str]:
    """Returns what the plan that follows would lose, or make a second time, a line each."""
    made = [
        f"would make {change.address}, which exists"
        for change in planned.changes()
        if change.type == removal.TABLE and change.action == "create"
    ]
    forgotten = [f"would forget {change.address}" for change in planned.changes() if change.action == "forget"]
    return [*guards.refusals(planned), *made, *forgotten]


def _prove(deployment: Deployment, terraform: Terraform, known: Outputs, settings: dict[str, Any], copy: Path) -> None:
    variables = destroying.variables_of(deployment, known)
    pairs = (*variables.pairs, tfvars.pair(_VARIABLE, settings))
    try:
        terraform.plan(replace(variables, pairs=pairs))
        found = losses(plan.parse(terraform.show()))
        if found:
            for line in found:
                console.fail(line)
            raise RefusedError("refused: what is left would lose data; the state is as it was, and nothing was changed")
    except LakeError:
        terraform.change_state("push", "-force", str(copy))
        copy.unlink()
        raise
    finally:
        terraform.plan_file.unlink(missing_ok=True)
    console.say("    nothing that holds data is deleted, replaced or made again by the plan that follows")

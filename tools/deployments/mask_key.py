"""The key of the rules that hash, a secret: where it comes from when a command is not given it.

The deployed function has it in its environment, encrypted with the customer managed key, and a deploy takes it from
there, so that hashes stay the same whoever deploys. On its way to Terraform it is in an environment variable, which no
other user of the machine can read, and on no command line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.artifact import table_settings
from tools.cli import console
from tools.deployments.aws import reason
from tools.deployments.outputs import LIVE
from tools.errors import LakeError, UsageError
from tools.terraform.assignments import PAIR_SOURCE
from tools.terraform.value_check import path_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mypy_boto3_lambda import LambdaClient

    from tools.deployments.deployment import Deployment
    from tools.terraform.assignments import Assignments
    from tools.terraform.type_constraints import Variable

VARIABLE: Final = "mask_key"

ANY: Final = {VARIABLE: "0" * 64}
"""Stands in for the key where Terraform wants one and gives it to nothing: to look at what exists, or to remove it."""

KEY: Final = table_settings.KEY_VARIABLE
"""The variable of the function that has it."""

_KEY: Final = re.compile(r"[!-~]{32,256}")


def problems(variables: Mapping[str, Variable], read: Assignments) -> Iterator[str]:
    """Yields what is wrong with the values of secrets, without the values."""
    for each in read.found:
        if each.name in variables and variables[each.name].is_sensitive and each.source == PAIR_SOURCE:
            yield (
                f"{each.name} ({PAIR_SOURCE}): others can read a command line; give it in a --var-file that only you "
                f"can read, or export TF_VAR_{each.name}"
            )
    given = read.effective().get(VARIABLE)
    if given and given.value is not None and not _KEY.fullmatch(str(given.value)):
        place = given.place((VARIABLE,))
        yield f"{VARIABLE} ({place}): use 32 to 256 printable ASCII characters, as `openssl rand -hex 32` makes them"


def recall(deployment: Deployment, given: Mapping[str, Any], outputs: Mapping[str, Any]) -> dict[str, str]:
    """Returns the key of the deployed function, by the variable's name, where rules need one and none is given.

    `given` are the values given for variables, `outputs` those of what is deployed, as Terraform prints them.

    Raises:
        UsageError: rules need a key, and there is none yet.
        LakeError: the function does not show its key.
    """
    needing = table_settings.needing_key(given.get("tables"))
    if not needing or given.get(VARIABLE) is not None:
        return {}
    function, region = (outputs.get(name, {}).get("value") for name in ("function_name", "region"))
    key = of_function(deployment.aws(region).client("lambda"), function) if function else None
    if key is None:
        table, path = needing[0]
        exported = "" if deployment.is_local else f", or export TF_VAR_{VARIABLE}"
        raise UsageError(
            f"{VARIABLE} is not set, and {path_text(('tables', table, 'rules', path))} hashes: make one with "
            f"`openssl rand -hex 32`, and give it in a --var-file that only you can read{exported}"
        )
    console.say(f"    {VARIABLE} is that of the deployed function {function}")
    return {VARIABLE: key}


def of_function(client: LambdaClient, function_name: str) -> str | None:
    """Returns the key that the function's published version has; None where it has none, or there is no such function.

    Raises:
        LakeError: it may not be read.
    """
    try:
        found = client.get_function_configuration(FunctionName=function_name, Qualifier=LIVE)
    except client.exceptions.ResourceNotFoundException:
        return None
    except (BotoCoreError, ClientError) as error:
        raise _unreadable(function_name, reason(error)) from None
    return _variables(function_name, found.get("Environment", {})).get(KEY)


def of_environments(environments: Iterable[Mapping[str, str]]) -> frozenset[bytes]:
    """Returns the keys in variables of versions of a function, as `environments` returns them."""
    return frozenset(each[KEY].encode() for each in environments if KEY in each)


def environments(client: LambdaClient, function_name: str) -> list[Mapping[str, str]]:
    """Returns the variables of all versions of a function that are left: each may have written rows of the lake.

    Raises:
        LakeError: they may not be read.
    """
    try:
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function_name)
        found = [each.get("Environment", {}) for page in pages for each in page["Versions"]]
    except client.exceptions.ResourceNotFoundException:
        return []
    except (BotoCoreError, ClientError) as error:
        raise _unreadable(function_name, reason(error)) from None
    return [_variables(function_name, each) for each in found]


def _variables(function_name: str, environment: Mapping[str, Any]) -> Mapping[str, str]:
    # So says Lambda where the caller may look at the function, and may not decrypt with its key.
    if failure := environment.get("Error"):
        raise _unreadable(function_name, f"{failure.get('ErrorCode')}: {failure.get('Message')}")
    variables: Mapping[str, str] = environment.get("Variables", {})
    return variables


def _unreadable(function_name: str, why: str) -> LakeError:
    return LakeError(
        f"cannot read {VARIABLE} of function {function_name} ({why}); that takes lambda:GetFunctionConfiguration and "
        "kms:Decrypt, or set it in a --var-file"
    )

"""`python -m tools.build`: builds the Lambda artifact, the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools import paths
from tools.artifact import archive, glue, options, package_source
from tools.artifact import hook as hook_code
from tools.artifact.package_source import DEFAULT_ARCHITECTURE, DEFAULT_RUNTIME
from tools.artifact.target import LOCAL, lambda_target
from tools.cli import command, console
from tools.deployments import environments, variables
from tools.deployments import options as deployment_options
from tools.errors import UsageError
from tools.terraform import tfvars
from tools.terraform.runner import Variables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tools.artifact.archive import Artifact
    from tools.artifact.glue import Wheel
    from tools.deployments.environments import Environment


@click.command(context_settings=command.CONTEXT)
@click.argument("env", metavar="[ENV]", required=False)
@deployment_options.variables
@click.option("--runtime", help=f"Lambda runtime to build for.  [default: {DEFAULT_RUNTIME}]")
@click.option("--architecture", help=f"Lambda architecture: arm64 or x86_64.  [default: {DEFAULT_ARCHITECTURE}]")
@click.option("--local", is_flag=True, help="Build for this machine instead, as local AWS runs it.")
@click.option(
    "--hook",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Package this transform hook too: a Python file or a package folder.",
)
@click.option(
    "--hook-function",
    metavar="REFERENCE",
    help="Which function of it, as package.module:function. [default: the function hook of the file or package]",
)
@options.native
@click.option(
    "--for",
    "purpose",
    type=click.Choice(("lambda", "glue")),
    default="lambda",
    show_default=True,
    help="Build the function's package, or that of the Glue job which loads a table's past.",
)
@click.option("--json", "as_json", is_flag=True, help="Print path, size in bytes and sha256 as JSON.")
def main(
    *,
    env: str | None,
    files: tuple[Path, ...],
    pairs: tuple[str, ...],
    runtime: str | None,
    architecture: str | None,
    local: bool,
    hook: Path | None,
    hook_function: str | None,
    native: bool | None,
    purpose: str,
    as_json: bool,
) -> None:
    """Build the Lambda artifact from this checkout and hash-pinned wheels.

    The zip lands in build/, named for its target and the hash of its bytes. Native code is compiled for that target
    on whatever system this is, by a compiler that the first such build installs.

    With ENV it is what `terraform plan` in envs/ENV needs with the same variables: the rules of its tables are in it,
    and runtime, architecture and hook are those of `transform`. The function refuses to run with a package that was
    built for other rules.

    With --hook it also says what the function's setting has to be: TRANSFORM_HOOK, in Terraform `transform.hook`.

    \b
    Examples:
      python -m tools.build single-account --var-file prod.tfvars
      python -m tools.build --runtime python3.13 --architecture x86_64
      python -m tools.build --hook lambda/examples/orders_hook.py
      python -m tools.build single-account --for glue --var-file prod.tfvars
    """
    if hook_function and not hook:
        raise UsageError("--hook-function names a function of --hook; give both")
    if env and (runtime or architecture or hook):
        raise UsageError("--runtime, --architecture and --hook stand in the variable transform of ENV; give either")
    if not env and (files or pairs):
        raise UsageError("--var-file and --var are variables of an environment; name it: python -m tools.build ENV")
    given = Variables(files, pairs)
    code = hook_code.read(hook, hook_function) if hook else None
    if purpose == "glue":
        if runtime or architecture or local or native is not None:
            raise UsageError(
                "--for glue: the job has one Python and processor, and no native code; leave out --runtime, "
                "--architecture, --local, --native and --without-native"
            )
        tell_job(build_job(env, given) if env else glue.build(hook=code), as_json=as_json)
        return
    if env:
        built = build_for(env, given, local=local, native=native)
    else:
        target = LOCAL if local else lambda_target(runtime or DEFAULT_RUNTIME, architecture or DEFAULT_ARCHITECTURE)
        built = archive.build(target, hook=code, native=native)
    reference = code.reference if code else ""
    if as_json:
        said = {"path": str(built.path), "size": built.size, "sha256": built.sha256}
        console.say(json.dumps(said | ({"hook": reference} if reference else {})))
        return
    console.say(f"{built.path}\n  size    {built.size:,} bytes\n  sha256  {built.sha256}")
    console.say(f"  native  {'with' if built.has_native_code else 'without'} native code")
    if built.table_settings:
        console.say(f"  tables  {', '.join(json.loads(built.table_settings))}")
    if reference:
        console.say(f"  hook    TRANSFORM_HOOK={reference}")


def build_for(env: str, given: Variables, *, local: bool, native: bool | None) -> Artifact:
    """Builds the package that Terraform needs for an environment with these variables.

    Raises:
        UsageError: the environment has no function, or something is wrong with the values.
        LakeError: the build failed.
    """
    environment, values = values_of(env, given)
    return package_source.build(
        values, local=local, folder=environment.folder, artifact_folder=paths.BUILD, native=native
    )


def build_job(env: str, given: Variables) -> Wheel:
    """Builds the package of the Glue job for an environment with these variables.

    Raises:
        UsageError, LakeError: as `build_for`.
    """
    environment, values = values_of(env, given)
    return package_source.build_job(values, folder=environment.folder, artifact_folder=paths.BUILD)


def values_of(env: str, given: Variables) -> tuple[Environment, Mapping[str, Any]]:
    """Returns an environment that has a function, and the values of its variables that are given.

    Raises:
        UsageError: it has none, or something is wrong with the values.
    """
    environment = environments.find(env)
    if not environment.has_function:
        raise UsageError(f"{environment.name} has no function; build for single-account or producer")
    variables.check_given(environment, given)
    return environment, tfvars.given(environment.folder, given.files, given.pairs)


def tell_job(built: Wheel, *, as_json: bool) -> None:
    """Says what was built for the Glue job."""
    if as_json:
        console.say(json.dumps({"path": str(built.path), "size": built.size, "sha256": built.sha256}))
        return
    console.say(f"{built.path}\n  size    {built.size:,} bytes\n  sha256  {built.sha256}")


if __name__ == "__main__":
    command.run(main, "build")

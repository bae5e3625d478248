"""`python -m tools.build`: builds the Lambda artifact, the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools import paths
from tools.artifact import archive, options, package_source
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
    from tools.artifact.archive import Artifact


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
    """
    if hook_function and not hook:
        raise UsageError("--hook-function names a function of --hook; give both")
    reference = ""
    if env:
        if runtime or architecture or hook:
            raise UsageError("--runtime, --architecture and --hook stand in the variable transform of ENV; give either")
        built = build_for(env, Variables(files, pairs), local=local, native=native)
    elif files or pairs:
        raise UsageError("--var-file and --var are variables of an environment; name it: python -m tools.build ENV")
    else:
        target = LOCAL if local else lambda_target(runtime or DEFAULT_RUNTIME, architecture or DEFAULT_ARCHITECTURE)
        code = hook_code.read(hook, hook_function) if hook else None
        reference = code.reference if code else ""
        built = archive.build(target, hook=code, native=native)
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
    environment = environments.find(env)
    if not environment.has_function:
        raise UsageError(f"{environment.name} has no function; build for single-account or producer")
    variables.check_given(environment, given)
    values = tfvars.given(environment.folder, given.files, given.pairs)
    return package_source.build(
        values, local=local, folder=environment.folder, artifact_folder=paths.BUILD, native=native
    )


if __name__ == "__main__":
    command.run(main, "build")

"""`python -m tools.build`: builds the Lambda artifact, the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tools.artifact import archive, options
from tools.artifact import hook as hook_code
from tools.artifact.target import LOCAL, lambda_target
from tools.cli import command, console
from tools.errors import UsageError


@click.command(context_settings=command.CONTEXT)
@click.option("--runtime", default="python3.13", show_default=True, help="Lambda runtime to build for.")
@click.option("--architecture", default="arm64", show_default=True, help="Lambda architecture: arm64 or x86_64.")
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
    runtime: str,
    architecture: str,
    local: bool,
    hook: Path | None,
    hook_function: str | None,
    native: bool | None,
    as_json: bool,
) -> None:
    """Build the Lambda artifact from this checkout and hash-pinned wheels.

    The zip lands in build/, named for its target and the hash of its bytes. Native code is compiled for that target
    on whatever system this is, by a compiler that the first such build installs.

    With --hook it also says what the function's setting has to be: TRANSFORM_HOOK, in Terraform `transform.hook`.

    \b
    Examples:
      python -m tools.build --runtime python3.13 --architecture x86_64
      python -m tools.build --hook lambda/examples/orders_hook.py
    """
    target = LOCAL if local else lambda_target(runtime, architecture)
    if hook_function and not hook:
        raise UsageError("--hook-function names a function of --hook; give both")
    code = hook_code.read(hook, hook_function) if hook else None
    built = archive.build(target, hook=code, native=native)
    if as_json:
        said = {"path": str(built.path), "size": built.size, "sha256": built.sha256}
        console.say(json.dumps(said | ({"hook": code.reference} if code else {})))
        return
    console.say(f"{built.path}\n  size    {built.size:,} bytes\n  sha256  {built.sha256}")
    console.say(f"  native  {'with' if built.has_native_code else 'without'} native code")
    if code:
        console.say(f"  hook    TRANSFORM_HOOK={code.reference}")


if __name__ == "__main__":
    command.run(main, "build")

"""`python -m tools.build`: builds the Lambda artifact, the same bytes every time."""

from __future__ import annotations

import json

import click

from tools.core import artifact, cli, console


@click.command(context_settings=cli.CONTEXT)
@click.option("--runtime", default="python3.13", show_default=True, help="Lambda runtime to build for.")
@click.option("--architecture", default="arm64", show_default=True, help="Lambda architecture: arm64 or x86_64.")
@click.option("--local", is_flag=True, help="Build for this machine instead, as local AWS runs it.")
@click.option("--json", "as_json", is_flag=True, help="Print path, size in bytes and sha256 as JSON.")
def main(*, runtime: str, architecture: str, local: bool, as_json: bool) -> None:
    """Build the Lambda artifact from this checkout and hash-pinned wheels.

    The zip lands in build/, named for its target and the hash of its bytes.

    \b
    Example:
      python -m tools.build --runtime python3.13 --architecture x86_64
    """
    target = artifact.LOCAL if local else artifact.lambda_target(runtime, architecture)
    built = artifact.build(target)
    if as_json:
        console.say(json.dumps({"path": str(built.path), "size": built.size, "sha256": built.sha256}))
        return
    console.say(f"{built.path}\n  size    {built.size:,} bytes\n  sha256  {built.sha256}")


if __name__ == "__main__":
    cli.run(main, "build")

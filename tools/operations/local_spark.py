"""Runs the backfill job on PySpark of this machine: the script that Glue runs, with the function's code as deployed.

Settings, rules and hook are in the function's package, which Lambda hands out; what it holds for another processor or
Python, this machine's wheels of the same releases take the place of.
"""

from __future__ import annotations

import io
import os
import ssl
import subprocess
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools import paths, tool_environments
from tools.artifact import archive
from tools.artifact.target import LOCAL
from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.tool_environments import ToolEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda import LambdaClient

SPARK: Final = ToolEnvironment(
    "local Spark",
    paths.REQUIREMENTS / "spark.txt",
    size="320 MB to download",
    way_out="or use --engine local, which needs neither Spark nor a JRE",
)

_LAST_LINES: Final = 5


def package(aws_lambda: LambdaClient, function: str, qualifier: str, certificates: str | None) -> dict[str, bytes]:
    """Returns what the job imports, path -> bytes: the function's package as it is deployed, and the job's own.

    Args:
        aws_lambda: a client of the account that has the function.
        function: its name or ARN.
        qualifier: the version.
        certificates: file of certificates that the address of the package is checked with; None: the system's.

    Raises:
        LakeError: Lambda refuses, or the package cannot be fetched.
    """
    try:
        place = aws_lambda.get_function(FunctionName=function, Qualifier=qualifier)["Code"]["Location"]
        context = ssl.create_default_context(cafile=certificates)
        with urllib.request.urlopen(place, context=context) as answer:  # noqa: S310 - Lambda names the address
            packed = answer.read()
        with zipfile.ZipFile(io.BytesIO(packed)) as deployed:
            names = [name for name in deployed.namelist() if not name.endswith(("/", ".pyc"))]
            found = {name: deployed.read(name) for name in names}
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"the package of function {function} cannot be fetched: {reason(error)}") from None
    except (OSError, zipfile.BadZipFile) as error:
        raise LakeError(f"the package of function {function} cannot be fetched: {error}") from None
    ours = archive.wheel_files(archive.wheels(LOCAL, paths.BUILD / "wheels"))
    return {**found, **ours, **archive.package_files(paths.LAMBDA_SOURCES, "lake_backfill")}


def run(
    files: Mapping[str, bytes], arguments: Mapping[str, str], environment: Mapping[str, str], processors: int
) -> None:
    """Runs the job to its end.

    Args:
        files: what `package` returns.
        arguments: options of the job without their hyphens, and their values.
        environment: variables in the terms of the AWS CLI.
        processors: how many tasks run at a time.

    Raises:
        LakeError: Spark cannot be installed or started, or the job fails.
    """
    python = str(tool_environments.interpreter(SPARK))
    options = [word for name, value in arguments.items() for word in (f"--{name}", value)]
    with tempfile.TemporaryDirectory() as scratch:
        for name, data in files.items():
            file = Path(scratch) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **environment,
            "PYTHONPATH": scratch,
            "PYSPARK_PYTHON": python,
            "PYSPARK_SUBMIT_ARGS": f"--master local[{processors}] --conf spark.ui.enabled=false pyspark-shell",
        }
        try:
            done = subprocess.run(
                [python, "-m", "lake_backfill.job", *options],
                env=variables,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise LakeError(f"Spark cannot be started: {error}") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()][-_LAST_LINES:]
        raise LakeError(f"the job has failed on Spark: {' / '.join(said) or 'it gives no reason'}")

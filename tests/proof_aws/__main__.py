"""Proves in an account what nothing else can show: `python -m tests.proof_aws [--i-have-an-account] [--report FILE]`.

It deploys a lake with names of its own, breaks it, repairs it and takes it away, in the account and Region of the
credentials, which are those of the AWS CLI. Without --i-have-an-account it only says what it would do, and ends with 2.
"""

from __future__ import annotations

import argparse
import os
import secrets
import string
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.proof_aws import open_questions, report, running, steps
from tools import paths
from tools.deployments import choose, environments
from tools.deployments.choose import Where
from tools.deployments.recall import Given, Purpose
from tools.errors import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.proof_aws.running import Answer, Outcome

_VARIABLES: Final = Path(__file__).parent / "variables.tfvars"
_PAUSE_SECONDS: Final = 20
_COST: Final = """\
It takes an hour or two: Lambda takes most of it to give back the function's network interfaces. In us-east-1 it costs
less than 1 USD: a shard is 0.015 USD an hour, a key 1, a dashboard 3 and each of about 35 alarms 0.10 USD a month, of
which this is an hour's share; requests are cents. The deleted key waits for 30 days and costs nothing. What a destroy
that fails leaves behind goes on costing: the last step of the report tells.
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proof_aws", description="Proves in an account what only AWS shows."
    )
    parser.add_argument("--i-have-an-account", action="store_true", help="do it, in the account of the credentials")
    parser.add_argument("--report", type=Path, help="the report; by default build/proof-aws-TIME.md")
    chosen = parser.parse_args()
    plan = steps.read()
    if not chosen.i_have_an_account:
        sys.stdout.write(_told(plan))
        return EXIT_USAGE
    started = datetime.now(UTC)
    account = Account(f"proof-{secrets.token_hex(3)}")
    outcomes: list[Outcome] = []
    file = chosen.report or paths.BUILD / f"proof-aws-{started:%Y%m%d-%H%M%S}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    questions = open_questions.read(open_questions.PAGE.read_text(encoding="utf-8"))

    def tell(outcome: Outcome) -> None:
        # Written after each step: a machine that fails leaves what was seen until then.
        outcomes.append(outcome)
        title = f"What an account showed, {started:%Y-%m-%d %H:%M} UTC"
        file.write_text(report.markdown(title, outcomes, questions), encoding="utf-8")
        print(report.line(outcome), flush=True)

    running.prove(plan, account, tell)
    print(f"report: {file}")
    return EXIT_DONE if all(each.verdict == "as expected" for each in outcomes) else EXIT_FAILED


def _told(plan: Sequence[steps.Step]) -> str:
    commands = "\n".join(f"  {steps.command_line(step, {})}" for step in plan)
    first, last = "This would run, in the account of your credentials:", "To do it, add --i-have-an-account."
    return f"{first}\n\n{commands}\n\n{_COST}\n{last}\n"


class Account(running.Place):
    """The account of the credentials, and the deployment that is proven there."""

    def __init__(self, deployment: str) -> None:
        self._own = {"deployment": deployment, "table": deployment}
        # In a file: a deploy remembers the file, and no single values, so that the steps after it need not name them.
        file = paths.BUILD / f"{deployment}.tfvars"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(string.Template(_VARIABLES.read_text(encoding="utf-8")).substitute(self._own), encoding="utf-8")
        self._own["variables"] = str(file)
        self._said: Mapping[str, str] = {}

    def run(self, arguments: Sequence[str]) -> Answer:
        """Runs a command with the checkout as its folder; a Ctrl-C reaches it too, and its end is waited for."""
        with subprocess.Popen(
            arguments,
            cwd=paths.REPOSITORY,
            env={**os.environ, "PAGER": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            printed, _ = process.communicate()
            return running.Answer(process.returncode, printed)

    def values(self) -> Mapping[str, str]:
        """Returns the names of what is deployed; asked for until there are some."""
        if not self._said:
            try:
                self._said = self._outputs()
            except LakeError:
                return self._own
        return {**self._own, **self._said}

    def _outputs(self) -> Mapping[str, str]:
        where = Where(self._own["deployment"])
        single = environments.find("single-account")
        outputs = choose.choose(single, where, Given(), Purpose.READ, quiet=True).outputs()
        name, table = outputs.table(None)
        return {
            "bucket": outputs.bucket_name or "",
            "catalog_table": table.catalog_table or "",
            "delivery_role": table.delivery_role_arn.rpartition("/")[2],
            "function": outputs.function_name or "",
            "stream": table.stream_name or "",
            "table": name,
        }

    def now(self) -> float:
        """Returns seconds that only grow."""
        return time.monotonic()

    def pause(self) -> None:
        """Waits until a command may be run again."""
        time.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())

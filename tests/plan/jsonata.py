"""The expressions of a state machine, as the emulator's Step Functions evaluates them, in a process of their own."""

from __future__ import annotations

import atexit
import json
import subprocess
from functools import cache
from typing import Any, Final

from tools.localaws import installation

_EVALUATES: Final = """
import json, sys
from ministack.services import stepfunctions as service

for line in sys.stdin:
    asked = json.loads(line)
    context = {**asked["context"], "variables": asked["variables"]}
    given = asked["input"], context, asked["result"], asked["error"]
    try:
        answer = {"value": service._apply_jsonata_template(asked["template"], *given)}
    except service._ExecutionError as error:
        answer = {"error": error.error, "cause": error.cause}
    print(json.dumps(answer), flush=True)
"""


class StateError(Exception):
    """An error as Step Functions names it, and its cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


def filled(
    template: Any,
    *,
    context: dict[str, Any],
    variables: dict[str, Any],
    input_: Any = None,
    result: Any = None,
    error: Any = None,
) -> Any:
    """Returns a field of a state with the values of its expressions.

    Raises:
        StateError: an expression has no value.
    """
    if "{%" not in json.dumps(template):
        return template
    asked = {"template": template, "context": context, "variables": variables, "input": input_}
    process = _process()
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps({**asked, "result": result, "error": error}) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "error" in answer:
        raise StateError(answer["error"], answer["cause"])
    return answer["value"]


@cache
def _process() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [installation.python(), "-P", "-c", _EVALUATES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(process.kill)
    return process

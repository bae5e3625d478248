"""Runs a state machine in the Amazon States Language, with services and a clock of a test.

What is here is what our machine uses (AWS Step Functions Developer Guide, "State machine structure" and "Handling
errors"): values that a state assigns hold when it ends, and a branch reads the variables around it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, Protocol

from tests.plan.jsonata import StateError, filled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    Service = Callable[[Any], Any]

_SERVICES: Final = ":states:::"
_NO_STATE: Final = ""


class KilledError(Exception):
    """A run that ended before its time."""


@dataclass(frozen=True)
class Kill:
    """Ends a run at a state, whose task is done then or not."""

    state: str
    is_done: bool


class Clock(Protocol):
    """What time it is for the machine."""

    now: datetime

    def wait(self, **time: float) -> None: ...


@dataclass
class Execution:
    """A run: when it started, what is known of it, and the states that it came through."""

    arn: str
    start: datetime
    status: str = "RUNNING"
    error: str = ""
    cause: str = ""
    path: list[str] = field(default_factory=list)


class Machine:
    """A state machine and its executions by their ARN. `services` answer its tasks by the end of their resource."""

    def __init__(self, arn: str, definition: dict[str, Any], services: Mapping[str, Service], clock: Clock) -> None:
        self.arn = arn
        self.definition = definition
        self.clock = clock
        self.executions: dict[str, Execution] = {}
        self._services = {
            "aws-sdk:sfn:listExecutions": self._list,
            "aws-sdk:sfn:describeExecution": self._describe,
            **services,
        }

    def run(self, kill: Kill | None = None, name: str | None = None) -> Execution:
        """Runs the machine once, and returns how that ended; a run that is killed is an aborted one."""
        name = name or f"run-{len(self.executions)}"
        execution = Execution(self.arn.replace(":stateMachine:", ":execution:") + f":{name}", self.clock.now)
        self.executions[execution.arn] = execution
        try:
            _Run(self, execution, kill).through(self.definition, {})
        except KilledError:
            execution.status = "ABORTED"
            raise
        except StateError as error:
            execution.status, execution.error, execution.cause = "FAILED", error.error, error.cause
        else:
            execution.status = "SUCCEEDED"
        return execution

    def call(self, resource: str, arguments: Any) -> Any:
        return self._services[resource.partition(_SERVICES)[2]](arguments)

    def _list(self, arguments: Any) -> Any:
        assert arguments["StateMachineArn"] == self.arn
        found = [each for each in self.executions.values() if each.status == arguments["StatusFilter"]]
        return {"Executions": [{"ExecutionArn": each.arn, "StartDate": instant(each.start)} for each in found]}

    def _describe(self, arguments: Any) -> Any:
        return {"Status": self.executions[arguments["ExecutionArn"]].status}


class _Run:
    def __init__(self, machine: Machine, execution: Execution, kill: Kill | None) -> None:
        self._machine = machine
        self._execution = execution
        self._kill = kill

    def through(self, states: dict[str, Any], variables: dict[str, Any]) -> Any:
        """Goes through states from the first on, and returns the output of the last."""
        name, output = states["StartAt"], {}
        while name:
            self._execution.path.append(name)
            state = states["States"][name]
            context = {
                "Execution": {"Id": self._execution.arn, "StartTime": instant(self._execution.start)},
                "State": {"Name": name, "EnteredTime": instant(self._machine.clock.now)},
            }
            given = {"context": context, "variables": variables, "input_": output}
            self._dies(name, is_done=False)
            output, name = getattr(self, f"_{state['Type'].lower()}")(state, given)
        return output

    def _dies(self, name: str, *, is_done: bool) -> None:
        if self._kill == Kill(name, is_done):
            raise KilledError

    def _task(self, state: dict[str, Any], given: dict[str, Any]) -> tuple[Any, str]:
        def once() -> Any:
            result = self._machine.call(state["Resource"], filled(state["Arguments"], **given))
            self._dies(given["context"]["State"]["Name"], is_done=True)
            return result

        return self._caught(state, given, once)

    def _parallel(self, state: dict[str, Any], given: dict[str, Any]) -> tuple[Any, str]:
        (branch,) = state["Branches"]
        return self._caught(state, given, lambda: [self.through(branch, dict(given["variables"]))])

    def _caught(self, state: dict[str, Any], given: dict[str, Any], attempt: Callable[[], Any]) -> tuple[Any, str]:
        tries = 0
        while True:
            try:
                result = attempt()
                _assign(state, given, result=result)
            except StateError as error:
                retry = next((each for each in state.get("Retry", []) if _matches(each, error)), None)
                if retry and tries < retry["MaxAttempts"]:
                    self._machine.clock.wait(seconds=retry["IntervalSeconds"] * retry["BackoffRate"] ** tries)
                    tries += 1
                    continue
                catch = next((each for each in state.get("Catch", []) if _matches(each, error)), None)
                if catch is None:
                    raise
                told = {"Error": error.error, "Cause": error.cause}
                _assign(catch, given, error=told)
                return told, catch["Next"]
            return result, state.get("Next", _NO_STATE)

    def _choice(self, state: dict[str, Any], given: dict[str, Any]) -> tuple[Any, str]:
        found = (each["Next"] for each in state["Choices"] if filled(each["Condition"], **given) is True)
        return given["input_"], next(found, state["Default"])

    def _pass(self, state: dict[str, Any], given: dict[str, Any]) -> tuple[Any, str]:
        _assign(state, given)
        return given["input_"], state["Next"]

    def _wait(self, state: dict[str, Any], given: dict[str, Any]) -> tuple[Any, str]:
        self._machine.clock.wait(seconds=state["Seconds"])
        return given["input_"], state["Next"]

    def _succeed(self, _: dict[str, Any], given: dict[str, Any]) -> tuple[Any, str]:
        return given["input_"], _NO_STATE

    def _fail(self, state: dict[str, Any], given: dict[str, Any]) -> tuple[Any, str]:
        raise StateError(filled(state["Error"], **given), filled(state["Cause"], **given))


def instant(at: datetime) -> str:
    """Returns a time as Step Functions and S3 tell it to a machine."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def _matches(each: dict[str, Any], error: StateError) -> bool:
    return any(name in ("States.ALL", "States.TaskFailed", error.error) for name in each["ErrorEquals"])


def _assign(state: dict[str, Any], given: dict[str, Any], **answer: Any) -> None:
    given["variables"].update(filled(state.get("Assign", {}), **given, **answer))

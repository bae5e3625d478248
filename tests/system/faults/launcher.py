"""`python -m tests.system.faults.launcher FAULT MODULE ARGUMENT...`: runs a module with a fault in it.

The product knows no faults. `FAULT` is a JSON object, and what it asks for is put into functions by name, before the
module runs:

- `kill`: the process kills itself with SIGKILL before or after a call of `function` ("module:Class.function"): the
  `nth`, counted from 1, of those with an argument that contains `argument`, if given, and that come after as many
  calls of `armed_by`, if given. Before it does, it makes the file `mark`.
- `clock`: the file that says by how many seconds the process's wall clock is wrong, at each moment.
"""

from __future__ import annotations

import datetime
import functools
import importlib
import inspect
import itertools
import json
import os
import runpy
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Puts the fault in, and runs the module as `python -m` would."""
    fault, module = json.loads(sys.argv[1]), sys.argv[2]
    sys.argv[:3] = [module]
    if "clock" in fault:
        set_clock_wrong(Path(fault["clock"]))
    if "kill" in fault:
        kill_at(**fault["kill"])
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def kill_at(
    function: str, when: str, mark: str, nth: int = 1, argument: str | None = None, armed_by: str | None = None
) -> None:
    """Makes this process kill itself at a call of `function`.

    Raises:
        AttributeError: there is no such function.
    """
    calls, arming = itertools.count(1), itertools.count(1)
    is_armed = armed_by is None

    def arm(position: str) -> None:
        nonlocal is_armed
        if position == "after" and next(arming) >= nth:
            is_armed = True

    def perhaps_die(position: str, arguments: tuple[Any, ...]) -> None:
        texts = (each for each in arguments if isinstance(each, str | Path))
        if position != when or not is_armed or (argument and not any(argument in str(each) for each in texts)):
            return
        if next(calls) >= (1 if armed_by else nth):
            Path(mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    wrap(function, perhaps_die)
    if armed_by:
        wrap(armed_by, lambda position, _: arm(position))


def wrap(function: str, notice: Callable[[str, tuple[Any, ...]], None]) -> None:
    """Replaces a function by one that calls `notice` with "before" and "after", and the arguments."""
    module, _, path = function.partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    original = getattr(owner, name)

    @functools.wraps(original)
    def replacement(*arguments: Any, **options: Any) -> Any:
        notice("before", arguments)
        result = original(*arguments, **options)
        notice("after", arguments)
        return result

    @functools.wraps(original)
    async def replacement_coroutine(*arguments: Any, **options: Any) -> Any:
        notice("before", arguments)
        result = await original(*arguments, **options)
        notice("after", arguments)
        return result

    setattr(owner, name, replacement_coroutine if inspect.iscoroutinefunction(original) else replacement)


def set_clock_wrong(file: Path) -> None:
    """Makes `time.time`, `time.time_ns` and `datetime.datetime` wrong by the seconds in `file`, for this process."""
    original = time.time

    def wrong() -> float:
        return original() + float(file.read_text() or 0)

    class AnyDatetime(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real)

    class WrongDatetime(datetime.datetime, metaclass=AnyDatetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> WrongDatetime:
            return cls.fromtimestamp(wrong(), tz)

        @classmethod
        def utcnow(cls) -> WrongDatetime:
            return cls.fromtimestamp(wrong(), datetime.UTC).replace(tzinfo=None)

    real = datetime.datetime
    time.time, time.time_ns = wrong, lambda: int(wrong() * 1_000_000_000)
    datetime.datetime = WrongDatetime  # type: ignore[misc]


if __name__ == "__main__":
    main()

"""Calls of AWS: which go on, how long they have taken, and those that go on while their stream does other things."""

from __future__ import annotations

import threading
from collections import defaultdict
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

T = TypeVar("T")

READ_SECONDS: Final = {"lambda": 310.0, "other": 30.0}
"""Seconds within which a service has to answer. A function may take five minutes."""

CALLS: Final = 4
"""So many calls go on at a time, of all delivery streams together, beside those that take long."""

SLOW_SECONDS: Final = 5.0
"""A call that takes longer makes room for another one."""


@dataclass(frozen=True)
class Call:
    """What a thread last did: it began the call `action`, or ended one (None); seconds of the monotonic clock."""

    action: str | None
    at: float

    @property
    def limit_seconds(self) -> float:
        """Seconds after which the thread hangs: the calls themselves give up earlier."""
        return READ_SECONDS["lambda"] + 20 if self.action == "lambda:InvokeFunction" else 2 * READ_SECONDS["other"]


class CallLog:
    """What each thread last did, and how long the calls of each role have taken. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[int, Call] = {}
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)

    def begin(self, action: str) -> float:
        """Notes that this thread begins a call, and returns when: what `end` needs."""
        began = monotonic()
        self._last[threading.get_ident()] = Call(action, began)
        return began

    def end(self, role_arn: str, action: str, began: float) -> None:
        """Notes that this thread has ended the call that it began."""
        ended = monotonic()
        self._last[threading.get_ident()] = Call(None, ended)
        with self._lock:
            self._seconds[role_arn, action] += ended - began

    def last(self, thread: int | None) -> Call | None:
        """Returns what the thread with this identifier last did, or None when it has called nothing yet."""
        return self._last.get(thread) if thread else None

    def seconds(self, role_arns: Collection[str]) -> dict[str, float]:
        """Returns action -> seconds that the calls of these roles have taken together."""
        spent: defaultdict[str, float] = defaultdict(float)
        with self._lock:
            for (role_arn, action), seconds in self._seconds.items():
                if role_arn in role_arns:
                    spent[action] += seconds
        return {action: round(spent[action], 3) for action in sorted(spent)}


class Slots:
    """Limits how many calls go on at a time, of all delivery streams together: what each has on its way takes memory.

    A call that takes long does not count any more: a function that times out holds up nobody else.
    """

    def __init__(self, most: int = CALLS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._began: dict[object, float] = {}

    def are_free(self) -> bool:
        """Returns whether another call may begin."""
        now = monotonic()
        with self._lock:
            return sum(now - began < SLOW_SECONDS for began in self._began.values()) < self._most

    def begin(self, call: object) -> None:
        """Notes that a call begins."""
        with self._lock:
            self._began[call] = monotonic()

    def end(self, call: object) -> None:
        """Notes that a call has ended."""
        with self._lock:
            self._began.pop(call, None)


class Calls:
    """Makes calls, where `slots` has room for them; `on_end` is called whenever one has ended.

    Their threads do not keep the process from ending: one may wait for a function for minutes.
    """

    def __init__(self, name: str, on_end: Callable[[], None], slots: Slots) -> None:
        self._name = name
        self._on_end = on_end
        self._slots = slots
        self._running: set[threading.Thread] = set()

    def may_start(self) -> bool:
        """See `interfaces.Caller`."""
        return self._slots.are_free()

    def start(self, call: Callable[[], T]) -> Future[T]:
        """Begins a call and returns its result to come."""
        result: Future[T] = Future()

        def run() -> None:
            try:
                result.set_result(call())
            except BaseException as error:  # noqa: BLE001  # raised where the result is taken
                result.set_exception(error)
            self._running.discard(thread)
            self._slots.end(result)
            self._on_end()

        thread = threading.Thread(target=run, name=self._name, daemon=True)
        self._running.add(thread)
        self._slots.begin(result)
        thread.start()
        return result

    def threads(self) -> list[int]:
        """Returns the identifiers of the threads that are in a call."""
        return [thread.ident for thread in list(self._running) if thread.ident]

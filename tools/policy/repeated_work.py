"""Spares checkov what it does again and again with the same outcome, which is half of the time of a scan.

checkov builds the grammar of its paths anew for every path, and evaluates the same few thousand expressions ten times
each. Both depend on nothing but what is kept here as their key.
"""

from __future__ import annotations

import copy
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_CLOCK: Final = "time"
"""In expressions whose value is another at another time."""


def spare() -> None:
    """Makes checkov, in this process, keep grammars and values; a second call changes nothing."""
    # They take seconds to import, and are not typed.
    evaluation: Any = import_module("checkov.terraform.graph_builder.variable_rendering.evaluate_terraform")
    paths: Any = import_module("bc_jsonpath_ng.parser")
    if not isinstance(evaluation.evaluate, Evaluated):
        evaluation.evaluate = Evaluated(evaluation.evaluate)
        paths.ply = SimpleNamespace(yacc=SimpleNamespace(yacc=Grammars(paths.ply.yacc.yacc)))


class Evaluated:
    """A function of an expression that keeps what it answered, and what it raised."""

    def __init__(self, function: Callable[[str], Any]) -> None:
        self._function = function
        self._kept: dict[str, tuple[Any, Exception | None]] = {}

    def __call__(self, expression: Any) -> Any:  # noqa: ANN401  # checkov hands over values, too
        """Returns a value of its own for each call: callers change lists and maps."""
        if not isinstance(expression, str) or _CLOCK in expression:
            return self._function(expression)
        if expression not in self._kept:
            self._kept[expression] = self._ask(expression)
        value, error = self._kept[expression]
        if error:
            raise error.with_traceback(None)
        return copy.deepcopy(value)

    def _ask(self, expression: str) -> tuple[Any, Exception | None]:
        try:
            return self._function(expression), None
        except Exception as error:  # noqa: BLE001  # whatever it is, callers get the same again
            return None, error


class Grammars:
    """A function that builds a parser from a class's grammar, which builds one for each class and first symbol."""

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._built: dict[tuple[type, str], Any] = {}

    def __call__(self, *, module: Any, start: str, **options: Any) -> Any:  # noqa: ANN401  # of the library
        """Returns a parser, which keeps nothing of what it parsed."""
        key = (type(module), start)
        if key not in self._built:
            self._built[key] = self._build(module=module, start=start, **options)
        return self._built[key]

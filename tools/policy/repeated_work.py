"""Spares checkov what it does again and again with the same outcome, which is most of the time of a scan.

checkov builds the grammar of its paths anew for every path, evaluates the same few thousand expressions ten times each,
looks as often for what each of them refers to, and parses a module's files for every environment that calls it. All of
that depends on nothing but what is kept here as its key.
"""

from __future__ import annotations

import copy
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

_CLOCK: Final = "timestamp"
"""In expressions whose value is another at another time: it is the one function of checkov's that reads the clock."""
_NO_ALIASES: Final[Mapping[str, Mapping[str, str]]] = {}


def spare() -> None:
    """Makes checkov, in this process, keep grammars, values, references and parsed files; again, it changes nothing."""
    # They take seconds to import, and are not typed.
    evaluation: Any = import_module("checkov.terraform.graph_builder.variable_rendering.evaluate_terraform")
    foreach: Any = import_module("checkov.terraform.graph_builder.foreach.abstract_handler")
    references: Any = import_module("checkov.terraform.graph_builder.utils")
    files: Any = import_module("checkov.terraform.parser_utils")
    paths: Any = import_module("bc_jsonpath_ng.parser")
    copied: Any = import_module("checkov.common.util.data_structures_utils").pickle_deepcopy
    if isinstance(evaluation.evaluate_terraform, Kept):
        return
    # They call one another, and look each other up by name.
    for name in ("evaluate", "evaluate_terraform", "remove_interpolation"):
        setattr(evaluation, name, Kept(getattr(evaluation, name), expression_key, copied))
    foreach.evaluate_terraform = evaluation.evaluate_terraform
    found = references.get_referenced_vertices_in_str_value
    references.get_referenced_vertices_in_str_value = Kept(found, reference_key, copied)
    parsed = Kept(files.hcl2.loads, str, copied)
    files.hcl2 = SimpleNamespace(load=lambda file: parsed(file.read()))
    paths.ply = SimpleNamespace(yacc=SimpleNamespace(yacc=Grammars(paths.ply.yacc.yacc)))


class Kept:
    """A function that keeps what it answered, and what it raised, under a key that its arguments make."""

    def __init__(
        self, function: Callable[..., Any], key: Callable[..., Hashable], copied: Callable[[Any], Any] = copy.deepcopy
    ) -> None:
        """`key` is None for what is not to be kept; `copied` copies what can be changed."""
        self._function = function
        self._key = key
        self._copied = copied
        self._kept: dict[Hashable, tuple[Any, Exception | None]] = {}

    def __call__(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  # of the library
        """Returns a value of its own for each call: callers change lists and maps."""
        key = self._key(*arguments, **named)
        if key is None:
            return self._function(*arguments, **named)
        if key not in self._kept:
            self._kept[key] = self._ask(arguments, named)
        value, error = self._kept[key]
        if error:
            raise error.with_traceback(None)
        return value if isinstance(value, str | int | float | None) else self._copied(value)

    def _ask(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> tuple[Any, Exception | None]:
        try:
            return self._function(*arguments, **named), None
        except Exception as error:  # noqa: BLE001  # whatever it is, callers get the same again
            return None, error


def expression_key(expression: Any, *others: Any, **named: Any) -> Hashable:  # noqa: ANN401  # values are evaluated, too
    """Returns the key of an expression and of how it is evaluated; None where its value may change."""
    if not isinstance(expression, str) or _CLOCK in expression:
        return None
    return (expression, others, *named.items())


def reference_key(
    *, str_value: str, aliases: Mapping[str, Mapping[str, str]] = _NO_ALIASES, resources_types: Sequence[str] = ()
) -> Hashable:
    """Returns the key of an expression in which references are looked for: it, and the names that can be meant."""
    return (str_value, repr(aliases) if aliases else "", frozenset(resources_types))


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

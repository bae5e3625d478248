"""Checks all that a user sets an environment's variables to: unknown names and members, types, nothing missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.terraform.assignments import ENVIRONMENT_PREFIX
from tools.terraform.nearest import find_member, nearest
from tools.terraform.type_constraints import Primitive
from tools.terraform.value_check import path_text, problems

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from tools.terraform.assignments import Assignment
    from tools.terraform.type_constraints import Variable

_SURELY_MEANT = 0.8
"""Likeness from which on an environment variable is taken for one of ours that is misspelt."""


def unknown(
    variables: Mapping[str, Variable], assignments: Sequence[Assignment], *, elsewhere: Collection[str] = ()
) -> Iterator[str]:
    """Yields a line for each value that is given for a variable which does not exist.

    An environment variable that is like none of ours is another project's, and so is one that is named in `elsewhere`,
    the variables of other environments: Terraform ignores both.
    """
    for each in assignments:
        if each.name in variables:
            continue
        if each.is_from_environment:
            like = nearest(each.name, variables, _SURELY_MEANT)
            if like and each.name not in elsewhere:
                yield f"{each.source}: there is no variable {each.name}; did you mean {ENVIRONMENT_PREFIX}{like}?"
            continue
        yield f"{each.name} ({each.place((each.name,))}): there is no such variable{hint(each.name, variables)}"


def hint(name: str, variables: Mapping[str, Variable]) -> str:
    """Returns what to add to a message about an unknown variable: the nearest name, of a variable or of a member."""
    like = nearest(name, variables)
    if like:
        return f"; did you mean {like}?"
    members = ((variable.name, find_member(name, variable.type)) for variable in variables.values())
    inside = next((path_text((variable, *path)) for variable, path in members if path), None)
    return f"; did you mean {inside}?" if inside else f"; there are: {', '.join(variables)}"


def unsuitable(
    variables: Mapping[str, Variable],
    effective: Mapping[str, Assignment],
    moved: Mapping[str, Mapping[str, str]],
) -> Iterator[str]:
    """Yields a line for everything that is wrong with the values that count.

    `moved` has, for a variable, the old names of its members: `{"tables": {"shards": "stream.shards"}}`.
    """
    for name, assignment in effective.items():
        variable = variables.get(name)
        if variable is None:
            continue
        if is_null_as_text(variable, assignment):
            yield (
                f'{name} ({assignment.source}): null is the text "null" there; leave the variable out, or write '
                f"{name} = null in a file"
            )
            continue
        for problem in problems(variable, assignment.value, moved.get(name, {})):
            yield f"{path_text(problem.path)} ({assignment.place(problem.path)}): {problem.message}"


def is_null_as_text(variable: Variable, assignment: Assignment) -> bool:
    """Tells whether null is meant where Terraform takes its four letters: for a primitive type, on a command line."""
    return (
        isinstance(variable.type, Primitive)
        and assignment.is_from_text
        and isinstance(assignment.value, str)
        and assignment.value.strip() == "null"
    )


def missing(variables: Mapping[str, Variable], known: Collection[str]) -> list[str]:
    """Returns the names of the variables that must be set and are not among the `known` ones."""
    return [name for name, variable in variables.items() if not variable.has_default and name not in known]

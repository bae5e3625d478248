"""Finds the project's own commands in shell text, and parses them with the options of the real verbs, without a run."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import click

from tools import paths
from tools.cli import verbs

if TYPE_CHECKING:
    from collections.abc import Iterator

PUNCTUATION: Final = "();<>|&"
_MODULE: Final = re.compile(r"tools(\.\w+)?")
"""The list of verbs, or a verb; modules further inside are the tools' own."""

_SUBSTITUTION: Final = re.compile(r"\$\(([^()]*)\)")
_TARGET: Final = re.compile(r"^([a-z][a-z-]*):(?!=)", re.MULTILINE)
_SETTING: Final = re.compile(r"^([A-Z]+) [:?]?= ", re.MULTILINE)


class NoSuchCommandError(Exception):
    """A page shows a command that the project does not have."""


@dataclass(frozen=True)
class Parsed:
    """A command of ours: the verb, and its parameters by name as click parsed them."""

    verb: str
    parameters: dict[str, Any]


def simple_commands(text: str) -> Iterator[list[str]]:
    """Yields the words of each simple command of shell text, those in `$(…)` too.

    >>> list(simple_commands('eval "$(python -m tools.local env)" && ls  # a comment'))
    [['python', '-m', 'tools.local', 'env'], ['eval', '$(python -m tools.local env)'], ['ls']]
    """
    for line in text.replace("\\\n", " ").splitlines():
        for inner in _SUBSTITUTION.findall(line):
            yield from simple_commands(inner)
        lexer = shlex.shlex(line, posix=True, punctuation_chars=PUNCTUATION)
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if set(word) <= set(PUNCTUATION):
                if words:
                    yield words
                words = []
            else:
                words.append(word)


def ours(words: list[str]) -> list[str] | None:
    """Returns the words after the program where a command is one of the verbs, the verb's name first; else None.

    >>> ours([".venv/bin/python", "-m", "tools.scan", "producer"])
    ['scan', 'producer']
    >>> ours(["dynamo-to-lake", "scan"])
    ['scan']
    >>> ours(["python", "-m", "pytest"]) is None
    True
    """
    for position, word in enumerate(words):
        if PurePosixPath(word).name == verbs.INSTALLED_NAME:
            return words[position + 1 :]
        module = words[position + 2] if word.startswith((".venv/bin/python", "python")) and len(words) > 2 else ""
        if words[position + 1 : position + 2] == ["-m"] and _MODULE.fullmatch(module):
            return [*filter(None, [module.partition(".")[2]]), *words[position + 3 :]]
        if "=" not in word:
            return None
    return None


def parse(words: list[str]) -> Parsed:
    """Parses the words of a verb's command line, the verb's name first, with its real options; runs nothing.

    Raises:
        NoSuchCommandError: there is no such verb, or it has no such option or argument.
    """
    name = "python -m tools"
    command: click.Command = verbs.main
    rest = words
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(click.Context(command), rest[0])
        if found is None:
            raise NoSuchCommandError(f"{name} has no command {rest[0]!r}")
        name, command, rest = f"{name} {rest[0]}", found, rest[1:]
    try:
        context = command.make_context(name, list(rest), resilient_parsing="--help" in rest)
    except click.UsageError as error:
        raise NoSuchCommandError(f"{name}: {error.format_message()}") from None
    except click.exceptions.Exit:
        return Parsed(words[0], {})
    return Parsed(words[0] if words else "", context.params)


def options() -> set[str]:
    """Returns every option of every verb."""
    context = click.Context(verbs.main)
    found = _options(verbs.main)
    waiting = [verbs.main.get_command(context, name) for name in verbs.main.list_commands(context)]
    while waiting:
        command = waiting.pop()
        assert command is not None
        found |= _options(command)
        if isinstance(command, click.Group):
            waiting += command.commands.values()
    return found


def _options(command: click.Command) -> set[str]:
    parameters = command.get_params(click.Context(command))
    return {option for parameter in parameters for option in (*parameter.opts, *parameter.secondary_opts)}


def check_make(words: list[str]) -> None:
    """Raises NoSuchCommandError when the Makefile lacks a target, or a variable, that a `make` command names."""
    makefile = (paths.REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for word in words[1:]:
        name, is_setting, _ = word.partition("=")
        if name not in (_SETTING if is_setting else _TARGET).findall(makefile):
            raise NoSuchCommandError(f"the Makefile has no {'variable' if is_setting else 'target'} {name!r}")

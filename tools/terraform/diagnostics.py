"""Terraform's machine-readable messages, and each diagnostic as one line.

Shapes: Terraform documentation, "Machine Readable UI" and `terraform validate -json`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Position(msgspec.Struct, frozen=True):
    """A position in a file: the line number, from 1."""

    line: int = 0


class Range(msgspec.Struct, frozen=True):
    """The part of a file that a diagnostic is about."""

    filename: str = ""
    start: Position = Position()


class Diagnostic(msgspec.Struct, frozen=True):
    """One error or warning of Terraform or its provider."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""
    range: Range | None = None

    @property
    def is_error(self) -> bool:
        """True for an error, False for a warning."""
        return self.severity == "error"

    @property
    def is_input(self) -> bool:
        """True when a value that the user gave is wrong, not the configuration or the account."""
        return self.summary in _INPUT_SUMMARIES or self.is_undeclared

    @property
    def is_undeclared(self) -> bool:
        """True for a value of a variable that does not exist; Terraform only warns where a file sets it."""
        return self.summary in ("Value for undeclared variable", "Value for undeclared variables")

    def line(self) -> str:
        """Returns what is wrong and where, in one line."""
        return _one_line(f"{self._subject()} {self._text()} {self._location()}")

    def _subject(self) -> str:
        return f"{self.address}:" if self.address else ""

    def _text(self) -> str:
        account = _WRONG_ACCOUNT.search(f"{self.summary} {self.detail}")
        if account:
            return (
                f"these credentials are of account {account[1]}, which account_id (allowed_account_ids) does not "
                "allow; use the right profile, or correct account_id"
            )
        if self.is_undeclared:
            name = _VARIABLE_NAME.search(self.detail)
            where = _VARIABLE_FILE.search(self.detail)
            return (
                f"there is no variable {name[1] if name else 'of that name'}"
                f"{f' (set in {where[1]})' if where else ''}; the environment's variables.tf lists them all"
            )
        detail = _one_line(self.detail.split("\n\nThis was checked by the validation rule")[0])
        # These summaries are only categories: the detail says what is wrong.
        if detail and self.summary in _INPUT_SUMMARIES | {"Resource precondition failed", "Error in function call"}:
            return detail
        return ". ".join(part.rstrip(".") for part in (self.summary, detail) if part)

    def _location(self) -> str:
        return f"({self.range.filename}:{self.range.start.line})" if self.range and self.range.filename else ""


_INPUT_SUMMARIES = {
    "Invalid value for variable",
    "Invalid value for input variable",
    "No value for required variable",
    "Invalid variable value",
    "Failed to read variables file",
    "Given variables file",
    "Invalid variables file",
    "Unsuitable value type",
    "Variables not allowed",
    "Invalid expression",
    "Missing expression",
    "Argument or block definition required",
    "Missing newline after argument",
    "Invalid -var option",
    "Extra characters after expression",
}

_WRONG_ACCOUNT = re.compile(r"AWS account ID not allowed: (\d{12})")
_VARIABLE_NAME = re.compile(r'named "([^"]*)"')
_VARIABLE_FILE = re.compile(r'found in file "([^"]*)"')
_WHITESPACE = re.compile(r"\s+")


def _one_line(text: str) -> str:
    return _WHITESPACE.sub(" ", text).strip()


class Event(msgspec.Struct, frozen=True):
    """One line of Terraform's machine-readable output; members that we do not use are left out."""

    message: str = msgspec.field(name="@message", default="")
    level: str = msgspec.field(name="@level", default="info")
    type: str = ""
    hook: dict[str, Any] = {}
    diagnostic: Diagnostic | None = None

    @property
    def address(self) -> str:
        """Address of the resource that the event is about; empty where there is none."""
        return str(self.hook.get("resource", {}).get("addr", ""))

    @property
    def done(self) -> str:
        """What was done to the resource and how long it took, in seconds; empty for reading data."""
        verb = {"create": "created", "update": "changed", "delete": "destroyed"}.get(str(self.hook.get("action")), "")
        return f"{self.address} {verb} in {self.hook.get('elapsed_seconds', 0)} s" if verb else ""


_decode = msgspec.json.Decoder(Event).decode


def parse_event(line: str) -> Event:
    """Returns the event that one line of output holds; other text becomes an event of type "text"."""
    try:
        return _decode(line)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Event(message=line.rstrip(), type="text")


def error_lines(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """Returns the errors among `diagnostics`, a line each, in Terraform's order; equal lines once."""
    return list(dict.fromkeys(diagnostic.line() for diagnostic in diagnostics if diagnostic.is_error))


def boxed_text(lines: Iterable[str]) -> str:
    """Returns what Terraform drew into a box, where it was not asked for JSON, in one line.

    >>> boxed_text(["╷", "│ Error: Invalid target", "│ ", "╵"])
    'Invalid target'
    """
    return " ".join(text for line in lines if (text := line.strip("│╷╵ "))).removeprefix("Error: ")

"""Writes a review to a file: as Markdown for a pull request, or as one self-contained HTML page."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from tools.errors import UsageError
from tools.plan_review import page_templates, picture
from tools.plan_review.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import jinja2

    from tools.plan_review.review import Review

HELP: Final = "Write the review to this file too: .md for a pull request, .html for a page; repeatable."


def check(file: Path) -> None:
    """Raises UsageError when no report can be written to `file`: an unknown format, or no such folder."""
    if file.suffix not in _FORMATS:
        raise UsageError(f"--report {file}: the name must end in {' or '.join(_FORMATS)}, which decides the format")
    if not file.parent.is_dir():
        raise UsageError(f"--report {file}: there is no folder {file.parent}")
    if file.is_dir():
        raise UsageError(f"--report {file}: this is a folder")


def write(review: Review, file: Path) -> None:
    """Writes the review to `file`, in the format that its name ends in.

    Raises:
        UsageError: the file cannot be written.
    """
    check(file)
    try:
        file.write_text(_FORMATS[file.suffix](review), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--report {file}: cannot be written ({error.strerror})") from None


def page(review: Review) -> str:
    """Returns the review as a self-contained HTML page."""
    return (
        _templates().get_template("page.html").render(review=review, boxes=picture.boxes(review), height=picture.HEIGHT)
    )


def markdown(review: Review) -> str:
    """Returns the review as Markdown, in GitHub's dialect."""
    return _templates().get_template("page.md").render(review=review)


def code(text: str) -> str:
    """Returns text as a code span, with a fence longer than any in the text (GitHub Flavored Markdown, "Code spans").

    >>> code("a `b` c")
    '`` a `b` c ``'
    """
    plain = printable(text)
    longest = max(map(len, re.findall("`+", plain)), default=0)
    fence, space = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{space}{plain}{space}{fence}"


def cell(text: str) -> str:
    """Returns a code span for a table cell: a bar would end the cell, also inside a code span.

    >>> cell("a | b")
    '`a \\\\| b`'
    """
    return code(text).replace("|", r"\|")


@functools.cache
def _templates() -> jinja2.Environment:
    environment = page_templates.environment()
    environment.filters |= {"code": code, "cell": cell}
    return environment


_FORMATS: Final[dict[str, Callable[[Review], str]]] = {".md": markdown, ".html": page}

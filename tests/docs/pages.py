"""Reads the Markdown files of the repository: headings, links, code blocks and code spans, each with its line."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

from tools import paths

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from markdown_it.token import Token

FOLDERS: Final = (".github", "docs", "envs", "lambda", "modules", "requirements", "tests", "tools")
"""Folders at the top of the repository."""


@dataclass(frozen=True)
class Piece:
    """A piece of a page: its text, and where it is, as FILE:LINE."""

    text: str
    where: str


@dataclass(frozen=True)
class Block(Piece):
    """A code block: its language, empty where none is said, and the comment right before it, if there is one."""

    language: str = ""
    comment: str = ""


@dataclass
class Page:
    """One Markdown file."""

    file: Path
    anchors: set[str] = field(default_factory=set)
    links: list[Piece] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    spans: list[Piece] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Path of the file in the repository."""
        return self.file.relative_to(paths.REPOSITORY).as_posix()


def files() -> list[Path]:
    """Returns the Markdown files of the repository, without those that tools and tests leave in hidden folders."""
    found = [*paths.REPOSITORY.glob("*.md")]
    for folder in FOLDERS:
        top = paths.REPOSITORY / folder
        found += [file for file in top.rglob("*.md") if not any(part[0] == "." for part in file.relative_to(top).parts)]
    return sorted(found)


@functools.cache
def pages() -> tuple[Page, ...]:
    """Returns every Markdown file, read."""
    return tuple(read(file) for file in files())


def read(file: Path) -> Page:
    """Returns one Markdown file, read."""
    page = Page(file)
    comment, inline_line = "", 0
    for token in MarkdownIt("commonmark").enable("table").parse(file.read_text(encoding="utf-8")):
        line = token.map[0] + 1 if token.map else inline_line
        if token.type == "html_block":
            comment = token.content.strip()
        elif token.type in ("fence", "code_block"):
            page.blocks.append(Block(token.content, f"{page.name}:{line}", token.info.strip(), comment))
        elif token.type == "inline":
            _read_inline(page, token.children or (), f"{page.name}:{line}")
        if token.type != "html_block":
            comment = ""
        inline_line = line
    page.anchors = set(_anchors(file))
    return page


def _read_inline(page: Page, children: Iterable[Token], where: str) -> None:
    for child in children:
        if child.type == "code_inline":
            page.spans.append(Piece(child.content, where))
        for name in ("href", "src"):
            if name in child.attrs:
                page.links.append(Piece(str(child.attrs[name]), where))


def _anchors(file: Path) -> Iterable[str]:
    """Yields the anchors that GitHub makes of headings: of two that are alike, the second ends in -1."""
    seen: dict[str, int] = {}
    tokens = MarkdownIt("commonmark").parse(file.read_text(encoding="utf-8"))
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            slug = anchor("".join(child.content for child in inline.children or ()))
            seen[slug] = seen.get(slug, -1) + 1
            yield f"{slug}-{seen[slug]}" if seen[slug] else slug


def anchor(heading: str) -> str:
    """Returns the anchor of a heading: lower case, spaces as hyphens, no other punctuation."""
    kept = (char for char in heading.lower() if char in " -_" or unicodedata.category(char)[0] in "LN")
    return re.sub(" ", "-", "".join(kept))

"""Links between pages lead somewhere, and what running text calls a path is one."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from tests.docs import pages
from tools import paths

PLACEHOLDER = re.compile(r"[<>*…{}$ ]|\b(?!README|CONTRIBUTING|CHANGELOG|LICENSE)[A-Z][A-Z_]+\b")


def test_links_lead_to_files_and_anchors_that_exist():
    anchors = {page.file: page.anchors for page in pages.pages()}
    wrong, seen = [], 0
    for page in pages.pages():
        for link in page.links:
            parts = urlsplit(link.text)
            if parts.scheme:
                if parts.scheme != "https":
                    wrong.append(f"{link.where}: {link.text} is not https")
                continue
            seen += 1
            target = (page.file.parent / unquote(parts.path)).resolve() if parts.path else page.file
            if not target.exists() or not target.is_relative_to(paths.REPOSITORY):
                wrong.append(f"{link.where}: there is no {link.text}")
            elif parts.fragment and parts.fragment not in anchors.get(target, set()):
                wrong.append(f"{link.where}: {target.name} has no heading for #{parts.fragment}")
    assert seen
    assert not wrong, "\n".join(wrong)


def test_every_page_of_docs_can_be_reached_from_the_readme():
    links = {page.file: page.links for page in pages.pages()}
    reached, waiting = set(), [paths.REPOSITORY / "README.md"]
    while waiting:
        file = waiting.pop()
        if file in reached:
            continue
        reached.add(file)
        paths_named = [urlsplit(link.text) for link in links.get(file, [])]
        waiting += [
            (file.parent / unquote(parts.path)).resolve() for parts in paths_named if parts.path and not parts.scheme
        ]
    alone = [page.name for page in pages.pages() if page.name.startswith("docs/") and page.file not in reached]
    assert not alone


def test_paths_in_running_text_exist():
    wrong, seen = [], 0
    for page in pages.pages():
        for span in page.spans:
            top, slash, _ = span.text.partition("/")
            if top in pages.FOLDERS and slash and not PLACEHOLDER.search(span.text):
                seen += 1
                if not (paths.REPOSITORY / span.text.partition("::")[0]).exists():
                    wrong.append(f"{span.where}: there is no {span.text}")
    assert seen
    assert not wrong, "\n".join(wrong)

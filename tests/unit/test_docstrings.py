"""The examples in docstrings are true: every `>>>` in `tools` and in the function's package is run."""

from __future__ import annotations

import ast
import doctest
import importlib

import pytest

from tools import paths

ROOTS = {paths.REPOSITORY / "tools": paths.REPOSITORY, paths.LAMBDA_SOURCES: paths.LAMBDA_SOURCES}
"""Folder whose modules are read -> folder that their names start in."""


def examples():
    """Yields a parameter (module, docstring, line) for each docstring with examples.

    Read from the source, so that only modules with examples are imported: some run in another environment only.
    """
    for folder, root in ROOTS.items():
        for file in sorted(folder.rglob("*.py")):
            source = file.read_text(encoding="utf-8")
            if ">>>" not in source:
                continue
            module = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    text = ast.get_docstring(node) or ""
                    name = f"{module}.{getattr(node, 'name', '__doc__')}"
                    if ">>>" in text:
                        yield pytest.param(module, text, getattr(node, "lineno", 1), id=name)


@pytest.mark.parametrize(("module", "text", "line"), list(examples()))
def test_each_example_in_a_docstring_gives_what_it_shows(module, text, line):
    names = dict(vars(importlib.import_module(module)))
    test = doctest.DocTestParser().get_doctest(text, names, module, None, line)
    output = []
    failed, tried = doctest.DocTestRunner(verbose=False).run(test, out=output.append)
    assert tried, f"{module} holds >>> that is no example"
    assert not failed, "".join(output)

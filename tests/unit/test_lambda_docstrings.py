"""Every example in a docstring of `lambda/` is true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import examples
import lake_transform

_MODULES = [
    f"{package.__name__}.{module.name}"
    for package in (lake_transform, examples)
    for module in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("name", _MODULES)
def test_the_examples_in_docstrings_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_modules_with_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = {name for name in _MODULES if any(test.examples for test in finder.find(importlib.import_module(name)))}

    assert {"lake_transform.columns", "lake_transform.metadata", "examples.orders_hook"} <= found

"""Unit tests lie where the module that they test lies, under its name."""

from __future__ import annotations

import pytest

from tools import paths

UNIT = paths.REPOSITORY / "tests" / "unit"
SOURCES = {
    "tools": paths.REPOSITORY / "tools",
    **{name: paths.LAMBDA_SOURCES / name for name in ("lake_backfill", "lake_transform")},
}
WHOLE_PACKAGE = {"lake_transform/test_reported_cases.py", "tools/test_imports.py"}
"""Tests of a package as a whole: no single module is their subject."""


def misplaced(package, source):
    """Yields the test files of a package that belong to no module: test_MODULE.py and test_MODULE_ASPECT.py do."""
    for file in sorted((UNIT / package).rglob("test_*.py")):
        name = file.relative_to(UNIT).as_posix()
        tested = file.stem.removeprefix("test_") + "_"
        modules = (source / file.relative_to(UNIT / package).parent).glob("*.py")
        if name not in WHOLE_PACKAGE and not any(tested.startswith(f"{module.stem}_") for module in modules):
            yield name


@pytest.mark.parametrize("package", SOURCES)
def test_each_test_file_is_named_for_a_module_in_the_same_place(package):
    assert not list(misplaced(package, SOURCES[package]))


def test_each_exception_is_a_file_that_exists():
    assert not [name for name in WHOLE_PACKAGE if not (UNIT / name).is_file()]

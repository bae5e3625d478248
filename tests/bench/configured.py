"""The Lambda function with other settings than the defaults."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import lake_transform
from lake_transform import settings

if TYPE_CHECKING:
    from lake_transform.table_settings import TableSettings


def handler_with(
    *, tables: Mapping[str, TableSettings] | None = None, **variables: str
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """Returns the handler of a new copy of its module, imported with other settings.

    Args:
        tables: settings of tables, as the function's package would hold them; its hashes have a key of the benchmark.
        variables: environment variables.
    """
    (folder,) = lake_transform.__path__
    name = "_".join(["handler_with", *variables, *(tables or ())])
    spec = importlib.util.spec_from_file_location(name, f"{folder}/handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    environment = dict(os.environ)
    from_environment = settings.from_environment

    def with_tables(chosen: Mapping[str, str]) -> settings.Settings:
        found = from_environment(chosen)
        return found._replace(tables=tables, mask_key=b"k" * 32) if tables else found

    # Without unittest.mock, because its import would count as import time of the way.
    os.environ.update(variables)
    settings.from_environment = with_tables
    try:
        spec.loader.exec_module(module)
    finally:
        settings.from_environment = from_environment
        os.environ.clear()
        os.environ.update(environment)
    return module.lambda_handler  # type: ignore[no-any-return]

"""Prepared statements, where the emulator keeps them."""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class PreparedStatements(dict[str, str]):
    """Name -> query of a workgroup; what is set and taken out, is so in the emulator, by `on_loop`."""

    def __init__(self, group: str, on_loop: Callable[[Callable[[], object]], None]) -> None:
        self._group, self._on_loop = group, on_loop
        kept = importlib.import_module("ministack.services.athena")._prepared_statements
        super().__init__((each["StatementName"], each["QueryStatement"]) for each in kept.values()
                         if each["WorkGroupName"] == group)  # fmt: skip

    def __setitem__(self, name: str, query: str) -> None:
        kept = importlib.import_module("ministack.services.athena")._prepared_statements
        statement = {
            "StatementName": name,
            "WorkGroupName": self._group,
            "QueryStatement": query,
            "Description": "",
            "LastModifiedTime": int(time.time()),
        }
        self._on_loop(lambda: kept.__setitem__(f"{self._group}/{name}", statement))

    def pop(self, name: str, default: Any = None) -> Any:  # noqa: ANN401
        """Takes a statement out and returns its query, `default` where there is none of that name."""
        kept = importlib.import_module("ministack.services.athena")._prepared_statements
        self._on_loop(lambda: kept.pop(f"{self._group}/{name}", None))
        return super().pop(name, default)

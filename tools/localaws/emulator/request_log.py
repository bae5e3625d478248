"""Writes down who asks the emulator for what, for those who write a caller's policy: a trail of requests.

With `LAKE_LOCAL_REQUEST_LOG` naming a file, each action that the emulator authorises is a line of JSON there: the
action and the resource as policies name them, and the caller's access key.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE: Final = "LAKE_LOCAL_REQUEST_LOG"


def log_requests() -> None:
    """Appends a line for each action that is authorised to the file that the variable names."""
    file = os.environ.pop(VARIABLE, "")
    if not file:
        return
    original: Callable[..., Any]

    def enforce(access_key_id: str, action: str, service: str, *more: Any, **options: Any) -> Any:  # noqa: ANN401
        line = {"key": access_key_id, "action": action, "resource": options.get("resource_arn", "*")}
        with Path(file).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        return original(access_key_id, action, service, *more, **options)

    original = replace("core.iam_evaluator", "enforce", enforce)

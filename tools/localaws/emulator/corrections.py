"""Where the emulator differs from AWS, or from what one machine needs, and a few lines put it right.

Each correction is a function in `CORRECTIONS`, applied before the emulator serves. Each is pinned to the release in
`requirements/localaws.txt`: when the emulator no longer has what a correction replaces, starting fails and says so.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def apply_all() -> None:
    """Applies every correction."""
    for correct in CORRECTIONS:
        correct()


def replace(module: str, name: str, replacement: Callable[..., Any]) -> Any:  # noqa: ANN401  # the emulator is untyped
    """Puts `replacement` in the place of `ministack.<module>.<name>` and returns what was there.

    Raises:
        SystemExit: there is nothing of that name to replace.
    """
    owner = importlib.import_module(f"ministack.{module}")
    original = getattr(owner, name, None)
    if original is None:
        raise SystemExit(f"the emulator's {module} has no {name}: this release does not fit tools/localaws/emulator")
    setattr(owner, name, replacement)
    return original


def keep_off_port_443() -> None:
    """Listens on the chosen port only: without this, also on 443 wherever this process may."""
    replace("app", "_port_is_bindable", lambda _host, _port: False)


def leave_delivery_to_the_worker() -> None:
    """Takes a Kinesis source away from the emulator's own Firehose, which does not deliver as AWS documents.

    Otherwise a record that is put to the stream itself (and not by DynamoDB) would be delivered twice.
    """
    replace("services.firehose", "ingest_from_kinesis_source", lambda _stream_arn, _records: None)


CORRECTIONS: Final[tuple[Callable[[], None], ...]] = (keep_off_port_443, leave_delivery_to_the_worker)

"""Saves the progress of each delivery stream in a small file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from tools import files
from tools.errors import LakeError
from tools.localaws.firehose.interfaces import BlockedError, Progress

if TYPE_CHECKING:
    from pathlib import Path

_DIGEST: Final = "sha256"
_REMEDY: Final = (
    "put back a good copy, or remove it, and what is still in the stream is delivered again: some of it then twice"
)


class CheckpointFile:
    """The progress of the delivery stream with this identity: its ARN, and when it was created.

    A delivery stream that was deleted and made again under the same name starts from the beginning.
    """

    def __init__(self, folder: Path, arn: str, created: float) -> None:
        account, name = arn.split(":")[4], arn.rpartition("/")[2]
        # With a hash of the ARN: two Regions may have the same account and name.
        self._file = folder / f"{account}-{name}-{hashlib.sha256(arn.encode()).hexdigest()[:8]}.json"
        self._identity = {"delivery_stream_arn": arn, "created": created}

    def load(self) -> Progress:
        """See `interfaces.Checkpoints`.

        Raises:
            LakeError: the file is damaged.
        """
        content = files.read_json(self._file, _REMEDY)
        if content is None:
            return Progress()
        if content.pop(_DIGEST, None) != _digest(content):
            raise LakeError(f"{self._file} is damaged (not as written); {_REMEDY}")
        if any(content.get(name) != value for name, value in self._identity.items()):
            return Progress()
        return Progress(**content["progress"])

    def save(self, progress: Progress) -> None:
        """See `interfaces.Checkpoints`."""
        content = {**self._identity, "progress": asdict(progress)}
        try:
            files.write_json(self._file, {**content, _DIGEST: _digest(content)})
        except OSError as error:
            raise BlockedError(
                "Checkpoint", f"{self._file} cannot be written ({error.strerror}); delivery waits until it can"
            ) from None


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

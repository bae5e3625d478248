"""Saves the progress of each delivery stream in a small file."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from tools import files
from tools.localaws.firehose.interfaces import BlockedError, Progress
from tools.localaws.state_folder import REMEDY

if TYPE_CHECKING:
    from pathlib import Path


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
        content = files.read_json(self._file, REMEDY)
        if content is None or any(content.get(name) != value for name, value in self._identity.items()):
            return Progress()
        return Progress(**content["progress"])

    def save(self, progress: Progress) -> None:
        """See `interfaces.Checkpoints`."""
        try:
            files.write_json(self._file, {**self._identity, "progress": asdict(progress)})
        except OSError as error:
            raise BlockedError(
                "Checkpoint", f"{self._file} cannot be written ({error.strerror}); delivery waits until it can"
            ) from None

"""The folders and files in which local AWS keeps its state."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.errors import LakeError

if TYPE_CHECKING:
    from pathlib import Path

DATA_FOLDERS: Final = ("emulator", "delivery", "deployments")
"""What `down --purge` removes: the emulator's data, the delivery worker's, and Terraform states that describe them."""

REMEDY: Final = "put back a good copy, or remove all data of local AWS with: python -m tools.local down --purge"
"""What to do about a file of local AWS that is damaged."""


@dataclass(frozen=True)
class StateFolder:
    """One state folder of local AWS. Several can be used side by side; each holds all of its own state."""

    root: Path

    @property
    def lock_file(self) -> Path:
        """Held by a command that starts or stops the processes."""
        return self.root / "local.lock"

    @property
    def settings_file(self) -> Path:
        """The port that was last used."""
        return self.root / "emulator" / "settings.json"

    @property
    def state(self) -> Path:
        """The folder of the database."""
        return self.root / "emulator" / "state"

    @property
    def database(self) -> Path:
        """All of the emulator's state but the contents of S3 objects; a log lies beside it while the emulator runs."""
        return self.state / "state.db"

    @property
    def objects(self) -> Path:
        """S3 objects, a folder an account and bucket."""
        return self.root / "emulator" / "objects"

    @property
    def temporary(self) -> Path:
        """The emulator's TMPDIR: unpacked functions, its certificate."""
        return self.root / "emulator" / "tmp"

    @property
    def certificate(self) -> Path:
        """The emulator's self-signed certificate, which clients trust."""
        return self.temporary / "ministack-tls" / "server.crt"

    @property
    def checkpoints(self) -> Path:
        """The progress of each delivery stream, one file each."""
        return self.root / "delivery" / "checkpoints"

    @property
    def delivery_status(self) -> Path:
        """The delivery worker's heartbeat: the status of each delivery stream, written every few seconds."""
        return self.root / "delivery" / "status.json"

    def process_file(self, part: str) -> Path:
        """Records the process that runs `part` ("emulator" or "delivery")."""
        return self.root / part / "process.json"

    def process_lock(self, part: str) -> Path:
        """Held by the process that runs `part`, for as long as it lives."""
        return self.root / part / "process.lock"

    def log(self, part: str) -> Path:
        """The log of `part`."""
        return self.root / part / f"{part}.log"

    def create(self) -> None:
        """Makes the folders.

        Raises:
            LakeError: they cannot be made or written to.
        """
        try:
            for folder in (self.state, self.objects, self.temporary, self.checkpoints):
                folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise LakeError(
                f"local AWS cannot keep its state in {self.root} ({error.strerror}); "
                "make it a writable folder, or name another one in LAKE_LOCAL_HOME"
            ) from None

"""The folders and files in which local AWS keeps its state."""

from __future__ import annotations

import re
import secrets
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools import files
from tools.errors import LakeError
from tools.locking import one_at_a_time

if TYPE_CHECKING:
    from pathlib import Path

DATA_FOLDERS: Final = ("emulator", "delivery", "deployments", "summaries", "copies")
"""What `down --purge` removes: the emulator's data, the delivery worker's, and what describes them.

That is Terraform's states, the summaries of objects, which name keys of items, and copies of objects.
"""

REMEDY: Final = "put back a good copy, or remove all data of local AWS with: python -m tools.local down --purge"
"""What to do about a file of local AWS that is damaged."""

_LOCK_SECONDS: Final = 10.0


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
    def secret_file(self) -> Path:
        """The secret access key of the accounts' roots in this home, which its owner alone can read."""
        return self.root / "emulator" / "secret"

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

    def secret(self) -> str:
        """Returns the secret access key of the accounts' roots.

        Raises:
            LakeError: its file is gone or damaged.
        """
        try:
            found = self.secret_file.read_bytes()
        except OSError as error:
            raise LakeError(f"{self.secret_file} cannot be read ({error.strerror}); {REMEDY}") from None
        if not re.fullmatch(rb"[0-9a-f]{64}", found):
            raise LakeError(f"{self.secret_file} is damaged; {REMEDY}")
        return found.decode()

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
            # A folder that is there already may hold more than ours: only what is made here is closed.
            self.root.parent.mkdir(parents=True, exist_ok=True)
            self.root.mkdir(mode=0o700, exist_ok=True)
            for name in DATA_FOLDERS:
                (self.root / name).mkdir(mode=0o700, exist_ok=True)
                (self.root / name).chmod(0o700)
            for folder in (self.state, self.objects, self.temporary, self.checkpoints):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_secret()
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise LakeError(
                f"local AWS cannot keep its state in {self.root} ({error.strerror}); "
                "make it a writable folder, or name another one in LAKE_LOCAL_HOME"
            ) from None

    def _make_secret(self) -> None:
        if self.secret_file.exists():
            return
        # One that starts at the same time must find this one, not replace it.
        with one_at_a_time(self.lock_file, seconds=_LOCK_SECONDS, busy=f"{self.lock_file} is held; try again"):
            if not self.secret_file.exists():
                files.write_bytes(self.secret_file, secrets.token_hex(32).encode())

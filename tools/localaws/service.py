"""Starts, finds and stops local AWS: the emulator and the delivery worker, as background processes of one home."""

from __future__ import annotations

import os
import shutil
import ssl
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from tools import files, paths
from tools.cli import console
from tools.errors import LakeError, UsageError
from tools.localaws import installation, ports, process, state_folder
from tools.localaws.state_folder import REMEDY, StateFolder
from tools.locking import one_at_a_time

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

SINGLE: Final = "111111111111"
PRODUCER: Final = "111111111111"
CONSUMER: Final = "222222222222"
ACCOUNTS: Final = (SINGLE, CONSUMER)
"""The accounts that local AWS knows; a 12-digit access key is the root of the account it names."""

REGION: Final = "us-east-1"
START: Final = "python -m tools.local up"

_HEALTHY_WITHIN: Final = 60.0
_EMULATOR_PATIENCE: Final = 10.0
_WORKER_PATIENCE: Final = 10.0
"""Seconds to stop by itself. The emulator waits for clients with open connections, and loses nothing when killed."""

_LETTING_GO: Final = 3.0
"""How long a process that was just killed may hold on to its port."""

_LOG_BYTES: Final = 10 * 1024 * 1024
"""A longer log of the emulator is set aside when it starts."""


@dataclass(frozen=True)
class LocalAws:
    """Running local AWS: where it listens, the certificate that clients must trust, and its Region."""

    endpoint_url: str
    ca_bundle: Path
    region: str = REGION

    def environment(self, account_id: str) -> dict[str, str]:
        """Returns the variables by which a client (AWS CLI, boto3, Terraform) acts as the root of `account_id` here.

        Callers leave out AWS_PROFILE and AWS_SESSION_TOKEN, which would win over these. The user's own AWS
        configuration files play no part.
        """
        bypass = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), ports.LOOPBACK)))
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_CA_BUNDLE": str(self.ca_bundle),
            "AWS_ACCESS_KEY_ID": account_id,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": bypass,
            "no_proxy": bypass,
        }


def up(home: Path, *, port: int | None = None) -> LocalAws:
    """Starts what is not running yet and returns how to reach it.

    Raises:
        UsageError: it runs on another port than the one asked for.
        LakeError: the port is taken, the home cannot be used, or the emulator does not start.
    """
    place = StateFolder(home)
    place.create()
    with _one_at_a_time(place):
        running = process.remembered(place.record("emulator"))
        if running is None:
            _start_emulator(place, port)
        elif port is not None and port != _port(place):
            raise UsageError(
                f"local AWS already listens on port {_port(place)}; stop it first: python -m tools.local down"
            )
        if running is not None and not _becomes_healthy(place):
            # It was on its way out when it was looked at.
            _start_emulator(place, port)
        if not _becomes_healthy(place):
            raise _did_not_start(place, "emulator")
        if process.remembered(place.record("delivery")) is None:
            _start_worker(place)
        return _local(place)


def connect(home: Path) -> LocalAws:
    """Returns how to reach running local AWS.

    Raises:
        LakeError: it is not running.
    """
    place = StateFolder(home)
    if process.remembered(place.record("emulator")) is None or _port(place) is None:
        raise LakeError(f"local AWS is not running; start it with: {START}")
    return _local(place)


def down(home: Path) -> bool:
    """Stops both processes, if they are this home's own; returns whether either was running."""
    place = StateFolder(home)
    if not home.is_dir():
        return False
    with _one_at_a_time(place):
        stopped = process.stop(place.record("delivery"), _WORKER_PATIENCE)
        return process.stop(place.record("emulator"), _EMULATOR_PATIENCE) or stopped


def purge(home: Path) -> None:
    """Stops both processes and removes all data; the emulator's installation stays.

    Raises:
        LakeError: the data cannot be removed.
    """
    place = StateFolder(home)
    if not home.is_dir():
        return
    with _one_at_a_time(place):
        for part, patience in (("delivery", _WORKER_PATIENCE), ("emulator", 0.0)):
            _stop_damaged(place, part, patience)
        for name in state_folder.DATA_FOLDERS:
            try:
                shutil.rmtree(home / name)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise LakeError(f"{home / name} cannot be removed ({error.strerror})") from None


def is_healthy(local: LocalAws) -> bool:
    """Returns whether the emulator answers."""
    context = ssl.create_default_context(cafile=str(local.ca_bundle)) if local.ca_bundle.is_file() else None
    if context is None:
        return False
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(f"{local.endpoint_url}/_ministack/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _stop_damaged(place: StateFolder, part: str, patience: float) -> None:
    try:
        process.stop(place.record(part), patience)
    except LakeError:
        console.warn(f"{place.record(part)} is damaged; a process it named, if any, is left running")


def _one_at_a_time(place: StateFolder) -> AbstractContextManager[None]:
    busy = f"another command is starting or stopping local AWS ({place.lock_file}); try again"
    return one_at_a_time(place.lock_file, seconds=_HEALTHY_WITHIN + _EMULATOR_PATIENCE, busy=busy)


def _port(place: StateFolder) -> int | None:
    port = (files.read_json(place.settings_file, REMEDY) or {}).get("port")
    return port if isinstance(port, int) and 0 < port < 65536 else None


def _local(place: StateFolder) -> LocalAws:
    return LocalAws(f"https://{ports.LOOPBACK}:{_port(place)}", place.certificate)


def _start_emulator(place: StateFolder, wanted: int | None) -> None:
    _check_state(place)
    last = _port(place)
    deadline = monotonic() + _LETTING_GO
    while last is not None and not ports.is_free(last) and monotonic() < deadline:
        sleep(0.05)
    port = ports.choose(wanted, last, ports.usual(place.root))
    interpreter = installation.python()
    for left_over in place.temporary.glob("ministack-lambda-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    files.write_json(place.settings_file, {"port": port})
    log = place.log("emulator")
    if log.is_file() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    command = [str(interpreter), "-P", "-m", "tools.localaws.emulator"]
    with console.stage(f"start the emulator on port {port}"):
        process.start(command, _emulator_environment(place, port), place.root, log, place.record("emulator"))


def _emulator_environment(place: StateFolder, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(paths.REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(place.temporary),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": ports.LOOPBACK,
        "MINISTACK_HOST": ports.LOOPBACK,
        "MINISTACK_REGION": REGION,
        "USE_SSL": "1",
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(place.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(place.objects),
        # Listeners and helpers that nothing here uses.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{place.temporary}/no-docker.sock",
    }


def _check_state(place: StateFolder) -> None:
    # The emulator goes on without a state it cannot read, and then saves over it.
    for file in sorted(place.state.glob("*.json")):
        files.read_json(file, REMEDY)


def _becomes_healthy(place: StateFolder) -> bool:
    local = _local(place)
    deadline = monotonic() + _HEALTHY_WITHIN
    while not is_healthy(local):
        if process.remembered(place.record("emulator")) is None:
            return False
        if monotonic() > deadline:
            raise _did_not_start(place, "emulator")
        sleep(0.1)
    return True


def _did_not_start(place: StateFolder, part: str) -> LakeError:
    said = " | ".join(process.last_lines(place.log(part), 3)) or "nothing"
    return LakeError(f"the {part} process did not start; the end of {place.log(part)}: {said}")


def _start_worker(place: StateFolder) -> None:
    command = [sys.executable, "-P", "-m", "tools.localaws.firehose", "--home", str(place.root)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**kept, "PYTHONPATH": str(paths.REPOSITORY)}
    with console.stage("start the delivery worker"):
        started = process.start(command, environment, place.root, place.log("delivery"), place.record("delivery"))
        deadline = monotonic() + _HEALTHY_WITHIN
        while (files.read_json(place.delivery_status, REMEDY) or {}).get("pid") != started.pid:
            if started.find() is None or monotonic() > deadline:
                raise _did_not_start(place, "delivery")
            sleep(0.05)

"""Starts, finds and stops local AWS: the emulator and the delivery worker, two background processes."""

from __future__ import annotations

import os
import shutil
import ssl
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from tools import files, paths
from tools.cli import console
from tools.errors import LakeError, UsageError
from tools.localaws import certificate, installation, ports, process, process_lock, state_folder
from tools.localaws.emulator import access, request_log
from tools.localaws.emulator.export_times import SHORTEST_WINDOW_VARIABLE
from tools.localaws.state_folder import REMEDY, StateFolder
from tools.locking import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

SINGLE_ACCOUNT: Final = "111111111111"
PRODUCER: Final = "111111111111"
CONSUMER: Final = "222222222222"
ACCOUNTS: Final = (SINGLE_ACCOUNT, CONSUMER)
"""The accounts that local AWS knows; a 12-digit access key is the root of the account it names."""

REGION: Final = "us-east-1"
START_COMMAND: Final = "python -m tools.local up"
STOP_COMMAND: Final = "python -m tools.local down"
PARTS: Final = ("emulator", "delivery")
"""The two processes, as their folders and logs are called."""

_START_SECONDS: Final = 60.0
_EMULATOR_STOP_SECONDS: Final = 10.0
_WORKER_STOP_SECONDS: Final = 10.0
"""Seconds after which it is killed. `emulator.durability` says what a kill costs."""

_PORT_RELEASE_SECONDS: Final = 3.0
"""How long the port of a process that was just killed may stay taken."""

_ERROR_PREFIX: Final = "error: "
"""Starts the last line of the emulator's log where it cannot start for a reason that it knows."""

_SETTINGS_REMEDY: Final = "remove it, and the next start chooses a port anew"

_MAX_LOG_BYTES: Final = 10 * 1024 * 1024
"""A longer log of the emulator is renamed to .log.1 when it starts."""


@dataclass(frozen=True)
class LocalAws:
    """Running local AWS: where it listens, the certificate that clients must trust, and its Region."""

    endpoint_url: str
    ca_bundle: Path
    region: str = REGION
    secret: str = field(default="", repr=False)
    """The secret access key of every account's root."""

    def environment(self, account_id: str) -> dict[str, str]:
        """Returns the variables by which a client (AWS CLI, boto3, Terraform) acts as the root of `account_id` here.

        Callers leave out AWS_PROFILE and AWS_SESSION_TOKEN, which would win over these. The user's own AWS
        configuration files are not read.
        """
        bypass = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), ports.LOOPBACK)))
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_CA_BUNDLE": str(self.ca_bundle),
            "AWS_ACCESS_KEY_ID": account_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
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
        UsageError: it runs on another port than `port`.
        LakeError: the port is taken, the state folder cannot be used or has a process that is not recorded, or the
            emulator does not start.
    """
    folder = StateFolder(home)
    try:
        with _private_files():
            return _up(folder, port)
    except OSError as error:
        raise LakeError(
            f"local AWS cannot be started: {error.filename or home} cannot be written ({error.strerror}); "
            "free space, or name another folder in LAKE_LOCAL_HOME"
        ) from None


def _up(folder: StateFolder, port: int | None) -> LocalAws:
    folder.create()
    with _lock(folder):
        _refuse_orphans(folder)
        running = process.find_recorded(folder.process_file("emulator"))
        if running is None:
            _start_emulator(folder, port)
        elif port is not None and port != _port(folder):
            raise UsageError(f"local AWS already listens on port {_port(folder)}; stop it first: {STOP_COMMAND}")
        if running is not None and not _wait_until_healthy(folder):
            # It was already stopping.
            _start_emulator(folder, port)
        if not _wait_until_healthy(folder):
            raise _start_error(folder, "emulator")
        if process.find_recorded(folder.process_file("delivery")) is None:
            _start_worker(folder)
        return _reach(folder)


def connect(home: Path) -> LocalAws:
    """Returns how to reach running local AWS.

    Raises:
        LakeError: it is not running.
    """
    folder = StateFolder(home)
    if process.find_recorded(folder.process_file("emulator")) is None or _port(folder) is None:
        raise LakeError(f"local AWS is not running; start it with: {START_COMMAND}")
    return _reach(folder)


def down(home: Path) -> bool:
    """Stops both processes of this state folder; returns whether either was running.

    Raises:
        LakeError: a process that is not recorded works in it.
    """
    folder = StateFolder(home)
    if not home.is_dir():
        return False
    with _lock(folder):
        stopped = process.stop(folder.process_file("delivery"), _WORKER_STOP_SECONDS)
        stopped = process.stop(folder.process_file("emulator"), _EMULATOR_STOP_SECONDS) or stopped
        _refuse_orphans(folder)
        return stopped


def purge(home: Path) -> None:
    """Stops both processes and removes all data; the emulator's installation stays.

    Raises:
        LakeError: the data cannot be removed, or a process that is not recorded works in it.
    """
    folder = StateFolder(home)
    if not home.is_dir():
        return
    with _lock(folder):
        for part, seconds in (("delivery", _WORKER_STOP_SECONDS), ("emulator", 0.0)):
            _stop_or_warn(folder, part, seconds)
        _refuse_orphans(folder)
        for name in state_folder.DATA_FOLDERS:
            try:
                shutil.rmtree(home / name)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise LakeError(f"{home / name} cannot be removed ({error.strerror})") from None


def find_orphans(folder: StateFolder) -> dict[str, int]:
    """Returns part -> id of a process that works in this state folder and is not the recorded one."""
    found = {}
    for part in PARTS:
        pid = process_lock.find_holder(folder.process_lock(part))
        # A process that was killed lets go of its lock a moment after it has ended.
        if pid is not None and process.is_alive(pid):
            try:
                recorded = process.find_recorded(folder.process_file(part))
            except LakeError:
                recorded = None
            # It may have ended between these two looks at it.
            if (recorded is None or recorded.pid != pid) and process.is_alive(pid):
                found[part] = pid
    return found


def describe_orphan(part: str, pid: int) -> str:
    """Returns what to do about a process that works in the state folder without a record."""
    return f"a process of the part {part} runs that is not recorded (pid {pid}); end it with: kill {pid}"


def is_healthy(local: LocalAws) -> bool:
    """Returns whether the emulator answers."""
    try:
        context = ssl.create_default_context(cafile=str(local.ca_bundle))
        handler = urllib.request.HTTPSHandler(context=context)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)
        opener.addheaders = [(access.HEADER, local.secret)]
        with opener.open(f"{local.endpoint_url}/_ministack/health", timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _refuse_orphans(folder: StateFolder) -> None:
    for part, pid in find_orphans(folder).items():
        raise LakeError(f"{folder.root}: {describe_orphan(part, pid)}")


@contextmanager
def _private_files() -> Iterator[None]:
    """What is made meanwhile, and by processes that are started, is for this user alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _stop_or_warn(folder: StateFolder, part: str, seconds: float) -> None:
    try:
        process.stop(folder.process_file(part), seconds)
    except LakeError:
        console.warn(f"{folder.process_file(part)} is damaged; what process it named is not known")


def _lock(folder: StateFolder) -> AbstractContextManager[None]:
    busy = f"another command is starting or stopping local AWS ({folder.lock_file}); try again"
    return one_at_a_time(folder.lock_file, seconds=_START_SECONDS + _EMULATOR_STOP_SECONDS, busy=busy)


def _port(folder: StateFolder) -> int | None:
    port = (files.read_json(folder.settings_file, _SETTINGS_REMEDY) or {}).get("port")
    return port if isinstance(port, int) and 0 < port < 65536 else None


def _reach(folder: StateFolder) -> LocalAws:
    return LocalAws(f"https://{ports.LOOPBACK}:{_port(folder)}", folder.certificate, secret=folder.secret())


def _start_emulator(folder: StateFolder, requested_port: int | None) -> None:
    _check_state(folder)
    if certificate.remove_damaged(folder.certificate):
        console.warn(f"{folder.certificate} is damaged; a new one is made")
        # It trusts the one that it read when it started.
        process.stop(folder.process_file("delivery"), _WORKER_STOP_SECONDS)
    last = _port(folder)
    deadline = monotonic() + _PORT_RELEASE_SECONDS
    while last is not None and not ports.is_free(last) and monotonic() < deadline:
        sleep(0.05)
    port = ports.choose(requested_port, last, ports.default_port(folder.root))
    interpreter = installation.python()
    for made in ("ministack-lambda-*", "athena-*"):
        for leftover in folder.temporary.glob(made):
            shutil.rmtree(leftover, ignore_errors=True)
    files.write_json(folder.settings_file, {"port": port})
    log = folder.log("emulator")
    if log.is_file() and log.stat().st_size > _MAX_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    command = [str(interpreter), "-P", "-m", "tools.localaws.emulator"]
    with console.stage(f"start the emulator on port {port}"):
        process.start(command, _emulator_environment(folder, port), folder.root, log, folder.process_file("emulator"))


def _emulator_environment(folder: StateFolder, port: int) -> dict[str, str]:
    inherited = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "LC_ALL", SHORTEST_WINDOW_VARIABLE, request_log.VARIABLE)
        if name in os.environ
    }
    return {
        **inherited,
        "PYTHONPATH": str(paths.REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(folder.temporary),
        "LAKE_PROCESS_LOCK": str(folder.process_lock("emulator")),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": ports.LOOPBACK,
        "MINISTACK_HOST": ports.LOOPBACK,
        "MINISTACK_REGION": REGION,
        "USE_SSL": "1",
        "AUTH": "true",
        "PERSIST_STATE": "1",
        # Of the accounts' roots; a function gets keys of its own instead.
        "AWS_SECRET_ACCESS_KEY": folder.secret(),
        "STATE_DIR": str(folder.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder.objects),
        # Listeners and helpers that nothing here uses.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder.temporary}/no-docker.sock",
    }


def _check_state(folder: StateFolder) -> None:
    if any(folder.state.glob("*.json")) or any(folder.state.glob("*.journal")):
        raise LakeError(
            f"{folder.state} is of an earlier version, which this one cannot read; "
            "remove all data of local AWS with: python -m tools.local down --purge"
        )
    if any(folder.objects.iterdir()) and not folder.database.exists():
        raise LakeError(f"{folder.database} is missing, though {folder.objects} holds objects; {REMEDY}")


def _wait_until_healthy(folder: StateFolder) -> bool:
    local = _reach(folder)
    deadline = monotonic() + _START_SECONDS
    while not is_healthy(local):
        if process.find_recorded(folder.process_file("emulator")) is None:
            return False
        if monotonic() > deadline:
            raise _start_error(folder, "emulator")
        sleep(0.1)
    return True


def _start_error(folder: StateFolder, part: str) -> LakeError:
    last = process.last_lines(folder.log(part), 3)
    if last and last[-1].startswith(_ERROR_PREFIX):
        return LakeError(last[-1].removeprefix(_ERROR_PREFIX))
    log_end = " | ".join(last) or "nothing"
    return LakeError(f"the {part} process did not start; the end of {folder.log(part)}: {log_end}")


def _start_worker(folder: StateFolder) -> None:
    command = [sys.executable, "-P", "-m", "tools.localaws.firehose", "--home", str(folder.root)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # Memory that its many threads have freed is used again, by whichever thread.
    environment = {**inherited, "PYTHONPATH": str(paths.REPOSITORY), "MALLOC_ARENA_MAX": "1"}
    folder.delivery_status.unlink(missing_ok=True)
    with console.stage("start the delivery worker"):
        started = process.start(
            command, environment, folder.root, folder.log("delivery"), folder.process_file("delivery")
        )
        deadline = monotonic() + _START_SECONDS
        while (files.read_json(folder.delivery_status, REMEDY) or {}).get("pid") != started.pid:
            if started.find() is None or monotonic() > deadline:
                raise _start_error(folder, "delivery")
            sleep(0.05)

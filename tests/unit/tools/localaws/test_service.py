from __future__ import annotations

import subprocess
import sys
import threading
from time import monotonic, sleep

import psutil
import pytest

from tools import files, paths
from tools.errors import LakeError
from tools.localaws import service
from tools.localaws.service import LocalAws
from tools.localaws.state_folder import StateFolder


@pytest.fixture(autouse=True)
def _nothing_is_started(monkeypatch):
    def start(*_arguments, **_options):
        raise AssertionError("this test must not start anything")

    monkeypatch.setattr("tools.localaws.installation.python", start)
    monkeypatch.setattr("tools.localaws.process.start", start)


def test_not_running_says_how_to_start(tmp_path):
    with pytest.raises(LakeError, match=r"local AWS is not running; start it with: python -m tools\.local up"):
        service.connect(tmp_path)


def test_a_client_is_pointed_at_local_aws_and_nothing_else(tmp_path):
    given = LocalAws("https://127.0.0.1:4566", tmp_path / "ca.pem").environment("222222222222")
    assert given["AWS_ENDPOINT_URL"] == "https://127.0.0.1:4566"
    assert given["AWS_CA_BUNDLE"] == str(tmp_path / "ca.pem")
    assert given["AWS_ACCESS_KEY_ID"] == "222222222222"
    assert given["AWS_REGION"] == given["AWS_DEFAULT_REGION"] == "us-east-1"
    assert given["AWS_CONFIG_FILE"] == given["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & given.keys()


def test_a_home_has_a_secret_of_its_own_that_nobody_else_can_read(tmp_path):
    one, other = StateFolder(tmp_path / "one"), StateFolder(tmp_path / "other")
    for folder in (one, other, one):
        folder.create()
    assert one.secret() == one.secret() != other.secret()
    assert one.secret_file.stat().st_mode & 0o777 == 0o600
    assert [stat_of.stat().st_mode & 0o777 for stat_of in (one.root, one.state, one.checkpoints)] == [0o700] * 3
    given = LocalAws("https://127.0.0.1:1", tmp_path, secret=one.secret())
    assert given.environment("111111111111")["AWS_SECRET_ACCESS_KEY"] == one.secret()
    assert one.secret() not in repr(given)


def test_two_that_make_a_home_at_once_have_one_secret(tmp_path, monkeypatch):
    folder, others = StateFolder(tmp_path), []

    def make_another():
        folder.create()
        others.append(folder.secret())

    def token(_size):
        if not threads:
            threads.append(threading.Thread(target=make_another))
            threads[0].start()
            threads[0].join(0.5)
            return "a" * 64
        return "b" * 64

    threads = []
    monkeypatch.setattr("secrets.token_hex", token)
    folder.create()
    threads[0].join()
    assert others == [folder.secret()]


@pytest.mark.parametrize("content", ["", "short", "g" * 64])
def test_a_secret_that_is_damaged_opens_nothing(tmp_path, content):
    folder = StateFolder(tmp_path)
    folder.create()
    folder.secret_file.write_text(content)
    with pytest.raises(LakeError, match=r"secret is damaged.*down --purge"):
        folder.secret()


def test_a_folder_that_was_there_before_stays_as_open_as_it_was(tmp_path):
    tmp_path.chmod(0o755)
    StateFolder(tmp_path).create()
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "emulator").stat().st_mode & 0o777 == 0o700


def test_a_proxy_exception_of_the_user_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "internal.example")
    given = LocalAws("https://127.0.0.1:1", tmp_path).environment("111111111111")
    assert given["NO_PROXY"] == "internal.example,127.0.0.1"


def test_a_home_that_is_a_file_says_what_to_do(tmp_path):
    home = tmp_path / "home"
    home.write_text("")
    with pytest.raises(LakeError, match="LAKE_LOCAL_HOME"):
        service.up(home)


@pytest.mark.parametrize("file", ["emulator/process.json", "emulator/settings.json"])
def test_damaged_state_is_never_started_over(tmp_path, file):
    StateFolder(tmp_path).create()
    (tmp_path / file).write_text('{"half')
    with pytest.raises(LakeError, match=rf"{file.rpartition('/')[2]}.*remove it"):
        service.up(tmp_path)
    assert (tmp_path / file).read_text() == '{"half'


@pytest.mark.parametrize("file", ["dynamodb.json", "kinesis.00000001.journal"])
def test_state_of_an_earlier_version_is_refused(tmp_path, file):
    folder = StateFolder(tmp_path)
    folder.create()
    (folder.state / file).write_text("{}")
    with pytest.raises(LakeError, match=r"of an earlier version.*down --purge"):
        service.up(tmp_path)


def test_a_database_that_is_missing_is_never_started_over(tmp_path):
    folder = StateFolder(tmp_path)
    folder.create()
    (folder.objects / "111111111111").mkdir()
    with pytest.raises(LakeError, match=r"state\.db is missing.*down --purge"):
        service.up(tmp_path)


def test_a_start_that_fails_says_why_in_one_line(tmp_path):
    log = StateFolder(tmp_path).log("emulator")
    log.parent.mkdir(parents=True)
    log.write_text("2026-01-01 INFO\nerror: state.db is damaged; put back a good copy\n")
    assert str(service._start_error(StateFolder(tmp_path), "emulator")) == "state.db is damaged; put back a good copy"


def test_a_start_without_room_says_so(tmp_path, monkeypatch):
    def write(file, _content):
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr("tools.localaws.installation.python", lambda: "python")
    monkeypatch.setattr("tools.files.write_json", write)
    with pytest.raises(LakeError, match=r"settings\.json cannot be written \(No space left on device\); free space"):
        service.up(tmp_path)


def test_purge_removes_data_and_keeps_everything_else(tmp_path):
    StateFolder(tmp_path).create()
    (tmp_path / "deployments" / "single-account").mkdir(parents=True)
    (tmp_path / "venv-1").mkdir()
    (tmp_path / "emulator" / "process.json").write_text("garbage")
    service.purge(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} <= {"venv-1", "local.lock"}


def test_stopping_what_was_never_started_does_nothing(tmp_path):
    assert service.down(tmp_path / "nowhere") is False
    assert not (tmp_path / "nowhere").exists()


@pytest.fixture
def orphan(tmp_path):
    """A delivery worker that holds the folder and is recorded nowhere."""
    folder = StateFolder(tmp_path)
    folder.create()
    code = (
        "import sys; from pathlib import Path; from tools.localaws import process_lock; "
        "process_lock.hold(Path(sys.argv[1])); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(folder.process_lock("delivery"))]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=paths.REPOSITORY)
    running.stdout.readline()
    yield running
    running.kill()
    running.communicate()


@pytest.mark.parametrize("record", [None, "garbage", '{"pid": 4194305, "created": 1}'])
@pytest.mark.parametrize("command", [service.up, service.down, service.purge])
def test_a_process_without_a_record_is_told_and_nothing_is_started_or_removed(tmp_path, orphan, command, record):
    kept = tmp_path / "emulator" / "state" / "kept.json"
    kept.write_text("{}")
    if record:
        StateFolder(tmp_path).process_file("delivery").write_text(record)
    expected = rf"not recorded \(pid {orphan.pid}\); end it with: kill {orphan.pid}"
    if command is service.down and record == "garbage":
        expected = r"process\.json.*remove it"
    with pytest.raises(LakeError, match=expected):
        command(tmp_path)
    assert orphan.poll() is None
    assert kept.exists()


def test_a_process_that_has_just_ended_is_no_orphan(tmp_path, orphan, monkeypatch):
    orphan.kill()  # a zombie until it is waited for
    monkeypatch.setattr("tools.localaws.process_lock.find_holder", lambda _file: orphan.pid)
    deadline = monotonic() + 10
    while psutil.Process(orphan.pid).status() != psutil.STATUS_ZOMBIE and monotonic() < deadline:
        sleep(0.01)
    assert service.find_orphans(StateFolder(tmp_path)) == {}


def test_a_process_that_ends_while_it_is_looked_at_is_no_orphan(tmp_path, orphan, monkeypatch):
    def find_recorded(_file):
        orphan.kill()
        orphan.wait()

    monkeypatch.setattr("tools.localaws.process_lock.find_holder", lambda _file: orphan.pid)
    monkeypatch.setattr("tools.localaws.process.find_recorded", find_recorded)
    assert service.find_orphans(StateFolder(tmp_path)) == {}


def test_a_process_that_is_recorded_is_no_orphan(tmp_path, orphan):
    folder, running = StateFolder(tmp_path), psutil.Process(orphan.pid)
    created = running.create_time() - psutil.boot_time()
    files.write_json(folder.process_file("delivery"), {"pid": orphan.pid, "created": created})
    assert service.find_orphans(folder) == {}


@pytest.mark.parametrize("certificate", [None, "", "-----BEGIN CERTIFICATE-----\nMII"])
def test_local_aws_is_not_healthy_before_its_certificate_is_whole(tmp_path, certificate):
    if certificate is not None:
        (tmp_path / "ca.pem").write_text(certificate)

    assert not service.is_healthy(LocalAws("https://127.0.0.1:1", tmp_path / "ca.pem"))

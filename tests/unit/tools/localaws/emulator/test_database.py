from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing, suppress

import pytest

from tools.localaws.emulator.database import Database, UnusableStateError, checksum

PAGE = 16384


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def save(database, service, content=b"{}"):
    with database.transaction():
        database.execute(
            "INSERT OR REPLACE INTO settings VALUES (?, ?, ?)", service, content, checksum(service, content)
        )


def services(database):
    return [row[0] for row in database.execute("SELECT service FROM settings ORDER BY service")]


def killed_after_saving(path, *names):
    """Leaves the database as a process that was killed does: what it saved is in the log."""
    code = (
        "import os, sys; from pathlib import Path; from tests.unit.tools.localaws.emulator.test_database import *\n"
        "database = Database(Path(sys.argv[1]))\nfor name in sys.argv[2:]: save(database, name)\nos._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, path, *names], check=True)
    return path.with_name("state.db-wal")


def flip(file, position):
    with file.open("r+b") as changed:
        changed.seek(position)
        byte = changed.read(1)[0]
        changed.seek(position)
        changed.write(bytes([byte ^ 1]))


def test_a_transaction_that_fails_leaves_nothing_and_puts_memory_back(path):
    database = Database(path)
    memory = []

    def fail():
        with database.transaction():
            save(database, "iam")
            database.undo["memory"] = lambda: memory.append("put back")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (services(database), memory) == ([], ["put back"])


def test_a_failure_that_is_swallowed_within_a_transaction_fails_it(path):
    database = Database(path)

    def swallow():
        with database.transaction():
            save(database, "iam")
            with suppress(UnusableStateError):
                database.execute("INSERT INTO nothing VALUES (1)")

    with pytest.raises(UnusableStateError):
        swallow()
    assert services(database) == []
    save(database, "iam")
    assert services(database) == ["iam"]


def test_a_read_only_database_refuses_changes_says_what_to_do_and_is_still_read(path):
    database = Database(path)
    save(database, "iam")
    database.execute("PRAGMA query_only = ON")
    with pytest.raises(UnusableStateError, match=r"state\.db cannot be used .*readonly.*make .* writable"):
        save(database, "kms")
    assert services(database) == ["iam"]


def test_what_a_killed_process_committed_is_there(path):
    killed_after_saving(path, "iam", "kms")
    assert services(Database(path)) == ["iam", "kms"]


def test_a_transaction_that_a_kill_cut_off_is_not(path):
    log = killed_after_saving(path, "iam", "kms")
    os.truncate(log, log.stat().st_size - 100)
    assert services(Database(path)) == ["iam"]


@pytest.mark.parametrize("where", [10, 20, 40, 32 + 24 + PAGE * 3 // 4, -PAGE - 12, -PAGE - 20, -100])
def test_a_damaged_log_is_named_and_not_read_up_to_the_damage(path, where):
    log = killed_after_saving(path, "iam", "kms", "lambda")
    flip(log, where % log.stat().st_size)
    with pytest.raises(UnusableStateError, match=r"state\.db-wal is damaged .*down --purge"):
        Database(path)


def test_frames_of_earlier_use_of_the_log_are_no_damage(path):
    names = [f"{number:04}" for number in range(600)]
    killed_after_saving(path, *names)
    killed_after_saving(path, "last")
    assert len(services(Database(path))) == 601


def test_a_flipped_byte_is_found_or_changes_nothing(path):
    database = Database(path)
    for number in range(20):
        save(database, f"{number:02}", b"x" * 3000)
    expected = database.execute("SELECT * FROM settings ORDER BY service")
    database.close()
    whole, found = path.read_bytes(), 0
    for position in range(0, len(whole), 1999):
        flip(path, position)
        try:
            with closing(Database(path)) as damaged:
                rows = damaged.execute("SELECT * FROM settings ORDER BY service")
                for row in rows:
                    damaged.check(row, "settings")
                assert rows == expected, position
        except UnusableStateError:
            found += 1
        path.write_bytes(whole)
        path.with_name("state.db-wal").unlink(missing_ok=True)
    assert found > 20


def test_what_is_stored_last_is_stored_once_a_transaction_and_not_after_one_that_failed(path):
    database = Database(path)
    stored = []

    def change(count):
        with database.transaction():
            for _ in range(count):
                database.before_commit[f"bounds {count}"] = lambda: stored.append(count)
            if count == 2:
                raise KeyError

    change(3)
    with pytest.raises(KeyError):
        change(2)
    change(1)
    assert stored == [3, 1]


def test_a_database_of_another_version_is_refused(path):
    database = Database(path)
    database.execute("PRAGMA user_version = 1")
    database.close()
    with pytest.raises(UnusableStateError, match=r"state\.db is of another version.*down --purge"):
        Database(path)


def test_an_empty_file_is_damaged(path):
    path.write_bytes(b"")
    with pytest.raises(UnusableStateError, match=r"state\.db is of another version, or damaged; .*down --purge"):
        Database(path)


def test_a_second_process_is_refused(path):
    database = Database(path)
    save(database, "iam")
    code = "import sys, pathlib; from tools.localaws.emulator.database import *; Database(pathlib.Path(sys.argv[1]))"
    other = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert "another process uses it" in other.stderr

from __future__ import annotations

import os
import signal
import threading
from time import monotonic

import duckdb
import pytest

from tools.errors import StoppedError
from tools.lake.engines import interruption

HOURS = "SELECT count(*) FROM range(1000000) a (i), range(1000000) b (j) WHERE (i * j) % 7 = 3"


@pytest.fixture
def connection():
    connection = duckdb.connect()
    yield connection
    connection.close()


def test_ctrl_c_ends_a_query_of_hours_and_the_connection_is_free_again(connection):
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    started = monotonic()

    with pytest.raises(StoppedError, match="DuckDB has stopped"):
        interruption.run(connection, lambda: connection.execute(HOURS).fetchall(), lambda _state: None)

    assert monotonic() - started < 60
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_what_is_found_and_what_fails_comes_through(connection):
    found = interruption.run(connection, lambda: connection.execute("SELECT 2").fetchall(), lambda _state: None)

    assert found == [(2,)]
    with pytest.raises(duckdb.Error):
        interruption.run(connection, lambda: connection.execute("SELECT nothing"), lambda _state: None)


def test_how_long_it_takes_is_told(connection, monkeypatch):
    told = []
    monkeypatch.setattr(interruption, "POLL_SECONDS", 0.01)

    interruption.run(connection, lambda: threading.Event().wait(0.2), told.append)

    assert told[0].startswith("DuckDB: running, 0 s")

from __future__ import annotations

import socket

import pytest

from tools import paths
from tools.errors import LakeError
from tools.localaws import ports


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind((ports.LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_wanted_port_that_is_taken_is_refused(taken):
    with pytest.raises(LakeError, match=f"port {taken} is taken"):
        ports.choose(taken, None)


def test_the_port_used_before_is_used_again_unless_it_is_taken(taken):
    chosen = ports.choose(None, taken)
    assert chosen != taken
    assert ports.is_free(chosen)
    with socket.socket() as probe:
        probe.bind((ports.LOOPBACK, 0))
        free = probe.getsockname()[1]
    assert ports.choose(None, free) == free
    assert ports.choose(None, taken, free) == free


def test_only_the_home_of_the_checkout_wants_the_usual_port(tmp_path):
    assert ports.default_port(paths.REPOSITORY / ".local") == 4566
    assert ports.default_port(tmp_path / "one") != 4566
    assert ports.default_port(tmp_path / "one") == ports.default_port(tmp_path / "one")

from __future__ import annotations

import subprocess

import pytest

from tools.localaws import certificate


@pytest.fixture
def made(tmp_path):
    """A certificate as the emulator makes it."""
    pair = (tmp_path / "server.crt", tmp_path / "server.key")
    options = ["-subj", "/CN=local", "-addext", "basicConstraints=critical,CA:FALSE"]
    options += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-out",
        str(pair[0]),
        "-keyout",
        str(pair[1]),
    ]
    subprocess.run([*command, *options], check=True, capture_output=True)
    return pair


def test_a_certificate_that_a_connection_can_be_made_with_stays(made):
    assert not certificate.remove_damaged(made[0])
    assert all(file.exists() for file in made)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("place", [0, 0.5])
def test_damage_that_no_connection_can_be_made_with_removes_both(made, number, place):
    lines = made[number].read_bytes().splitlines(keepends=True)
    damaged = round(place * len(lines))
    lines[damaged] = lines[damaged][::-1]
    made[number].write_bytes(b"".join(lines))
    assert certificate.remove_damaged(made[0])
    assert not any(file.exists() for file in made)


def test_a_key_of_another_certificate_is_damage(made, tmp_path):
    subprocess.run(["openssl", "genrsa", "-out", str(made[1]), "2048"], check=True, capture_output=True)
    assert certificate.remove_damaged(made[0])


def test_where_there_is_none_there_is_nothing_to_remove(tmp_path):
    assert not certificate.remove_damaged(tmp_path / "server.crt")

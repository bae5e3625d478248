"""Signals and a child process: each reaches it in whatever moment it arrives, and no child is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from tools.errors import LakeError
from tools.terraform import child_process

CHILD = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: (print("interrupted", flush=True), sys.exit(3)))
print("ready", flush=True)
time.sleep(30)
"""
"""Says when it can be interrupted, and ends after half a minute at the latest."""


def run(tmp_path, on_line=lambda _: None, code=CHILD, on_stop_signal=lambda _: None, command=None):
    return child_process.run(
        command or [sys.executable, "-c", code],
        folder=tmp_path,
        environment=os.environ,
        on_line=on_line,
        on_stop_signal=on_stop_signal,
    )


def interrupt_self(number=signal.SIGINT):
    os.kill(os.getpid(), number)


def test_every_line_arrives_in_order_with_the_exit_code(tmp_path):
    lines = []

    assert run(tmp_path, lines.append, "print('a'); print('b'); raise SystemExit(5)") == (5, False)
    assert lines == ["a\n", "b\n"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_request_to_end_reach_the_child_as_an_interrupt(tmp_path, number):
    lines = []

    def on_line(line):
        lines.append(line)
        if line == "ready\n":
            interrupt_self(number)

    assert run(tmp_path, on_line) == (3, True)
    assert lines == ["ready\n", "interrupted\n"]


def test_a_signal_that_another_thread_received_reaches_the_child(tmp_path):
    ready = threading.Event()

    def interrupt_in_this_thread():
        ready.wait(30)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    thread = threading.Thread(target=interrupt_in_this_thread)
    thread.start()
    # The child says nothing more: only the signal can end the wait for its output.
    assert run(tmp_path, lambda _: ready.set()) == (3, True)
    thread.join()


def test_a_signal_before_the_child_starts_reaches_it(tmp_path, monkeypatch):
    start = subprocess.Popen

    def interrupt_and_start(*arguments, **options):
        interrupt_self()
        return start(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", interrupt_and_start)

    assert run(tmp_path, command=("sleep", "30")) == (-signal.SIGINT, True)


def test_a_child_can_be_interrupted_though_this_process_was_started_with_sigint_ignored(tmp_path):
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
        lines = []
        run(tmp_path, lines.append, code)
    finally:
        signal.signal(signal.SIGINT, previous)
    assert lines == ["True\n"]


def test_the_process_takes_signals_as_before_once_the_child_has_ended(tmp_path):
    before = [signal.getsignal(number) for number in child_process.STOP_SIGNALS]
    run(tmp_path, code="")
    assert [signal.getsignal(number) for number in child_process.STOP_SIGNALS] == before


def test_a_child_that_ignores_the_interrupt_is_named_at_each_further_one(tmp_path):
    code = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
signal.sigtimedwait([signal.SIGUSR1], 30)
"""
    named = []

    def on_stop_signal(process_id):
        named.append(process_id)
        if len(named) < 3:
            interrupt_self()
        else:
            os.kill(process_id, signal.SIGKILL)

    assert run(tmp_path, lambda _: interrupt_self(), code, on_stop_signal) == (-signal.SIGKILL, True)
    assert len(named) == 3


def test_no_child_is_left_alone_when_its_output_cannot_be_shown(tmp_path):
    started = []
    start = subprocess.Popen

    def remember(*arguments, **options):
        started.append(start(*arguments, **options))
        return started[0]

    def fail(_line):
        raise BrokenPipeError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", remember)
        with pytest.raises(BrokenPipeError):
            run(tmp_path, fail)
    assert started[0].poll() == 3


def test_a_command_that_cannot_be_started_says_why(tmp_path):
    file = tmp_path / "terraform"
    file.write_text("no program")
    file.chmod(0o755)
    with pytest.raises(LakeError, match=r"cannot be started \(Exec format error: .*terraform\)"):
        child_process.run([str(file)], folder=tmp_path, environment={}, on_line=print, on_stop_signal=print)
    with pytest.raises(LakeError, match="not on PATH"):
        child_process.read(["no-such-terraform"], folder=tmp_path, environment={})

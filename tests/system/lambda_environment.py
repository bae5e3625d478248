"""A Lambda execution environment on loopback: the real runtime client, an empty folder, and a small runtime API.

The function's process can import what Lambda would give it: Python's own library, the runtime client, and the unpacked
zip. (AWS documentation: "Using the Lambda runtime API for custom runtimes", version 2018-06-01.)
"""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import threading
import time
import uuid
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

_HANDLER = "lake_transform.handler.lambda_handler"
_API = "/2018-06-01/runtime"
_RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py")

# -I and -S leave Python's own library on the path, nothing of this virtual environment. Where the runtime client would
# lie on Lambda is the second argument; the function's own folder comes first, as there.
_START = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from awslambdaric.__main__ import main
main(["awslambdaric", sys.argv[3]])
"""


@dataclass(frozen=True)
class Answer:
    """What an invocation ended with: `kind` is response, error, init error, died or timed out."""

    kind: str
    body: Any = None
    size: int = 0


@dataclass
class _Api:
    """The runtime API's side: invocations that wait for the process, answers that wait for the caller."""

    waiting: queue.Queue[tuple[str, bytes, float]] = field(default_factory=queue.Queue)
    answers: queue.Queue[tuple[str, str, bytes]] = field(default_factory=queue.Queue)


class Sandbox:
    """One execution environment after another, as Lambda starts them: a new one when the last has ended."""

    def __init__(self, package: Path, folder: Path, **environment: str) -> None:
        self._task, self._runtime = folder / "task", folder / "runtime"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(self._task)
        _copy_runtime(self._runtime)
        self._api = _Api()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self._api))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
            "AWS_LAMBDA_FUNCTION_NAME": "lake-transform",
            "LAMBDA_TASK_ROOT": str(self._task),
            "LANG": "en_US.UTF-8",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (folder / "log").open("w+b")
        self.starts = 0

    def invoke(self, event: object, *, timeout: float = 60) -> Answer:
        """Invokes the function once; on a timeout or a crash the environment ends, and the next call starts another."""
        self._ensure_process()
        request, body = str(uuid.uuid4()), json.dumps(event).encode()
        deadline = time.monotonic() + timeout
        self._api.waiting.put((request, body, time.time() + timeout))
        while True:
            try:
                kind, answered, data = self._api.answers.get(timeout=0.05)
            except queue.Empty:
                if self._process.poll() is not None and self._api.answers.empty():
                    return self._ended("died")
                if time.monotonic() > deadline:
                    return self._ended("timed out")
                continue
            if kind == "init error":
                self._process.wait(10)
                self._ended(kind)
            assert kind == "init error" or answered == request, "answered for another invocation"
            return Answer(kind, json.loads(data), len(data))

    def log(self) -> str:
        """Everything that the processes have written so far."""
        self._log.flush()
        return Path(self._log.name).read_text()

    def peak_bytes(self) -> int:
        """The most memory that the present process has held."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))

    def close(self) -> None:
        self._ended("closed")
        self._server.shutdown()
        self._server.server_close()
        self._log.close()

    def _ensure_process(self) -> None:
        if self._process is None:
            self.starts += 1
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _START, str(self._task), str(self._runtime), _HANDLER],
                cwd=self._task,
                env=self._environment,
                stdout=self._log,
                stderr=self._log,
            )

    def _ended(self, kind: str) -> Answer:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None
        # What the ended process had not fetched is not for the next one.
        for left in (self._api.waiting, self._api.answers):
            while not left.empty():
                left.get_nowait()
        return Answer(kind)


def _copy_runtime(folder: Path) -> None:
    for name in _RUNTIME:
        for file in metadata.files(name) or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), target)


def _handler_of(api: _Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            assert self.path == f"{_API}/invocation/next"
            request, body, deadline = api.waiting.get()
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", request)
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int(deadline * 1_000)))
            self.send_header(
                "Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:1:function:lake-transform"
            )
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            data = self._body()
            parts = self.path.removeprefix(f"{_API}/").split("/")
            if parts == ["init", "error"]:
                api.answers.put(("init error", "", data))
            else:
                _, request, kind = parts
                api.answers.put((kind, request, data))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers["Content-Length"]))
            data = b""
            while size := int(self.rfile.readline(), 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is the function's own."""

    return Handler

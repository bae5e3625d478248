"""As much of S3 and Lambda as the job asks for, on the loopback interface and in memory."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_METADATA = "x-amz-meta-"


class Lake:
    """Objects of one bucket by key, each its bytes and metadata, and the variables of the function."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.variables = variables
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.refused = 0
        """Puts that found an object where none was to be."""
        self.lock = threading.Lock()

    def put(self, key: str, body: bytes, metadata: dict[str, str], *, where_nothing_is: bool) -> bool:
        """Keeps an object; False where one is that may not be replaced."""
        with self.lock:
            if where_nothing_is and key in self.objects:
                self.refused += 1
                return False
            self.objects[key] = body, metadata
            return True


@contextmanager
def serving(lake: Lake) -> Iterator[str]:
    """Yields the address of a server of a lake, path style."""
    handler = type("Handler", (_Handler,), {"lake": lake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lake: Lake

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if "/functions/" in path:
            said = {"Version": "7", "Environment": {"Variables": self.lake.variables}}
            self._answer(200, json.dumps(said).encode(), {"Content-Type": "application/json"})
            return
        found = self.lake.objects.get(self._key())
        if found is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            self._answer(200, found[0], {_METADATA + name: value for name, value in found[1].items()})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        body = self._body()
        metadata = {
            name.lower().removeprefix(_METADATA): value
            for name, value in self.headers.items()
            if name.lower().startswith(_METADATA)
        }
        free = self.lake.put(self._key(), body, metadata, where_nothing_is=self.headers.get("If-None-Match") == "*")
        self._answer(200 if free else 412, b"" if free else b"<Error><Code>PreconditionFailed</Code></Error>")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).split("/", 2)[2]

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"ETag": '"1"', **(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

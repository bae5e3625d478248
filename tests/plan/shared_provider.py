"""The AWS provider of one run of Terraform after the other, which costs each of them half of what its own would.

A run that starts a provider waits for it, and then reads what it says of 2,000 types, of which this configuration has
some fifty. Here processes of the provider stay (Terraform documentation: "Debugging Providers",
`TF_REATTACH_PROVIDERS`), and Terraform talks to them through a server that leaves out the types that no file names.

A process has one configuration, the last that it was given, while Terraform opens a connection for each provider block
and configures that: the server gives every configuration of a run a process of its own. Credentials, too, are those
that a process was started with: those of another account take the places of all.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import grpc

from tests.plan import schema_message
from tools.terraform import provider_mirror

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SERVICE: Final = "/tfplugin5.Provider/"
"""Terraform's own interface to a provider (github.com/hashicorp/terraform, docs/plugin-protocol/tfplugin5)."""
_ANY_SIZE: Final = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
_TYPE: Final = re.compile(r"\baws_\w+")


class SharedProvider(grpc.GenericRpcHandler):
    """Processes of the provider for the runs in the folders under `root`, of which one follows the other."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._environment: Mapping[str, str] = {}
        self._binary: Path | None = None
        self._server: grpc.Server | None = None
        self._port = 0
        self._processes: list[_Process] = []
        self._of_connection: dict[str, _Process] = {}
        self._lock = threading.Lock()
        self._named: set[str] = set()
        self._types: frozenset[str] = frozenset()
        self._schemas: dict[frozenset[str], bytes] = {}

    def variables(self, folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
        """Returns what tells Terraform of the provider in its next run, which is in `folder`.

        The provider is the one that `folder` was given; without any, there is nothing to tell.
        """
        if self._server is None or self._environment["AWS_ACCESS_KEY_ID"] != environment["AWS_ACCESS_KEY_ID"]:
            binaries = sorted((folder / ".terraform" / "providers").glob(f"{provider_mirror.PROVIDER}/*/*/*aws_v*"))
            if not binaries:
                return {}
            self.stop()
            self._start(binaries[0], environment)
        self._named = self._named or _types_in(self._root, "**/*.tf")
        self._types = frozenset(self._named | _types_in(folder, "*.tf*"))
        self._of_connection.clear()
        for process in self._processes:
            process.configuration = None
        return {"TF_REATTACH_PROVIDERS": self._processes[0].reattach_at(self._port)}

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop(None).wait()
            self._server = None
        while self._processes:
            self._processes.pop().stop()

    def _start(self, binary: Path, environment: Mapping[str, str]) -> None:
        self._binary, self._environment = binary, environment
        self._processes = [_Process(binary, environment)]
        self._server = grpc.server(ThreadPoolExecutor(), options=_ANY_SIZE)
        self._server.add_generic_rpc_handlers((self,))
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """Returns who answers a call: bytes in, bytes out, as the process would."""
        method = handler_call_details.method
        if not method.startswith(_SERVICE):
            return None
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self._answer(method.removeprefix(_SERVICE), request, context.peer())
        )

    def _answer(self, method: str, request: bytes, connection: str) -> bytes:
        if method == "GetSchema":
            return self._schema(request)
        if method == "Configure":
            self._of_connection[connection] = self._process_for(request)
        # Before it is configured, every process says the same.
        return self._of_connection.get(connection, self._processes[0]).call(method, request)

    def _schema(self, request: bytes) -> bytes:
        with self._lock:
            if self._types not in self._schemas:
                whole = self._processes[0].call("GetSchema", request)
                self._schemas[self._types] = schema_message.only(whole, self._types)
            return self._schemas[self._types]

    def _process_for(self, configuration: bytes) -> _Process:
        with self._lock:
            for wanted in (configuration, None):
                for process in self._processes:
                    if process.configuration == wanted:
                        process.configuration = configuration
                        return process
            self._processes.append(_Process(self._binary, self._environment))
            self._processes[-1].configuration = configuration
            return self._processes[-1]


class _Process:
    """A process of the provider, and the configuration that it has in a run."""

    def __init__(self, binary: Path, environment: Mapping[str, str]) -> None:
        self.configuration: bytes | None = None
        self._process = subprocess.Popen(
            [binary, "-debug"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        matches = (re.search(r"TF_REATTACH_PROVIDERS='(.+)'", line) for line in self._process.stdout)
        self._reattach = json.loads(next(filter(None, matches))[1])
        address = self._reattach[provider_mirror.PROVIDER]["Addr"]["String"]
        self._channel = grpc.insecure_channel(f"unix:{address}", options=_ANY_SIZE)

    def reattach_at(self, port: int) -> str:
        """Returns what it says of itself, with the server in its place."""
        server = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
        return json.dumps({name: {**told, "Addr": server} for name, told in self._reattach.items()})

    def call(self, method: str, request: bytes) -> bytes:
        return self._channel.unary_unary(f"{_SERVICE}{method}")(request)

    def stop(self) -> None:
        self._channel.close()
        self._process.terminate()
        self._process.communicate()


def _types_in(folder: Path, pattern: str) -> set[str]:
    return {name for file in folder.glob(pattern) if file.is_file() for name in _TYPE.findall(file.read_text())}

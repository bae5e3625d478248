"""Acts as the one who asked for a query: whatever a query reads and writes, its caller needs the permission for.

The calls are ordinary requests to the emulator, signed with the caller's keys, so that its policies decide, those of
keys too. Source: "Security in Athena" of the Athena User Guide.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.athena.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable

_DENIED: Final = ("AccessDenied", "AccessDeniedException", "403", "Forbidden")


@dataclass
class Caller:
    """Who asked for a query: an access key, in an account and a Region.

    Attributes:
        on_loop: makes a change of what the emulator holds, in the emulator's own thread and soon.
    """

    access_key: str
    account_id: str
    region: str
    on_loop: Callable[[Callable[[], object]], None]

    @cached_property
    def s3(self) -> Any:  # noqa: ANN401  # botocore has no types
        """A client of S3."""
        return self._client("s3")

    @cached_property
    def glue(self) -> Any:  # noqa: ANN401
        """A client of Glue."""
        return self._client("glue")

    def call(self, operation: Callable[..., Any], **request: Any) -> Any:  # noqa: ANN401
        """Calls an operation of a client.

        Raises:
            QueryError: the caller may not, or the service refuses it.
        """
        error = importlib.import_module("botocore.exceptions").ClientError
        try:
            return operation(**request)
        except error as refused:
            code, message = (refused.response["Error"].get(name, "") for name in ("Code", "Message"))
            what = request.get("Key") or request.get("Prefix") or request.get("Name") or request.get("DatabaseName")
            where = f" ({request['Bucket']}/{what or ''})" if "Bucket" in request else ""
            if code in _DENIED:
                denied = f"Access denied when {refused.operation_name} was called{where}: {message}"
                raise QueryError(f"PERMISSION_DENIED: {denied}") from None
            raise QueryError(f"{code}: {message}{where}") from None

    def see_database(self, action: str, database: str) -> None:
        """Checks an action of Glue on the catalog and on a database; on a table the emulator checks it.

        Raises:
            QueryError: a policy does not let the caller.
        """
        for resource in ("catalog", f"database/{database}"):
            arn = f"arn:aws:glue:{self.region}:{self.account_id}:{resource}"
            denied = importlib.import_module("ministack.core.iam_evaluator").enforce(
                self.access_key, f"glue:{action}", "glue", self.region, resource_arn=arn
            )
            if denied is not None:
                who = getattr(denied, "principal_arn", self.access_key)
                raise QueryError(
                    f"PERMISSION_DENIED: Access denied when {action} was called: User: {who} is not authorized to "
                    f"perform: glue:{action} on resource: {arn}"
                )

    def _client(self, service: str) -> Any:  # noqa: ANN401
        evaluator = importlib.import_module("ministack.core.iam_evaluator")
        found = evaluator.resolve_credential(self.access_key, self.account_id)
        if not hasattr(found, "secret_access_key"):
            raise QueryError(f"PERMISSION_DENIED: {getattr(found, 'message', 'unknown access key')}")
        return _client(service, self.region, self.access_key, found.secret_access_key, found.session_token)


@lru_cache(maxsize=32)
def _client(service: str, region: str, access_key: str, secret: str, token: str | None) -> Any:  # noqa: ANN401
    config = importlib.import_module("botocore.config").Config(
        s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, read_timeout=300
    )
    return _session().create_client(
        service,
        region_name=region,
        endpoint_url=f"https://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        verify=str(Path(os.environ["TMPDIR"]) / "ministack-tls" / "server.crt"),
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=config,
    )


@cache
def _session() -> Any:  # noqa: ANN401
    """Returns the one session of botocore, which keeps the services' models."""
    return importlib.import_module("botocore.session").get_session()

"""Asks AWS about an account, for a few seconds at most."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

REFUSALS: Final = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedOperation",
    }
)
"""Codes by which services say that the caller may not ask (AWS documentation: the common errors of each service)."""


class Account:
    """An account of AWS in one Region; threads may share it.

    `make_client` returns a boto3 client of a service, `elsewhere` what does the same in the Region that it is given.
    """

    def __init__(
        self, make_client: Callable[[str], Any], elsewhere: Callable[[str], Callable[[str], Any]] | None = None
    ) -> None:
        self._make_client = make_client
        self._elsewhere = elsewhere
        self._clients: dict[str, Any] = {}
        # boto3's sessions are for one thread at a time, its clients for many (boto3 documentation, "Clients").
        self._making = Lock()

    def in_region(self, region: str) -> Account:
        """Returns the same account in another Region."""
        return Account(self._elsewhere(region)) if self._elsewhere else self

    def call(self, service: str, operation: str, **parameters: Any) -> Mapping[str, Any]:  # noqa: ANN401  # AWS's shapes
        """Returns what AWS answers.

        Raises:
            ClientError, BotoCoreError: it refuses, or cannot be reached.
        """
        answer: Mapping[str, Any] = getattr(self._client(service), operation)(**parameters)
        return answer

    def find(
        self,
        service: str,
        operation: str,
        absent: Collection[str],
        **parameters: Any,  # noqa: ANN401  # as above
    ) -> Mapping[str, Any] | None:
        """Returns what AWS answers; None where it answers with one of the error codes `absent`.

        Raises:
            ClientError, BotoCoreError: as `call`.
        """
        try:
            return self.call(service, operation, **parameters)
        except ClientError as error:
            if code(error) in absent:
                return None
            raise

    def pages(self, service: str, operation: str, member: str, **parameters: Any) -> list[Any]:  # noqa: ANN401  # as above
        """Returns the list `member` of all pages of an answer.

        Raises:
            ClientError, BotoCoreError: as `call`.
        """
        paginator = self._client(service).get_paginator(operation)
        return [each for page in paginator.paginate(**parameters) for each in page.get(member, [])]

    def _client(self, service: str) -> Any:  # noqa: ANN401  # a client of any service
        with self._making:
            if service not in self._clients:
                self._clients[service] = self._make_client(service)
            return self._clients[service]


def code(error: ClientError) -> str:
    """Returns the code of an error that AWS answered with."""
    return str(error.response.get("Error", {}).get("Code", ""))

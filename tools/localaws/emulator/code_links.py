"""Links by which the package of a function is fetched, as Lambda gives them: signed, and good for ten minutes.

The emulator gives links of plain HTTP, which it does not answer here, that are good for ever and for anybody.

AWS documentation: AWS Lambda API Reference, "GetFunction", "FunctionCodeLocation".
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import os
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, urlencode

from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from tools.localaws.emulator.requests import Request

FOLDER: Final = "/_ministack/lambda-code/"
"""What the paths of packages start with."""

_GOOD_SECONDS: Final = 600
_UNTIL: Final = "X-Local-Expires"
_SIGNATURE: Final = "X-Local-Signature"


def install(secret: str) -> None:
    """Makes the emulator give links that are signed with the home's secret."""

    def link(function: str) -> str:
        lambda_service: Any = importlib.import_module("ministack.services.lambda_svc")
        path = f"{FOLDER}{lambda_service.get_account_id()}/{lambda_service.get_region()}/{quote(function, safe='')}"
        return f"https://127.0.0.1:{os.environ['GATEWAY_PORT']}{signed(path, secret, int(time.time()) + _GOOD_SECONDS)}"

    replace("services.lambda_svc", "_presigned_code_url", link)


def signed(path: str, secret: str, until: int) -> str:
    """Returns a path with a query that lets whoever has it fetch what lies there, until a second of the epoch."""
    return f"{path}?{urlencode({_UNTIL: until, _SIGNATURE: _signature(path, secret, str(until))})}"


def is_good(request: Request, secret: str) -> bool:
    """Tells whether a request fetches a package by a link that is good still."""
    if request.method != "GET" or not request.path.startswith(FOLDER):
        return False
    query = parse_qs(request.query.decode("utf-8", "replace"))
    until, signature = (query.get(name, [""])[0] for name in (_UNTIL, _SIGNATURE))
    path = quote(request.path, safe="/")
    is_ours = hmac.compare_digest(signature.encode(), _signature(path, secret, until).encode())
    return is_ours and time.time() < int(until)


def _signature(path: str, secret: str, until: str) -> str:
    return hmac.new(secret.encode(), f"{path} {until}".encode(), hashlib.sha256).hexdigest()

from __future__ import annotations

import asyncio
import sys
import time
from types import ModuleType

import pytest

from tools.localaws.emulator import access, code_links
from tools.localaws.emulator.requests import Request

SECRET = "of this home"


@pytest.fixture(autouse=True)
def _emulator(monkeypatch):
    """What the gate asks of the emulator: who a request claims to come from."""
    router, evaluator = ModuleType("router"), ModuleType("iam_evaluator")
    router.extract_access_key_id = lambda headers, _query: headers.get("authorization", "")
    evaluator.is_root_access_key = lambda key: key.isdigit()
    for module in (router, evaluator):
        monkeypatch.setitem(sys.modules, f"ministack.core.{module.__name__}", module)


def refusal(path="/", host="127.0.0.1:4566", method="POST", **headers):
    pairs = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    path, _, query = path.partition("?")
    listed = [(k.encode(), v.encode()) for k, v in pairs.items()]
    scope = {"method": method, "path": path, "query_string": query.encode(), "headers": listed}
    return asyncio.run(access.refusal(Request(scope, None), SECRET))


def test_a_request_under_a_session_is_left_to_the_emulator():
    assert refusal(authorization="ASIA1") is None


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost:4566", "[::1]:4566", "127.0.0.1"])
def test_names_of_the_loopback_interface_are_answered(host):
    assert refusal(host=host, authorization="ASIA1") is None


@pytest.mark.parametrize("host", ["", "evil.example", "127.0.0.1.evil.example", "localhost@evil.example:4566"])
def test_no_other_name_is_answered(host):
    assert "loopback" in refusal(host=host, authorization="ASIA1")[1]


def test_what_is_not_signed_is_refused():
    assert refusal() == ("AccessDenied", "local AWS answers signed requests only")


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/health", "/_localstack/health", "/health", "/_aws"])
def test_paths_of_the_emulator_itself_need_the_secret(path):
    assert "x-local-aws-secret" in refusal(path, authorization="ASIA1")[1]
    assert "x-local-aws-secret" in refusal(path, x_local_aws_secret=SECRET + "x")[1]
    assert refusal(path, x_local_aws_secret=SECRET) is None


PACKAGE = "/_ministack/lambda-code/111111111111/us-east-1/f"


def test_a_package_is_handed_out_by_a_link_of_this_home_until_its_time_is_over():
    later, earlier = int(time.time()) + 60, int(time.time()) - 1
    good = code_links.signed(PACKAGE, SECRET, later)

    assert refusal(good, method="GET") is None
    for bad, method in (
        (good, "POST"),
        (good.replace("/f?", "/g?"), "GET"),
        (good.replace(str(later), str(later + 1)), "GET"),
        (PACKAGE, "GET"),
        (code_links.signed(PACKAGE, "of another home", later), "GET"),
        (code_links.signed(PACKAGE, SECRET, earlier), "GET"),
        (code_links.signed("/_ministack/reset", SECRET, later), "GET"),
    ):
        assert "x-local-aws-secret" in refusal(bad, method=method)[1]

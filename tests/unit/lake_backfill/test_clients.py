"""A put where nothing is to be says so to S3, also through a botocore that does not know the parameter."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from botocore.awsrequest import AWSResponse

from lake_backfill import clients


@pytest.fixture
def sent(monkeypatch):
    """Returns the requests that a client would send, each answered as done."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    clients.s3.cache_clear()
    seen = []
    clients.s3().meta.events.register(
        "before-send.s3.PutObject",
        lambda request, **_: (
            seen.append(request) or AWSResponse(request.url, 200, {}, SimpleNamespace(stream=lambda: iter(())))
        ),
    )
    yield seen
    clients.s3.cache_clear()


@pytest.mark.parametrize("knows", [True, False], ids=["knows it", "does not know it"])
def test_the_condition_is_a_header_that_is_signed(sent, knows):
    client = clients.s3()
    if not knows:
        client.meta.service_model.shape_for("PutObjectRequest").members.pop("IfNoneMatch", None)

    client.put_object(Bucket="lake", Key="data/a.gz", Body=b"x", IfNoneMatch="*")
    client.put_object(Bucket="lake", Key="ledger/a.json", Body=b"x")

    assert sent[0].headers["If-None-Match"] == b"*"
    assert "if-none-match" in str(sent[0].headers["Authorization"])
    assert "If-None-Match" not in sent[1].headers

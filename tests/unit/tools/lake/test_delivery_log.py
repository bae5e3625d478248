from __future__ import annotations

from tools.lake import delivery_log


def test_the_newest_delivery_error_comes_first_and_repeats_are_dropped():
    events = [
        {"timestamp": 1, "message": '{"errorCode":"Old","message":"older\\n thing"}'},
        {"timestamp": 3, "message": '{"errorCode":"S3.AccessDenied","message":"s3:PutObject denied"}'},
        {"timestamp": 2, "message": '{"errorCode":"S3.AccessDenied","message":"s3:PutObject denied"}'},
        {"timestamp": 0, "message": "plain text"},
    ]
    logs = type("Logs", (), {"filter_log_events": staticmethod(lambda **_: {"events": events})})

    assert delivery_log.errors_since(logs, "group", 0) == [
        "S3.AccessDenied: s3:PutObject denied",
        "Old: older thing",
        "plain text",
    ]

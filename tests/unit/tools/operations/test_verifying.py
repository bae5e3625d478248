from __future__ import annotations

from tools.operations.verifying import of_closed


def test_who_may_not_read_failed_records_is_told_where_they_are_and_who_may():
    said = of_closed("lake", ["errors/t/processing-failed/x", "errors/t/processing-failed/y"])

    assert "s3://lake/errors/t/processing-failed/x is closed to these credentials" in said
    assert "one of original_reader_role_arns may read it" in said
    assert of_closed("lake", []) == ""

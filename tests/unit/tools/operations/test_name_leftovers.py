from __future__ import annotations

from tests.unit.tools.operations.preflight.recorded import CALLER, PLACE, account
from tools.operations import name_leftovers
from tools.operations.preflight import kinds
from tools.operations.preflight.wanted import Name, Wanted


def test_what_has_a_name_of_ours_after_a_destroy_is_told_and_so_is_what_cannot_be_seen():
    names = (Name(kinds.FUNCTION, "transform"), Name(kinds.STREAM, "orders"), Name(kinds.TABLE, "orders"))
    answers = {
        "lambda.get_function_configuration": {},
        "kinesis.describe_stream_summary": "ResourceNotFoundException",
        "dynamodb.describe_table": "AccessDeniedException",
    }

    told = name_leftovers.lines(account(answers), Wanted(PLACE, CALLER, names=names))

    assert sorted("still there" in line for line in told) == [False, True]
    assert any(
        line.startswith("function transform is still there, and was not in the state: delete it") for line in told
    )

from __future__ import annotations

import msgspec

from tools.lake.reconcile import differences
from tools.lake.reconcile.differences import Difference


def read(text):
    return msgspec.json.decode(text, type=dict[str, msgspec.Raw])


def test_columns_that_differ_are_named_with_how_and_without_their_values():
    expected = read('{"cdc_event_id":"1","same":1.50,"digit":1.51,"text":7,"gone":null,"cdc_key":"k"}')
    found = read('{"cdc_event_id":"2","same":1.50,"digit":1.52,"text":"7","more":null,"cdc_key":"k"}')

    assert differences.between(expected, found) == (
        Difference("digit", "value"),
        Difference("gone", "not in the lake"),
        Difference("more", "not in the table"),
        Difference("text", "spelling"),
    )

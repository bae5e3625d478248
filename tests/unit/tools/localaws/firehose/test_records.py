from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tools.localaws.firehose.records import Ledger


@given(st.permutations(list(range(30))), st.integers(0, 30))
def test_position_is_the_end_of_the_settled_beginning_in_whatever_order_records_settle(order, count):
    ledger = Ledger(None)
    for number in range(30):
        ledger.read(f"{number:03}")
    settled = set()
    for number in order[:count]:
        ledger.settle(f"{number:03}")
        settled.add(number)
    beginning = next((number for number in range(31) if number not in settled), 31)
    assert ledger.position == (f"{beginning - 1:03}" if beginning else None)
    assert ledger.outstanding == 30 - beginning


def test_a_ledger_goes_on_from_where_it_was():
    ledger = Ledger("005")
    ledger.read("006")
    assert ledger.position == "005"
    ledger.settle("006")
    assert ledger.position == "006"

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.errors import LakeError
from tools.lake import result_formats
from tools.lake.engines import result_csv
from tools.lake.engines.results import Column, Result

VALUES = (
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(['"', "\n", ",", ""])
)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=6), st.integers(1, 7))
def test_what_is_written_is_read_back_and_null_stays_apart_from_empty_text(rows, size):
    result = Result((Column("a", "varchar"), Column('b"', "varchar")), iter(rows))
    data = "".join(f"{line}\n" for line in result_formats.csv_lines(result)).encode()

    read = list(result_csv.read(data[at : at + size] for at in range(0, len(data), size)))

    assert read == [("a", 'b"'), *rows]


@pytest.mark.parametrize(("data", "says"), [(b'"a"\n"b', "ends inside of a row"), (b'"a"x\n', "no CSV as Athena")])
def test_a_file_that_is_cut_or_foreign_is_an_error(data, says):
    with pytest.raises(LakeError, match=says):
        list(result_csv.read([data]))

"""A table is the same in however many blocks it is read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made.base.errors import MadeError
from made.datasets.arrays import Source
from made.datasets.uploads import csv

SOURCE = Source("t.csv", "mend it")
LINES = st.lists(
    st.sampled_from(["", "0,1", "1,0", " 2 , 3", "a,b", "1", "1,2,3", "1,x", "-1,0", "1,0.5"]),
    max_size=12,
)


def read(content: bytes, block: int) -> np.ndarray | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv, "BLOCK_BYTES", block)
        try:
            return csv.read_csv(content, SOURCE)
        except MadeError as error:
            return str(error)


def is_categories(table: np.ndarray | str) -> bool:
    return isinstance(table, np.ndarray) and table.dtype == csv.COMPACT


@given(lines=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]), block=st.integers(0, 12))
def test_blocks_change_no_table_of_categories(lines: list[str], end: str, block: int) -> None:
    content = end.join(lines).encode()
    whole, parts = read(content, 1 << 20), read(content, block)
    if is_categories(whole):
        assert np.array_equal(whole, parts)
    else:
        assert not is_categories(parts)


@pytest.mark.parametrize("block", [0, 5, 1 << 20])
def test_the_line_of_a_slip_is_that_of_the_file(block: int) -> None:
    assert "in line 6 ('cat')" in read(b"\na,b\n1,0\n\n1,1\n1,cat\n1,dog\n", block)
    assert "has 3 cells in line 4 instead of 2" in read(b"1,0\r\n1,0\r\n1,0\r\n1,0,1\r\n", block)
    assert "UTF-8 (byte 8)" in read(b"1,0\n1,0\n\xff,0\n", block)


def test_reading_ends_with_the_first_block_that_is_no_rows_of_categories() -> None:
    content = b"1,0\n" * 3 + b"1,0.5\n" + b"not,numbers\n" * 3
    table = read(content, 1)
    assert table.dtype == np.float64
    assert table[-1].tolist() == [1, 0.5]


def test_the_share_that_is_read_grows_to_the_whole() -> None:
    heard = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv, "BLOCK_BYTES", 8)
        csv.read_csv(b"1,0\n" * 20, SOURCE, lambda done, total: heard.append((done, total)))
    assert heard == sorted(heard)
    assert heard[-1] == (80, 80)
    assert len(heard) > 3

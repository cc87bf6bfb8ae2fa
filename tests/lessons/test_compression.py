"""General compressors give back what they were given; changes of a picture do what they say."""

from __future__ import annotations

import bz2
import lzma
import zlib

import numpy as np
import pytest

from made.lessons.changes import CHANGES, LEVELS, changed, level_title
from made.lessons.compression import COMPRESSORS, LAYOUTS, compressed, empty_bits

BACK = {"zlib": zlib.decompress, "bz2": bz2.decompress, "lzma": lzma.decompress}
SHAPE = (28, 28)


@pytest.fixture
def rows() -> np.ndarray:
    """Blots: sixteen discs of ink on paper."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:28, :28]
    each = [(y - a) ** 2 + (x - b) ** 2 < 30 for a, b in rng.integers(8, 20, size=(16, 2))]
    return np.array(each).reshape(16, 784).astype(np.int64)


@pytest.mark.parametrize("name", COMPRESSORS)
def test_a_file_is_the_smaller_of_two_that_both_give_the_pixels_back(name, rows):
    packed, plain = (COMPRESSORS[name](lay(rows)) for lay in LAYOUTS.values())
    assert np.array_equal(
        np.unpackbits(np.frombuffer(BACK[name](packed), np.uint8)).reshape(rows.shape), rows
    )
    assert BACK[name](plain) == rows.astype(np.uint8).tobytes()
    assert compressed(rows)[name].bits == 8 * min(len(packed), len(plain))


def test_a_file_of_nothing_has_a_size_and_together_is_less_than_alone(rows):
    together, alone = compressed(rows), compressed(rows[:1])
    for name in COMPRESSORS:
        assert 0 < empty_bits(name) < alone[name].bits
        assert together[name].bits / len(rows) < alone[name].bits


def test_mirror_and_turn_and_invert_undo_themselves_and_keep_or_turn_all_ink(rows):
    for change in ("none", "mirror", "turn", "invert"):
        once = changed(rows[0], SHAPE, change)
        assert np.array_equal(changed(once, SHAPE, change), rows[0])
    assert np.array_equal(changed(rows[0], SHAPE, "invert"), 1 - rows[0])
    assert not changed(rows[0], SHAPE, "blank").any()


def test_more_noise_keeps_what_less_has_turned_and_turns_as_many_as_it_says(rows):
    before = np.zeros(784, bool)
    for level, percent in enumerate(LEVELS["noise"]):
        turned = changed(rows[0], SHAPE, "noise", level) != rows[0]
        assert np.all(turned[before])
        assert abs(turned.mean() - percent / 100) < 3 * np.sqrt(percent / 100 / 784)
        before = turned


def test_what_is_shifted_stands_so_many_pixels_to_the_right(rows):
    picture = rows[0].reshape(SHAPE)
    for level, pixels in enumerate(LEVELS["shift"]):
        moved = changed(rows[0], SHAPE, "shift", level).reshape(SHAPE)
        assert np.array_equal(moved[:, pixels:], picture[:, :-pixels])
        assert not moved[:, :pixels].any()


def test_levels_have_names_where_there_are_some():
    titles = {change: level_title(change, 0) for change in CHANGES}
    assert (titles["noise"], titles["shift"], titles["mirror"]) == ("1 %", "1 px", "")

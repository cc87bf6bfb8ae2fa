"""The black-and-white digits are the grey ones."""

import numpy as np

from made import datasets
from made.datasets.settings import DataConfig


def test_the_black_and_white_digits_are_the_grey_ones_at_half_scale():
    grey = datasets.load(DataConfig(dataset="digits8-grey"))
    binary = datasets.load(DataConfig(dataset="digits8"))
    np.testing.assert_array_equal(grey.train >= 8, binary.train == 1)
    np.testing.assert_array_equal(grey.test >= 8, binary.test == 1)
    assert grey.train.max() == 16
    assert len(grey.train) + len(grey.validation) + len(grey.test) == 1797

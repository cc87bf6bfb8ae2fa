"""The UCI sets are those of the paper."""

import pytest


@pytest.mark.parametrize(
    "name", ["dna", "adult", "connect4", "mushrooms", "nips", "ocr_letters", "web"]
)
def test_the_uci_sets_have_the_shapes_of_the_paper(name, at_hand):
    dataset = at_hand(name)
    info = dataset.info
    assert dataset.train.shape == (info.num_train, info.num_variables)
    assert dataset.test.shape == (info.num_test, info.num_variables)
    assert dataset.train.max() == 1

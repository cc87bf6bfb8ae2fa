"""Binarized MNIST is the fixed split."""

import hashlib

import numpy as np

from made.datasets.mnist import HASHES


def test_binarized_mnist_is_the_fixed_split(at_hand):
    dataset = at_hand("binarized-mnist")
    splits = (dataset.train, dataset.validation, dataset.test)
    assert [split.shape for split in splits] == [(50_000, 784), (10_000, 784), (10_000, 784)]
    for split, expected in zip(splits, HASHES, strict=True):
        assert split.dtype == np.uint8
        assert hashlib.sha256(np.packbits(split, axis=1)).hexdigest() == expected

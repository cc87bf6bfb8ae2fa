"""One of each that can be registered from outside, as a researcher's own module has them."""

import numpy as np

import made
from made.model.encodings import Fixed
from made.model.heads import Categorical


@made.register_encoding("half")
class Half(Fixed):
    """Half of the integer."""

    def __init__(self, num_categories, width=16):
        self.width, self.peak = 1, (num_categories - 1) / 2

    def __call__(self, x, table=None):
        return x.float() / 2


@made.register_head("softmax")
class Softmax(Categorical):
    title = "Softmax"


@made.register_dataset("stripes")
def stripes(num_samples, data_seed):
    """Nine columns that are all alike."""
    bits = np.random.default_rng(data_seed).integers(2, size=(num_samples, 1))
    return np.repeat(bits, 9, axis=1)


@made.register_ordering("odd-first")
def odd_first(num_variables, generator):
    return sorted(range(num_variables), key=lambda variable: variable % 2 == 0)


@made.register_ordering("rotated", is_random=True)
def rotated(num_variables, generator):
    return np.roll(np.arange(num_variables), generator.integers(num_variables))


@made.register_preset("striped", title="Stripes from outside")
def striped():
    return {"dataset": "stripes", "num_samples": 1000, "hidden_sizes": 8, "encoding": "half"}

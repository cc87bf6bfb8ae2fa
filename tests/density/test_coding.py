"""A code decodes to its row, is as long as the row is surprising, and ends by itself."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from made.base.errors import MadeError
from made.density import likelihood
from made.density.coding import BLOCK, decode, encode, quantisation
from made.density.density import Density
from made.model.build import build_model
from made.model.settings import MaskConfig, ModelConfig


def shaken(network, seed: int = 0):
    """Weights that make some states likely and others not."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.7)
    network.hide_weights()
    return network.eval()


def bits_of(network, rows: np.ndarray, mask_set: int = 0) -> np.ndarray:
    """-log2 p of rows, (N,)."""
    with torch.no_grad():
        found = likelihood.log_prob(network, torch.from_numpy(rows), [mask_set])
    return -found.double().numpy() / np.log(2)


def test_every_row_is_coded_and_decoded_whatever_the_network(every_made, mask_sets):
    rng = np.random.default_rng(0)
    for label, network in every_made(4):
        for mask_set in mask_sets(network):
            row = rng.integers(network.num_categories, size=4)
            bits = encode(network, row, mask_set)
            assert np.array_equal(decode(network, bits, mask_set), row), (label, mask_set)


def test_a_network_without_a_layout_is_asked_place_by_place():
    network = shaken(build_model(ModelConfig(model="naive", hidden_sizes=(8,)), MaskConfig(), 2, 5))
    assert network.sorted(0) is None
    for row in product(range(5), repeat=2):
        assert decode(network, encode(network, np.array(row))).tolist() == list(row)


@pytest.fixture(scope="module")
def small():
    """Three variables of three categories in a random ordering."""
    masks = MaskConfig(ordering="random", mask_seed=4)
    return shaken(build_model(ModelConfig(hidden_sizes=(9,)), masks, 3, 3))


def test_codes_of_all_states_are_as_long_as_their_surprise_and_none_begins_another(small):
    states = np.array(list(product(range(3), repeat=3)))
    codes = [encode(small, state) for state in states]
    lengths = np.array([len(code) for code in codes])
    exact = bits_of(small, states)
    assert exact.max() > 2 * exact.min()
    rounding = 1e-5 * exact  # of likelihoods in float32
    assert np.all(lengths <= exact + 2 + quantisation(small) + rounding)
    assert np.all(lengths >= exact - quantisation(small) - rounding)
    assert (0.5**lengths).sum() <= 1
    for one, other in product(range(len(codes)), repeat=2):
        assert one == other or not codes[other].startswith(codes[one])


def test_the_mean_length_of_its_own_draws_is_the_entropy_of_the_model(small):
    states = np.array(list(product(range(3), repeat=3)))
    exact = bits_of(small, states)
    probabilities = 2.0**-exact
    entropy = (probabilities * exact).sum()
    mean = sum(p * len(encode(small, x)) for p, x in zip(probabilities, states, strict=True))
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert entropy <= mean < entropy + 2


def test_what_follows_a_code_does_not_matter(small):
    row = np.array([2, 0, 1])
    for more in ("", "0", "1", "0110", "1" * 40):
        assert np.array_equal(decode(small, encode(small, row) + more), row)


def test_long_rows_are_coded_in_many_blocks_to_within_two_bits():
    size = 3 * BLOCK + 5
    model = ModelConfig(encoding="raw", hidden_sizes=(40,), direct_connections=True)
    network = shaken(build_model(model, MaskConfig(ordering="random"), size, 2))
    rows = Density(network).sample(4, seed=1).numpy()
    for row, exact in zip(rows, bits_of(network, rows), strict=True):
        bits = encode(network, row)
        assert np.array_equal(decode(network, bits), row)
        assert exact - 1e-3 <= len(bits) <= exact + 2 + quantisation(network) + 1e-3


def test_a_value_of_no_probability_at_all_can_still_be_coded():
    network = build_model(ModelConfig(encoding="raw", hidden_sizes=(4,)), MaskConfig(), 2, 2).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.zero_()
        network.output_bias.fill_(500.0)
    bits = encode(network, np.zeros(2, np.int64))
    assert 64 <= len(bits) <= 66  # a count of one out of 2^32, twice
    assert decode(network, bits).tolist() == [0, 0]
    assert decode(network, encode(network, np.ones(2, np.int64))).tolist() == [1, 1]


def test_what_is_no_code_and_what_is_no_density_is_said(small):
    with pytest.raises(MadeError, match="0 and 1 only"):
        decode(small, "01b")
    plain = build_model(ModelConfig(hidden_sizes=(9,)), MaskConfig(autoregressive=False), 3, 3)
    with pytest.raises(MadeError, match="no density"):
        encode(plain, np.zeros(3, np.int64))

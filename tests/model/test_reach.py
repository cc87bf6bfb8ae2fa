"""Paths from degrees alone: the same as those of the product of all masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made.model.masks import MaskBank, MaskSet
from made.model.reach import Reach
from made.model.settings import MaskConfig

# Any degrees at all: also such as no rule draws, whose units see nothing or lead nowhere.
DEGREES = st.lists(st.lists(st.integers(1, 7), min_size=1, max_size=6), max_size=3)
SETTINGS = st.fixed_dictionaries(
    {
        "ordering": st.sampled_from(["natural", "random"]),
        "degrees": st.sampled_from(["uniform", "even"]),
        "mask_seed": st.integers(0, 50),
        "num_connectivities": st.sampled_from([1, 3]),
        "autoregressive": st.booleans(),
    }
)
SIZES = st.lists(st.integers(1, 6), max_size=3).map(tuple)


def mask_set_of(settings: dict, num_variables: int, hidden_sizes: tuple[int, ...]) -> MaskSet:
    return MaskBank(MaskConfig(**settings), num_variables, hidden_sizes).mask_set(0)


@given(SETTINGS, st.integers(2, 8), SIZES, st.booleans())
def test_an_output_sees_what_the_product_of_the_masks_lets_it_see(
    settings, num_variables, hidden_sizes, has_direct
):
    masks = mask_set_of(settings, num_variables, hidden_sizes)
    expected = masks.paths(has_direct)
    reach = Reach(masks, has_direct)
    found = np.stack([reach.seen_by(output) for output in range(num_variables)])
    np.testing.assert_array_equal(found, expected)


@given(st.integers(0, 50), DEGREES, st.booleans())
def test_degrees_that_no_rule_draws_have_the_paths_of_their_masks(seed, degrees, has_direct):
    ordering = mask_set_of({"ordering": "random", "mask_seed": seed}, 8, ()).ordering
    masks = MaskSet(ordering, tuple(map(np.array, degrees)))
    reach = Reach(masks, has_direct)
    found = np.stack([reach.seen_by(output) for output in range(8)])
    np.testing.assert_array_equal(found, masks.paths(has_direct))
    if degrees:
        check_layers(masks, 8)


@given(SETTINGS, st.integers(2, 8), SIZES.filter(bool))
def test_units_on_the_way_and_links_and_shares_are_those_of_the_masks(
    settings, num_variables, hidden_sizes
):
    check_layers(mask_set_of(settings, num_variables, hidden_sizes), num_variables)


def check_layers(masks: MaskSet, num_variables: int) -> None:
    reach, matrices = Reach(masks), masks.layer_masks()
    assert reach.shares_kept() == pytest.approx([mask.mean() for mask in matrices])
    assert reach.direct_share_kept() == pytest.approx(masks.direct_mask().mean())
    for layer, mask in enumerate(matrices):
        units = [np.arange(size) for size in mask.shape]
        np.testing.assert_array_equal(reach.has_link(layer, units[1], units[0]), mask)
    for layer in range(1, len(masks.degrees) + 1):
        below = np.linalg.multi_dot([*matrices[:layer][::-1], np.eye(num_variables)]) > 0
        above = np.linalg.multi_dot([np.eye(num_variables), *matrices[layer:][::-1]]) > 0
        for output in range(num_variables):
            expected = below.any(axis=1) & above[output]
            np.testing.assert_array_equal(reach.on_the_way_to(output, layer), expected)

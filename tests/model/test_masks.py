"""Masks: no path against the ordering, degrees within bounds, mask sets rebuilt from a seed."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made.model import orderings
from made.model.masks import DEGREE_DRAWS, MaskBank, MaskSet
from made.model.orderings import Ordering
from made.model.settings import MaskConfig

layer_sizes = st.lists(st.integers(1, 9), max_size=3).map(tuple)
seeds = st.integers(0, 2**31 - 1)


@st.composite
def mask_configs(draw) -> MaskConfig:
    low = draw(st.integers(1, 12))
    return MaskConfig(
        ordering=draw(st.sampled_from(["natural", "reversed", "random"])),
        num_orderings=draw(st.integers(0, 4)),
        num_connectivities=draw(st.integers(0, 4)),
        mask_interval=draw(st.integers(1, 5)),
        degrees=draw(st.sampled_from(sorted(DEGREE_DRAWS))),
        degree_low=low,
        degree_high=draw(st.integers(low, 14)),
        mask_seed=draw(seeds),
        ensemble_size=draw(st.integers(1, 6)),
    )


@st.composite
def banks(draw, min_variables: int = 1) -> MaskBank:
    num_variables = draw(st.integers(min_variables, 12))
    return MaskBank(draw(mask_configs()), num_variables, draw(layer_sizes))


def paths(mask_set: MaskSet) -> np.ndarray:
    """How many paths lead from each input to each output: (D, D), outputs first."""
    num_variables = len(mask_set.ordering)
    masks = mask_set.layer_masks()
    count = np.eye(num_variables, dtype=np.int64)
    for mask in masks:
        count = mask.astype(np.int64) @ count
    return count if masks else np.zeros_like(count)


def same(one: MaskSet, other: MaskSet) -> bool:
    pairs = zip(one.layer_masks(), other.layer_masks(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs) and np.array_equal(
        one.ordering.position, other.ordering.position
    )


@given(bank=banks(), index=st.integers(0, 50))
def test_every_path_goes_strictly_forward_along_the_ordering(bank: MaskBank, index: int) -> None:
    mask_set = bank.mask_set(index)
    sequence = mask_set.ordering.sequence
    for reach in (paths(mask_set), mask_set.direct_mask()):
        along = reach[np.ix_(sequence, sequence)]
        assert not np.triu(along).any()


@given(bank=banks(), index=st.integers(0, 50))
def test_direct_connections_miss_nothing_that_the_ordering_allows(
    bank: MaskBank, index: int
) -> None:
    place = bank.mask_set(index).ordering.position
    expected = [[place[j] < place[i] for j in range(len(place))] for i in range(len(place))]
    assert bank.mask_set(index).direct_mask().tolist() == expected


@given(bank=banks(), index=st.integers(0, 50))
def test_masks_are_the_published_comparisons_of_degrees(bank: MaskBank, index: int) -> None:
    mask_set = bank.mask_set(index)
    place = mask_set.ordering.position + 1
    masks = mask_set.layer_masks()
    if not mask_set.degrees:
        assert masks == []
        return
    layers = [place, *mask_set.degrees]
    for mask, (below, above) in zip(masks, pairwise(layers), strict=False):
        assert mask.tolist() == [[bool(k >= j) for j in below] for k in above]
    assert masks[-1].tolist() == [[bool(d > k) for k in mask_set.degrees[-1]] for d in place]


@given(bank=banks(), index=st.integers(0, 50))
def test_degrees_stay_within_bounds_and_not_below_the_layer_before(
    bank: MaskBank, index: int
) -> None:
    degrees = bank.mask_set(index).degrees
    assert tuple(map(len, degrees)) == bank.hidden_sizes
    highest = max(1, bank.num_variables - 1)
    low, high = 1, highest
    if bank.config.degrees == "range":
        low, high = min(bank.config.degree_low, highest), min(bank.config.degree_high, highest)
    for layer in degrees:
        assert low <= layer.min()
        assert layer.max() <= high
        low = layer.min()


@given(bank=banks(), index=st.integers(0, 50))
def test_a_mask_set_is_rebuilt_exactly_from_seed_and_index(bank: MaskBank, index: int) -> None:
    again = MaskBank(bank.config, bank.num_variables, bank.hidden_sizes)
    again.mask_set(index + 1)
    assert same(bank.mask_set(index), again.mask_set(index))


@given(bank=banks(), step=st.integers(0, 300))
def test_mask_sets_change_with_the_interval_and_cycle(bank: MaskBank, step: int) -> None:
    index = bank.index_at(step)
    since = step // bank.config.mask_interval
    if bank.is_fresh:
        assert index == since
        return
    assert index == since % bank.cycle
    period = bank.cycle * bank.config.mask_interval
    assert bank.index_at(step + period) == index
    assert same(bank.mask_set(since), bank.mask_set(index))


@given(bank=banks(min_variables=3))
def test_one_cycle_pairs_every_draw_that_can_meet(bank: MaskBank) -> None:
    counts = (bank.num_orderings, bank.num_connectivities)
    if 0 in counts:
        assert bank.is_fresh
        assert bank.cycle == 0
        assert len(bank.evaluation_indices()) == bank.config.ensemble_size
    else:
        assert bank.cycle == math.lcm(*counts)
        assert len(bank.evaluation_indices()) == min(bank.cycle, bank.config.ensemble_size)


def test_fresh_mask_sets_differ_and_cycled_ones_return() -> None:
    def orderings_and_degrees(**values) -> list[tuple]:
        bank = MaskBank(MaskConfig(**values), 12, (30,))
        sets = [bank.mask_set(bank.index_at(step)) for step in range(12)]
        return [(tuple(s.ordering.position), tuple(s.degrees[0])) for s in sets]

    fresh = orderings_and_degrees(ordering="random", num_orderings=0, num_connectivities=0)
    assert len({order for order, _ in fresh}) == len({degrees for _, degrees in fresh}) == 12
    cycled = orderings_and_degrees(ordering="random", num_orderings=2, num_connectivities=3)
    assert len(set(cycled)) == 6
    assert cycled[:6] == cycled[6:]
    slow = orderings_and_degrees(num_connectivities=3, mask_interval=4)
    assert [slow.index(one) for one in slow] == [0] * 4 + [4] * 4 + [8] * 4


@pytest.mark.parametrize("stream", ["ordering", "connectivity"])
def test_orderings_and_connectivities_are_drawn_apart(stream: str) -> None:
    both = MaskBank(MaskConfig(ordering="random", num_orderings=4, num_connectivities=3), 9, (20,))
    if stream == "ordering":
        alone = MaskBank(MaskConfig(ordering="random", num_orderings=4), 9, ())
        assert all(
            np.array_equal(both.mask_set(i).ordering.position, alone.mask_set(i).ordering.position)
            for i in range(12)
        )
    else:
        alone = MaskBank(MaskConfig(num_connectivities=3), 9, (20,))
        assert all(
            np.array_equal(both.mask_set(i).degrees[0], alone.mask_set(i).degrees[0])
            for i in range(12)
        )


@given(seed=seeds, other=seeds)
def test_the_seed_decides_the_masks(seed: int, other: int) -> None:
    one, two = (
        MaskBank(MaskConfig(ordering="random", mask_seed=value), 30, (40,)).mask_set(0)
        for value in (seed, other)
    )
    assert same(one, two) == (seed == other)


def test_uniform_degrees_are_equally_likely() -> None:
    drawn = DEGREE_DRAWS["uniform"](6000, 1, 6, np.random.default_rng(0))
    values, counts = np.unique(drawn, return_counts=True)
    assert values.tolist() == [1, 2, 3, 4, 5, 6]
    assert ((counts - 1000) ** 2 / 1000).sum() < 20.5  # 99.9 % of chi-square with 5 degrees


@given(
    num_units=st.integers(1, 60),
    low=st.integers(1, 20),
    width=st.integers(0, 20),
    seed=seeds,
)
def test_even_degrees_are_as_equal_in_number_as_can_be(
    num_units: int, low: int, width: int, seed: int
) -> None:
    drawn = DEGREE_DRAWS["even"](num_units, low, low + width, np.random.default_rng(seed))
    counts = np.bincount(drawn - low, minlength=width + 1)
    assert len(drawn) == num_units
    assert len(counts) == width + 1
    assert counts.max() - counts.min() <= 1


def test_units_of_a_single_connectivity_are_sorted_so_that_masks_are_staircases() -> None:
    mask_set = MaskBank(MaskConfig(), 10, (25, 30)).mask_set(0)
    for mask in mask_set.layer_masks():
        sees = mask.sum(axis=1)
        assert (np.diff(sees) >= 0).all()
        assert all(row[:count].all() for row, count in zip(mask, sees, strict=True))


def test_units_of_several_connectivities_change_their_degree() -> None:
    bank = MaskBank(MaskConfig(num_connectivities=2), 50, (200,))
    one, two = (bank.mask_set(index).degrees[0] for index in (0, 1))
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.3


@pytest.mark.parametrize("num_variables", [1, 2])
@pytest.mark.parametrize("degrees", sorted(DEGREE_DRAWS))
def test_below_three_variables_all_connectivities_are_equal(
    num_variables: int, degrees: str
) -> None:
    bank = MaskBank(
        MaskConfig(num_connectivities=0, degrees=degrees, degree_low=3, degree_high=5),
        num_variables,
        (5, 4),
    )
    assert bank.cycle == 1
    assert all(same(bank.mask_set(0), bank.mask_set(index)) for index in range(5))
    assert all((layer == 1).all() for layer in bank.mask_set(3).degrees)


def test_a_plain_autoencoder_hides_nothing() -> None:
    bank = MaskBank(MaskConfig(autoregressive=False, ordering="random", num_orderings=0), 4, (5, 3))
    mask_set = bank.mask_set(0)
    assert bank.cycle == 1
    assert [mask.shape for mask in mask_set.layer_masks()] == [(5, 4), (3, 5), (4, 3)]
    assert all(mask.all() for mask in [*mask_set.layer_masks(), mask_set.direct_mask()])


@given(bank=banks(), index=st.integers(0, 50), direct=st.booleans())
def test_the_report_says_what_the_paths_say(bank: MaskBank, index: int, direct: bool) -> None:
    mask_set = bank.mask_set(index)
    report = mask_set.report(direct)
    reach = paths(mask_set) + (mask_set.direct_mask() if direct else 0)
    sequence = mask_set.ordering.sequence
    unseen = {int(d) for d in sequence[:-1] if not reach[:, d].any()}
    blind = {int(d) for d in sequence[1:] if not reach[d].any()}
    assert set(report.unseen_inputs) == unseen
    assert set(report.blind_outputs) == blind
    assert len(report.dead_units) == len(mask_set.degrees)


@st.composite
def any_mask_sets(draw) -> MaskSet:
    """Degrees that no bank would draw, too, such as those of units that see nothing."""
    number = draw(st.integers(1, 9))
    layer = st.lists(st.integers(1, max(1, number - 1)), min_size=1, max_size=6).map(np.array)
    ordering = orderings.random(number, np.random.default_rng(draw(seeds)))
    degrees = draw(st.lists(layer, max_size=4).map(tuple))
    return MaskSet(ordering, degrees, draw(st.booleans()))


@given(mask_set=any_mask_sets(), direct=st.booleans())
def test_paths_and_dead_units_are_those_of_the_product_of_all_masks(
    mask_set: MaskSet, direct: bool
) -> None:
    reach = paths(mask_set) + (mask_set.direct_mask() if direct else 0)
    assert np.array_equal(mask_set.paths(direct), reach > 0)
    masks = [mask.astype(np.int64) for mask in mask_set.layer_masks()]
    for layer, dead in enumerate(mask_set.dead_units(), start=1):
        before, after = np.eye(len(mask_set.ordering), dtype=np.int64), masks[layer]
        for mask in masks[:layer]:
            before = mask @ before
        for mask in masks[layer + 1 :]:
            after = mask @ after
        assert np.array_equal(dead, ~before.any(axis=1) | ~after.any(axis=0))


NATURAL = orderings.natural(4)


@pytest.mark.parametrize(
    ("degrees", "unseen", "blind", "dead"),
    [
        pytest.param(((1, 2, 3),), (), (), (0,), id="nothing is lost"),
        pytest.param(((1, 1),), (1, 2), (), (0,), id="only the first input is read"),
        pytest.param(((3, 3),), (), (1, 2), (0,), id="only the last output is served"),
        pytest.param(((1, 3, 3), (1, 2)), (1, 2), (), (2, 0), id="units above the next layer"),
        pytest.param(((2, 3), (1, 2, 3)), (), (1,), (0, 1), id="units below the layer before"),
        pytest.param((), (0, 1, 2), (1, 2, 3), (), id="no layer at all"),
    ],
)
def test_the_report_finds_what_was_cut_off_on_purpose(degrees, unseen, blind, dead) -> None:
    mask_set = MaskSet(NATURAL, tuple(np.array(layer) for layer in degrees))
    report = mask_set.report()
    assert report.unseen_inputs == unseen
    assert report.blind_outputs == blind
    assert report.dead_units == dead


def test_direct_connections_leave_nothing_unseen_or_blind() -> None:
    report = MaskSet(NATURAL, (np.array([1, 1]),)).report(direct_connections=True)
    assert report.unseen_inputs == report.blind_outputs == ()


def test_the_report_names_variables_not_places() -> None:
    backwards = MaskSet(Ordering(np.array([3, 2, 1, 0])), (np.array([1, 1]),))
    assert backwards.report().unseen_inputs == (1, 2)
    rotated = MaskSet(Ordering(np.array([1, 2, 3, 0])), (np.array([1]),))
    assert rotated.report().unseen_inputs == (0, 1)

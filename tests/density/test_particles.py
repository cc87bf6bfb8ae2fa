"""Particles follow the exact conditional given any variables, and tell how far to trust them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from made.base.errors import MadeError
from made.density import likelihood, particles
from made.density.density import Density
from made.density.particles import Particles, complete, systematic
from made.model.masks import MaskSet
from made.model.orderings import Ordering


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def given(joint: np.ndarray, known: dict[int, int]) -> tuple[np.ndarray, float]:
    """p(unknown | known), one axis for each unknown variable, and p(known)."""
    part = joint[tuple(known.get(axis, slice(None)) for axis in range(joint.ndim))]
    return part / part.sum(), float(part.sum())


def weighted(found: Particles, known: dict[int, int], num_categories: int) -> np.ndarray:
    """The weight of each state of the unknown variables."""
    free = [variable for variable in range(found.rows.shape[1]) if variable not in known]
    table = np.zeros((num_categories,) * len(free))
    np.add.at(table, tuple(found.rows[:, free].numpy().T), found.weights)
    return table


def is_near(found: Particles, exact: np.ndarray, known: dict[int, int]) -> bool:
    """Whether the total variation is within what so many independent draws would leave.

    Of n draws sum |error| / 2 has a mean of at most sqrt(states / n) / 2; three times that is far.
    """
    table = weighted(found, known, exact.shape[0])
    distance = np.abs(table - exact).sum() / 2
    return distance < 1.5 * np.sqrt(exact.size / found.num_families)


def test_the_check_tells_other_conditionals_apart(density) -> None:
    model = density(4, 2, hidden_sizes=(9,))
    joint = np.exp(model.log_joint())
    known = {1: 1, 3: 0}
    found = complete(model.network, (0,), known, 4_000, generator())
    exact, _ = given(joint, known)
    other, _ = given(joint, {1: 0, 3: 0})
    assert is_near(found, exact, known)
    assert not is_near(found, other, known)
    equal = np.full(4_000, 1 / 4_000)
    unweighted = Particles(found.rows, equal, np.arange(4_000), found.sample_sizes, 0, 0.0)
    assert not is_near(unweighted, exact, known)


@pytest.mark.parametrize("known", [{3: 1}, {0: 1, 2: 0}, {1: 0, 3: 1}], ids=str)
def test_particles_follow_the_exact_conditional(every_made, mask_sets, known: dict) -> None:
    for label, model in every_made(4):
        for mask_set in mask_sets(model):
            joint = np.exp(likelihood.log_joint(model, (mask_set,)))
            exact, evidence = given(joint, known)
            found = complete(model, (mask_set,), known, 2_000, generator(3))
            assert is_near(found, exact, known), (label, mask_set)
            error = 1 / np.sqrt(found.num_families)
            assert abs(np.exp(found.log_evidence) / evidence - 1) < 5 * error, (label, mask_set)
            for variable, value in known.items():
                assert (found.rows[:, variable] == value).all(), (label, mask_set)


def contrary(density, **values) -> Density:
    """Twelve variables that expect each other, so that surprises make weights differ."""
    return density(12, 2, hidden_sizes=(20, 20), direct_connections=True, seed=4, **values)


@pytest.fixture
def resampling(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the least difference of weights."""
    monkeypatch.setattr(particles, "RESAMPLE_BELOW", 0.95)


SURPRISING = {2: 1, 3: 0, 5: 1, 6: 1, 8: 0, 10: 1}


@pytest.mark.parametrize("mixed", [False, True], ids=["one mask set", "mixture"])
def test_the_estimate_of_the_evidence_has_no_bias(density, resampling, mixed: bool) -> None:
    masks = {"ordering": "random", "num_orderings": 3} if mixed else {}
    model = contrary(density, **masks)
    _, exact = given(np.exp(model.log_joint()), SURPRISING)
    runs = [
        complete(model.network, model.mask_sets, SURPRISING, 24, generator(seed))
        for seed in range(400)
    ]
    estimates = np.exp([run.log_evidence for run in runs])
    assert np.mean([run.num_resamplings for run in runs]) > 1
    assert abs(estimates.mean() - exact) < 3 * estimates.std() / np.sqrt(len(runs))
    assert estimates.std() / np.sqrt(len(runs)) < 0.1 * exact


def test_means_over_many_runs_are_the_exact_ones_with_resampling(density, resampling) -> None:
    """Each weighted mean times its evidence is unbiased, whatever was resampled on the way."""
    model = contrary(density, ordering="random")
    joint = np.exp(model.log_joint())
    exact, evidence = given(joint, SURPRISING)
    runs = [complete(model.network, (0,), SURPRISING, 24, generator(seed)) for seed in range(400)]
    free = [variable for variable in range(12) if variable not in SURPRISING]
    scaled = np.array([np.exp(run.log_evidence) * run.mean()[free] for run in runs])
    wanted = [
        evidence * exact.sum(axis=tuple(a for a in range(6) if a != axis))[1] for axis in range(6)
    ]
    errors = scaled.std(axis=0) / np.sqrt(len(runs))
    assert sum(run.num_resamplings for run in runs) > 300
    assert (np.abs(scaled.mean(axis=0) - wanted) < 4 * errors).all()


@pytest.mark.parametrize(
    "masks",
    [
        {"num_connectivities": 3},
        {"ordering": "random", "num_orderings": 3},
        {"ordering": "random", "num_orderings": 0, "ensemble_size": 3},
    ],
    ids=["connectivities", "orderings", "fresh"],
)
def test_the_mixture_weighs_each_mask_set_by_what_it_says_of_the_known(density, masks) -> None:
    model = density(4, 2, hidden_sizes=(8,), mask_seed=3, **masks)
    known = {1: 0, 2: 1}
    each = [given(np.exp(model.with_mask_sets(s).log_joint()), known)[1] for s in model.mask_sets]
    assert max(each) > 2 * min(each)
    exact, evidence = given(np.exp(model.log_joint()), known)
    found = complete(model.network, model.mask_sets, known, 6_000, generator(1))
    assert len(found.rows) == 6_000
    assert found.weights.sum() == pytest.approx(1)
    assert is_near(found, exact, known)
    assert np.exp(found.log_evidence) == pytest.approx(evidence, rel=0.06)
    assert found.num_ancestors <= 6_000
    assert found.num_families <= found.sample_size


def same(one: Particles, other: Particles) -> bool:
    return (
        torch.equal(one.rows, other.rows)
        and np.allclose(one.weights, other.weights, rtol=1e-4, atol=1e-12)
        and np.array_equal(one.ancestors, other.ancestors)
        and np.allclose(one.sample_sizes, other.sample_sizes, rtol=1e-4)
        and one.num_resamplings == other.num_resamplings
        and np.isclose(one.log_evidence, other.log_evidence)
    )


@pytest.mark.parametrize("ordering_name", ["natural", "random"])
def test_blocks_give_what_going_place_by_place_gives(
    build, encoding, monkeypatch, ordering_name: str
) -> None:
    model = build(
        60, 2, encoding=encoding, hidden_sizes=(80, 70), ordering=ordering_name,
        direct_connections=True,
    )  # fmt: skip
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(0.4)
    known = {variable: variable % 3 // 2 for variable in range(1, 60, 2)}
    whole = complete(model, (0,), known, 50, generator())
    assert 1 < whole.num_resamplings < 30
    assert whole.num_ancestors < 50
    for size in (1, 7, 30):
        monkeypatch.setattr(particles, "BLOCK", size)
        assert same(complete(model, (0,), known, 50, generator()), whole), size
    monkeypatch.setattr(type(model), "sorted", lambda *_: None)
    assert same(complete(model, (0,), known, 50, generator()), whole)


def test_resampling_goes_on_from_whole_particles(density, resampling) -> None:
    """What a resampled particle holds of its past is what its later conditionals were fed."""
    network = contrary(density, ordering="random").network
    found = complete(network, (0,), SURPRISING, 200, generator(2))
    assert found.num_resamplings > 0
    last_cut = max(np.flatnonzero(found.sample_sizes < 0.95 * 200)[: found.num_resamplings])
    sequence = network.bank.mask_set(0).ordering.sequence
    late = [variable for variable in sequence[last_cut + 1 :].tolist() if variable in SURPRISING]
    with torch.no_grad():
        expected = network.conditional_log_prob(found.rows)[:, late].sum(dim=1)
    assert late
    assert found.weights.max() > 2 * found.weights.min()
    assert np.allclose(found.weights, expected.double().softmax(0).numpy(), rtol=1e-4)


def test_known_first_is_exact_with_equal_weights(density, ordering) -> None:
    model = density(4, 2, hidden_sizes=(9,), **ordering).with_mask_sets(0)
    first = model.network.bank.mask_set(0).ordering.sequence[:2].tolist()
    known = {first[0]: 1, first[1]: 0}
    found = complete(model.network, (0,), known, 3_000, generator())
    exact, evidence = given(np.exp(model.log_joint()), known)
    assert np.allclose(found.weights, 1 / 3_000)
    assert found.num_resamplings == 0
    assert found.num_families == pytest.approx(3_000)
    assert np.exp(found.log_evidence) == pytest.approx(evidence, rel=1e-5)
    assert is_near(found, exact, known)


def test_a_network_for_all_orderings_completes_under_any(density, monkeypatch) -> None:
    model = density(4, 2, ordering="random", num_orderings=0, hidden_sizes=(9,), seed=2)
    network = model.network
    own = MaskSet(Ordering(np.array([2, 0, 3, 1])), network.bank.mask_set(0).degrees)
    known = {1: 1, 3: 0}  # the first two of this ordering
    found = complete(network, own, known, 4_000, generator())
    monkeypatch.setattr(type(network.bank), "mask_set", lambda bank, index: own)
    network._degrees.clear()
    exact, evidence = given(np.exp(likelihood.log_joint(network, (0,))), known)
    assert found.num_resamplings == 0
    assert np.exp(found.log_evidence) == pytest.approx(evidence, rel=1e-5)
    assert is_near(found, exact, known)


def test_weights_for_one_ordering_serve_no_other(density) -> None:
    network = density(3, 2, hidden_sizes=(4,)).network
    own = MaskSet(Ordering(np.array([2, 0, 1])), network.bank.mask_set(0).degrees)
    with pytest.raises(MadeError, match="has weights for no other one"):
        complete(network, own, {0: 1}, 10, generator())


@pytest.mark.parametrize("kind", ["marginals", "naive"])
def test_baselines_are_completed_by_whole_passes(density, head, kind: str) -> None:
    model = density(2, 2, model=kind, head=head, hidden_sizes=(6,))
    exact, evidence = given(np.exp(model.log_joint()), {1: 1})
    found = complete(model.network, (0,), {1: 1}, 4_000, generator())
    assert is_near(found, exact, {1: 1})
    assert np.exp(found.log_evidence) == pytest.approx(evidence, rel=0.05)


def test_the_number_of_families_bounds_the_error_of_a_mean(density) -> None:
    """The worst mean over many runs errs by no more than 1 / (2 sqrt(families)) says."""
    model = contrary(density)
    exact, _ = given(np.exp(model.log_joint()), SURPRISING)
    means = [exact.sum(axis=tuple(a for a in range(6) if a != axis))[1] for axis in range(6)]
    free = [variable for variable in range(12) if variable not in SURPRISING]
    runs = [complete(model.network, (0,), SURPRISING, 64, generator(s)) for s in range(200)]
    error = np.sqrt(np.mean([(run.mean()[free] - means) ** 2 for run in runs], axis=0))
    said = np.mean([0.5 / np.sqrt(run.num_families) for run in runs])
    assert sum(run.num_resamplings for run in runs) > 200
    assert error.max() < 1.1 * said
    assert error.max() > 0.2 * said  # no empty bound either
    for run in runs:
        assert 1 <= run.num_families <= min(run.sample_size, run.num_ancestors) + 1e-9


def test_systematic_choice_rounds_each_share_and_keeps_it_on_average() -> None:
    weights = np.array([0.02, 0.4, 0.0, 0.38, 0.2])
    source = generator()
    counts = np.array(
        [np.bincount(systematic(weights, 8, source), minlength=5) for _ in range(2_000)]
    )
    assert (counts.sum(axis=1) == 8).all()
    assert (np.abs(counts - 8 * weights) < 1).all()
    assert np.allclose(counts.mean(axis=0), 8 * weights, atol=0.05)


def test_chosen_rows_differ_as_far_as_weights_allow(density) -> None:
    model = density(8, 2, hidden_sizes=(9,))
    found = complete(model.network, (0,), {}, 64, generator())
    chosen = found.choose(64, generator())
    assert sorted(chosen.tolist()) == sorted(found.rows.tolist())
    one = Particles(found.rows, np.eye(64)[5], np.arange(64), found.sample_sizes, 0, 0.0)
    assert (one.choose(20, generator()) == found.rows[5]).all()


def test_the_seed_decides_and_nothing_global_is_touched(density) -> None:
    model = contrary(density, dropout=0.5)
    model.train()
    state = torch.get_rng_state()
    first, again, other = (
        complete(model.network, (0,), SURPRISING, 20, generator(seed)) for seed in (1, 1, 2)
    )
    assert same(first, again)
    assert not torch.equal(first.rows, other.rows)
    assert model.training
    assert torch.equal(torch.get_rng_state(), state)


def test_nothing_known_and_everything_known(density) -> None:
    model = density(3, 2, hidden_sizes=(9,))
    free = complete(model.network, (0,), {}, 7, generator())
    assert free.log_evidence == 0
    assert np.allclose(free.sample_sizes, 7)
    whole = complete(model.network, (0,), {0: 1, 1: 0, 2: 1}, 5, generator())
    assert whole.rows.tolist() == [[1, 0, 1]] * 5
    assert np.exp(whole.log_evidence) == pytest.approx(np.exp(model.log_joint())[1, 0, 1])


@pytest.mark.parametrize(
    ("known", "size", "words"),
    [
        ({3: 0}, 5, "no variable 3; they are counted 0 … 2"),
        ({-1: 0}, 5, "no variable -1"),
        ({0: 2}, 5, "Variable 0 cannot be 2; its values are the integers 0 … 1"),
        ({0: 1}, 0, "number of particles is 0"),
    ],
)
def test_what_cannot_be_completed_is_refused(density, known: dict, size: int, words: str) -> None:
    with pytest.raises(MadeError, match=words):
        complete(density(3, 2, hidden_sizes=(4,)).network, (0,), known, size, generator())


def test_impossible_values_are_refused_in_a_sentence(density) -> None:
    model = density(3, 2, hidden_sizes=(4,), head="categorical")
    with torch.no_grad():
        model.network.output_bias[5] = -torch.inf
    with pytest.raises(MadeError, match="probability zero"):
        complete(model.network, (0,), {2: 1}, 10, generator())

"""Three samplers draw the same rows from the same numbers, and the rows follow the model."""

import numpy as np
import pytest
import torch

from made.base.errors import MadeError
from made.density import incremental, sampling


def uniforms_for(num_rows: int, num_variables: int, seed: int = 0) -> torch.Tensor:
    return torch.rand((num_rows, num_variables), generator=torch.Generator().manual_seed(seed))


def zeros_like(uniforms: torch.Tensor) -> torch.Tensor:
    return torch.zeros(uniforms.shape, dtype=torch.int64)


def chi_square_is_plausible(counts: np.ndarray, probabilities: np.ndarray) -> bool:
    """Whether the statistic lies within 4 standard deviations of its mean, either side."""
    expected = probabilities * counts.sum()
    freedom = counts.size - 1
    statistic = ((counts - expected) ** 2 / expected).sum()
    return abs(statistic - freedom) < 4 * np.sqrt(2 * freedom)


def cells(rows: torch.Tensor, num_categories: int) -> np.ndarray:
    """Counts of all K^D states."""
    counts = np.zeros((num_categories,) * rows.shape[1])
    np.add.at(counts, tuple(rows.numpy().T), 1)
    return counts


@torch.no_grad()
def test_incremental_plain_and_table_agree_draw_for_draw(every_made, mask_sets) -> None:
    uniforms = uniforms_for(40, 4)
    for label, model in every_made(4):
        for mask_set in mask_sets(model):
            plain = sampling.plain(model, mask_set, zeros_like(uniforms), uniforms)
            fast = incremental.draw(model, model.sorted(mask_set), zeros_like(uniforms), uniforms)
            table = sampling.by_tables(model, mask_set, uniforms)
            assert torch.equal(fast, plain), (label, mask_set)
            assert torch.equal(table, plain), (label, mask_set)
            assert 0 <= plain.min() <= plain.max() < model.num_categories, label


@torch.no_grad()
def test_incremental_and_plain_agree_behind_given_values(every_made) -> None:
    uniforms = uniforms_for(40, 4)
    for label, model in every_made(4):
        given = (uniforms.flip(0) * model.num_categories).long()
        plain = sampling.plain(model, 0, given, uniforms, start=2)
        fast = incremental.draw(model, model.sorted(0), given, uniforms, start=2)
        assert torch.equal(fast, plain), label
        first = model.bank.mask_set(0).ordering.sequence[:2].copy()
        assert torch.equal(plain[:, first], given[:, first]), label


@torch.no_grad()
@pytest.mark.parametrize("activation", ["relu", "tanh", "elu", "gelu", "silu", "softplus"])
def test_samplers_agree_on_a_wide_network(build, encoding, activation: str) -> None:
    model = build(
        40,
        2,
        encoding=encoding,
        activation=activation,
        hidden_sizes=(64, 50),
        ordering="random",
        direct_connections=True,
    )
    for weight in model.parameters():
        weight.mul_(0.3)
    uniforms = uniforms_for(50, 40)
    plain = sampling.plain(model, 0, zeros_like(uniforms), uniforms)
    fast = incremental.draw(model, model.sorted(0), zeros_like(uniforms), uniforms)
    assert torch.equal(fast, plain)
    assert 0.1 < plain.float().mean() < 0.9


@pytest.mark.parametrize("kind", ["marginals", "naive"])
def test_tables_and_passes_agree_for_baselines(build, head, kind: str) -> None:
    model = build(2, 2, model=kind, head=head, hidden_sizes=(6,))
    uniforms = uniforms_for(200, 2)
    with torch.no_grad():
        plain = sampling.plain(model, 0, zeros_like(uniforms), uniforms)
        assert torch.equal(sampling.by_tables(model, 0, uniforms), plain)


@pytest.mark.parametrize("use_table", [False, True])
@pytest.mark.parametrize(
    "masks",
    [{}, {"num_connectivities": 3}, {"num_orderings": 0, "num_connectivities": 0}],
    ids=["one", "three connectivities", "fresh"],
)
def test_frequencies_follow_the_exact_joint(
    density, head, monkeypatch, masks: dict, use_table: bool
) -> None:
    model = density(3, 2, head=head, ordering="random", hidden_sizes=(9,), mask_seed=2, **masks)
    monkeypatch.setattr(sampling, "prefers_table", lambda *_: use_table)
    rows = model.sample(20_000, seed=1)
    joint = np.exp(model.log_joint())
    assert chi_square_is_plausible(cells(rows, 2), joint)


def test_the_check_of_frequencies_tells_other_models_apart(density) -> None:
    model, other = (density(3, 2, hidden_sizes=(9,), seed=seed) for seed in (0, 1))
    rows = model.sample(20_000, seed=1)
    assert chi_square_is_plausible(cells(rows, 2), np.exp(model.log_joint()))
    assert not chi_square_is_plausible(cells(rows, 2), np.exp(other.log_joint()))


@pytest.mark.parametrize("kind", ["marginals", "naive"])
def test_baselines_follow_their_joint(density, kind: str) -> None:
    model = density(2, 4, model=kind, hidden_sizes=(6,))
    rows = model.sample(20_000, seed=3)
    assert chi_square_is_plausible(cells(rows, 4), np.exp(model.log_joint()))


@pytest.mark.parametrize("num_categories", [2, 30])
def test_the_seed_decides_the_samples(density, num_categories: int) -> None:
    model = density(2, num_categories, hidden_sizes=(9,), num_orderings=2, ordering="random")
    first, again, other = (model.sample(100, seed=seed) for seed in (5, 5, 6))
    assert first.dtype == torch.int64
    assert first.shape == (100, 2)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_size_of_a_batch_changes_nothing(density, monkeypatch) -> None:
    model = density(5, 3, hidden_sizes=(9, 8), num_connectivities=2)
    whole = model.sample(100, seed=0)
    monkeypatch.setattr(sampling, "BATCH_SIZE", 7)
    assert torch.equal(model.sample(100, seed=0), whole)


def test_a_chosen_mask_set_is_the_one_used(density) -> None:
    model = density(3, 2, ordering="random", num_orderings=2, hidden_sizes=(9,), mask_seed=1)
    for index in range(2):
        chosen = model.with_mask_sets(index)
        rows = chosen.sample(20_000, seed=0)
        assert chi_square_is_plausible(cells(rows, 2), np.exp(chosen.log_joint()))


def test_no_samples_are_no_rows(density) -> None:
    assert density(3, 2, hidden_sizes=(4,)).sample(0).shape == (0, 3)


@pytest.mark.parametrize("num_observed", [1, 2, 3])
def test_observed_values_are_kept(density, ordering, head, num_observed: int) -> None:
    model = density(4, 2, head=head, hidden_sizes=(9,), **ordering).with_mask_sets(0)
    first = model.network.bank.mask_set(0).ordering.sequence[:num_observed].tolist()
    observed = {variable: place % 2 for place, variable in enumerate(first)}
    rows = model.sample(500, seed=0, observed=observed)
    for variable, value in observed.items():
        assert (rows[:, variable] == value).all()
    joint = np.exp(model.log_joint())
    given = joint[tuple(observed.get(variable, slice(None)) for variable in range(4))]
    free = [variable for variable in range(4) if variable not in observed]
    assert chi_square_is_plausible(cells(rows[:, free], 2), given / given.sum())


def test_all_observed_leaves_nothing_to_draw(density) -> None:
    model = density(3, 2, hidden_sizes=(9,))
    rows = model.sample(4, observed={0: 1, 1: 0, 2: 1})
    assert rows.tolist() == [[1, 0, 1]] * 4


def test_the_mixture_given_observed_values_weighs_mask_sets_by_what_they_say(density) -> None:
    """p(x | o) = sum_s p_s(o) p_s(x | o) / sum_s p_s(o): mask sets that expect o count for more."""
    model = density(4, 2, num_connectivities=3, hidden_sizes=(8,), mask_seed=3)
    observed = {0: 1, 1: 0, 2: 1}
    evidence = [
        np.exp(model.with_mask_sets(index).log_joint())[1, 0, 1].sum() for index in range(3)
    ]
    assert max(evidence) > 2 * min(evidence)
    joint = np.exp(model.log_joint())[1, 0, 1]
    rows = model.sample(40_000, seed=0, observed=observed)
    assert chi_square_is_plausible(cells(rows[:, 3:], 2), joint / joint.sum())


def test_observed_variables_that_do_not_come_first_are_refused(density) -> None:
    model = density(3, 2, ordering="reversed", hidden_sizes=(4,))
    with pytest.raises(MadeError, match=r"must come first.*observe \[2\]"):
        model.sample(2, observed={0: 1})
    with pytest.raises(MadeError, match=r"observe \[1, 2\]"):
        model.sample(2, observed={0: 1, 2: 1})


def test_observed_variables_must_come_first_in_every_ordering(density) -> None:
    model = density(4, 2, ordering="random", num_orderings=3, hidden_sizes=(4,))
    firsts = [int(model.network.bank.mask_set(index).ordering.sequence[0]) for index in range(3)]
    assert len(set(firsts)) > 1
    with pytest.raises(MadeError, match="must come first"):
        model.sample(2, observed={firsts[0]: 1})
    alone = model.with_mask_sets(0).sample(2, observed={firsts[0]: 1})
    assert (alone[:, firsts[0]] == 1).all()


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        ({3: 0}, "no variable 3; they are counted 0 … 2"),
        ({-1: 0}, "no variable -1"),
        ({0: 2}, "Variable 0 cannot be 2; its values are the integers 0 … 1"),
        ({0: -1}, "Variable 0 cannot be -1"),
    ],
)
def test_what_cannot_be_observed_is_refused(density, observed: dict, words: str) -> None:
    with pytest.raises(MadeError, match=words):
        density(3, 2, hidden_sizes=(4,)).sample(2, observed=observed)


def test_sampling_leaves_mode_and_global_numbers_alone(density) -> None:
    model = density(3, 2, hidden_sizes=(9,), dropout=0.5)
    expected = model.sample(50, seed=0)
    model.train()
    state = torch.get_rng_state()
    assert torch.equal(model.sample(50, seed=0), expected)
    assert model.training
    assert torch.equal(torch.get_rng_state(), state)

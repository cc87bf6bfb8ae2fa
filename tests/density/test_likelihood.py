"""Likelihoods are normalised, exact where all states can be listed, and mixed as probabilities."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from made.base.errors import MadeError
from made.datasets.base import entropy
from made.density import evaluation, likelihood
from made.density.density import Density, model_of


def check_normalised(density: Density, x: torch.Tensor, label: str) -> None:
    """Probabilities of all states sum to one, and the table holds what `log_prob` says."""
    log_prob = density.log_prob(x)
    assert log_prob.shape == (len(x),), label
    assert log_prob.exp().sum().item() == pytest.approx(1, abs=1e-5), label
    table = density.log_joint()
    assert table.shape == (density.num_categories,) * density.num_variables, label
    assert np.exp(table).sum() == pytest.approx(1, abs=1e-5), label
    np.testing.assert_allclose(table.ravel(), log_prob.detach(), atol=2e-4, err_msg=label)


def test_probabilities_of_all_states_sum_to_one(every_made, states) -> None:
    for label, network in every_made(3, ensemble_size=2):
        x = states(3, network.num_categories)
        check_normalised(Density(network, 0), x, label)
        if network.bank.cycle != 1:
            check_normalised(Density(network), x, label)


@pytest.mark.parametrize("kind", ["marginals", "naive"])
def test_baselines_are_normalised(build, states, encoding, head, kind: str) -> None:
    network = build(2, 2, model=kind, encoding=encoding, head=head, hidden_sizes=(6, 5))
    check_normalised(Density(network), states(2, 2), kind)


def test_the_mixture_is_the_mean_of_probabilities(density, states) -> None:
    model = density(4, 2, ordering="random", num_orderings=3, hidden_sizes=(8,))
    x = states(4, 2)
    assert model.mask_sets == (0, 1, 2)
    each = [model.with_mask_sets(index).log_prob(x).exp() for index in range(3)]
    assert torch.allclose(model.log_prob(x).exp(), torch.stack(each).mean(dim=0))
    assert not torch.allclose(each[0], each[1])


def test_the_mean_of_logits_is_no_density(density, states) -> None:
    model = density(8, 2, seed=5, ordering="random", num_orderings=3, hidden_sizes=(30,))
    x = states(8, 2)
    network = model.network
    logits = torch.stack([network(x, index) for index in range(3)]).mean(dim=0)
    total = network.head.log_prob(logits, x).sum(dim=1).exp().sum().item()
    assert abs(total - 1) > 0.1
    assert model.log_prob(x).exp().sum().item() == pytest.approx(1, abs=1e-5)


def test_the_mixture_is_never_worse_than_the_mean_of_its_parts(density, states) -> None:
    model = density(4, 2, num_connectivities=3, hidden_sizes=(9,))
    x = states(4, 2)
    single = [evaluation.mean_nll(model.with_mask_sets(index), x) for index in range(3)]
    assert evaluation.mean_nll(model, x) < np.mean(single)


def test_conditional_tables_are_the_conditionals_of_every_prefix(density, states) -> None:
    model = density(3, 3, ordering="random", hidden_sizes=(8,), mask_seed=3)
    network = model.network
    sequence = network.bank.mask_set(0).ordering.sequence.tolist()
    assert sequence != [0, 1, 2]
    x = states(3, 3)
    conditional = network.conditional_log_prob(x)
    for place, table in enumerate(likelihood.conditional_tables(network, 0)):
        assert table.shape == (3**place, 3)
        for row, each in zip(x, conditional, strict=True):
            prefix = sum(
                int(row[variable]) * 3 ** (place - 1 - earlier)
                for earlier, variable in enumerate(sequence[:place])
            )
            variable = sequence[place]
            assert table[prefix, row[variable]].item() == pytest.approx(
                each[variable].item(), abs=1e-5
            )


def test_rows_and_table_give_one_nll(density, states, monkeypatch) -> None:
    model = density(2, 5, hidden_sizes=(9,), num_orderings=2, ordering="random")
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(5, (301, 2), generator=generator, dtype=torch.uint8)
    assert likelihood.prefers_table(model.network, len(x))
    by_table = evaluation.mean_nll(model, x)
    monkeypatch.setattr(likelihood, "prefers_table", lambda *_: False)
    by_rows = evaluation.mean_nll(model, x, batch_size=100)
    assert by_table == pytest.approx(by_rows, abs=1e-6)
    assert by_rows == pytest.approx(-model.log_prob(x.long()).mean().item(), abs=1e-5)


def test_measuring_drops_nothing_and_leaves_the_mode(density, states) -> None:
    model = density(4, 2, dropout=0.5, hidden_sizes=(30,))
    x = states(4, 2)
    expected = evaluation.mean_nll(model, x)
    model.train()
    assert evaluation.mean_nll(model, x) == expected
    model.log_joint()
    assert model.training


def test_a_plain_autoencoder_has_no_density(build, states) -> None:
    network = build(3, 2, autoregressive=False, hidden_sizes=(8,))
    x, stand_in = states(3, 2), model_of(network)
    for refused in (
        lambda: Density(network),
        lambda: stand_in.log_prob(x),
        lambda: stand_in.log_joint(),
        lambda: stand_in.conditionals(x),
        lambda: stand_in.sample(3, seed=0),
    ):
        with pytest.raises(MadeError, match=r"plain autoencoder has no density.*masks on"):
            refused()
    reconstruction = -network.conditional_log_prob(x).sum(dim=1).mean().item()
    assert evaluation.mean_nll(stand_in, x) == pytest.approx(reconstruction, abs=1e-5)


@pytest.mark.parametrize(
    ("num_variables", "num_categories", "expected"),
    [(2, 1000, True), (2, 1001, False), (19, 2, True), (20, 2, False), (6, 10, True), (1, 9, True)],
)
def test_a_million_states_can_be_listed(num_variables, num_categories, expected: bool) -> None:
    assert likelihood.is_enumerable(num_variables, num_categories) == expected


def test_more_states_are_refused(density) -> None:
    model = density(20, 2, hidden_sizes=(4,))
    with pytest.raises(MadeError, match="2\\^20 states are more than the million"):
        model.log_joint()


def test_bits_per_dimension() -> None:
    assert likelihood.bits_per_dim(784 * math.log(2), 784) == pytest.approx(1)
    assert likelihood.bits_per_dim(math.log(8), 1) == pytest.approx(3)
    assert likelihood.bits_per_dim(10.531, 2) == pytest.approx(7.597, abs=1e-3)


def test_entropy_cross_entropy_and_kl_by_hand() -> None:
    truth = np.array([[0.5, 0.25], [0.25, 0.0]])
    model = np.log(np.array([[0.25, 0.25], [0.25, 0.25]]))
    assert entropy(truth) == pytest.approx(1.5 * math.log(2))
    assert likelihood.cross_entropy(truth, model) == pytest.approx(2 * math.log(2))
    assert likelihood.kl_divergence(truth, model) == pytest.approx(0.5 * math.log(2))


def test_kl_of_a_model_that_rules_out_what_happens_is_infinite() -> None:
    with np.errstate(divide="ignore"):
        model = np.log(np.array([1.0, 0.0]))
    assert likelihood.kl_divergence(np.array([0.5, 0.5]), model) == math.inf
    assert likelihood.kl_divergence(np.array([1.0, 0.0]), model) == 0


positive = st.lists(st.floats(0.01, 1), min_size=6, max_size=6)


@given(truth=positive, model=positive)
def test_kl_is_not_negative_and_zero_only_for_the_truth(truth, model) -> None:
    p, q = (np.array(values) / sum(values) for values in (truth, model))
    assert likelihood.kl_divergence(p, np.log(p)) == pytest.approx(0, abs=1e-12)
    gap = likelihood.kl_divergence(p, np.log(q))
    assert gap >= 0.5 * np.abs(p - q).sum() ** 2 - 1e-12  # Pinsker's inequality


def test_the_product_of_the_marginals_reaches_the_independence_entropy(density) -> None:
    generator = np.random.default_rng(0)
    joint = generator.random((4, 4)) ** 3
    joint /= joint.sum()
    marginals = joint.sum(axis=1), joint.sum(axis=0)
    model = density(2, 4, model="marginals")
    model.network.start_at_marginals(torch.from_numpy(np.stack(marginals)) * 1e9)
    fitted = likelihood.cross_entropy(joint, model.log_joint())
    independence = sum(entropy(marginal) for marginal in marginals)
    assert fitted == pytest.approx(independence, abs=1e-6)
    assert fitted > entropy(joint) + 0.01


def test_axes_of_the_joint_are_the_variables_in_every_ordering(density, ordering) -> None:
    model = density(2, 3, model="made", hidden_sizes=(), **ordering)
    with torch.no_grad():
        model.network.output_bias.copy_(torch.tensor([0.6, 0.3, 0.1, 0.2, 0.5, 0.3]).log())
    expected = np.outer([0.6, 0.3, 0.1], [0.2, 0.5, 0.3])
    np.testing.assert_allclose(np.exp(model.log_joint()), expected, rtol=1e-5)

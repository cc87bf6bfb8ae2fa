"""Figures of a trained model, and the pictures drawn from it, say what their names promise."""

import math

import numpy as np
import pytest
import torch

from made.base.errors import MadeError
from made.datasets.base import histogram
from made.density import evaluation
from made.density.density import model_of
from made.training import epoch_pictures

JOINT = np.array([[0.3, 0.1, 0.05], [0.05, 0.2, 0.05], [0.0, 0.05, 0.2]])
SIZES = (9, 7)


@pytest.fixture(scope="module")
def joint_dataset(tiny_dataset):
    return tiny_dataset(2, 3, sizes=(600, 200, 200), joint=JOINT)


def test_figures_of_a_split(density, tiny_dataset) -> None:
    dataset, model = tiny_dataset(4, 3), density(4, 3, hidden_sizes=SIZES)
    for split in evaluation.SPLITS:
        rows = torch.from_numpy(getattr(dataset, split).astype(np.int64))
        figures = evaluation.evaluate(model, dataset, split)
        nll = -model.log_prob(rows).double().mean().item()
        assert figures["nll_nats"] == pytest.approx(nll, abs=1e-5)
        assert figures["bits_per_dim"] == pytest.approx(nll / (4 * math.log(2)), abs=1e-5)
        assert figures["num_examples"] == len(rows)
        assert figures["num_mask_sets"] == 1
        assert figures.keys().isdisjoint({"kl_nats", "single_pass_nll_nats"})


def test_a_split_is_measured_row_by_row(density, tiny_dataset) -> None:
    """The NLL is the mean of what is kept of each row, and its error the scatter of that."""
    dataset, model = tiny_dataset(4, 3), density(4, 3, hidden_sizes=SIZES)
    measured = evaluation.measure(model, dataset, "test")
    rows = torch.from_numpy(dataset.test.astype(np.int64))
    assert measured.log_probs.dtype == np.float32
    np.testing.assert_allclose(measured.log_probs, model.log_prob(rows).detach(), atol=1e-5)
    scatter = measured.log_probs.std(ddof=1) / math.sqrt(len(rows))
    assert measured.figures["nll_standard_error"] == pytest.approx(scatter, rel=1e-5)
    assert measured.figures == evaluation.evaluate(model, dataset, "test")


def test_rows_of_a_joint_have_the_log_probs_of_its_table(density, joint_dataset) -> None:
    """Which of the two ways is taken depends on the number of rows alone."""
    model = density(2, 3, hidden_sizes=SIZES, ordering="random", num_orderings=3)
    rows = evaluation.split_tensor(joint_dataset, "test")
    by_table = evaluation.log_probs(model, rows)
    by_row = np.concatenate([evaluation.log_probs(model, row[None]) for row in rows])
    np.testing.assert_allclose(by_table, by_row, atol=1e-5)
    assert by_table.std() > 0.01


def test_a_single_row_has_no_error(density, tiny_dataset) -> None:
    dataset, model = tiny_dataset(4, 3, sizes=(20, 5, 1)), density(4, 3, hidden_sizes=SIZES)
    assert "nll_standard_error" not in evaluation.evaluate(model, dataset)


def test_test_rows_that_were_trained_on_are_counted_but_in_2_d(
    density, tiny_dataset, joint_dataset
) -> None:
    dataset, model = tiny_dataset(4, 3), density(4, 3, hidden_sizes=SIZES)
    known = {tuple(row) for row in dataset.train.tolist()}
    expected = sum(tuple(row) in known for row in dataset.test.tolist())
    assert expected > 0
    assert evaluation.evaluate(model, dataset)["num_seen_test_rows"] == expected
    assert "num_seen_test_rows" not in evaluation.evaluate(model, dataset, "validation")
    joint = evaluation.evaluate(density(2, 3, hidden_sizes=SIZES), joint_dataset)
    assert "num_seen_test_rows" not in joint


def test_no_row_is_asked_twice(density, tiny_dataset, monkeypatch) -> None:
    """A mixture and its single passes come from the same passes: one a mask set."""
    dataset = tiny_dataset(4, 3)
    model = density(4, 3, hidden_sizes=SIZES, ordering="random", num_orderings=0)
    asked: list[tuple[int, int]] = []
    conditionals = type(model.network).conditional_log_prob

    def noting(network, rows, mask_set, *rest):
        asked.append((len(rows), mask_set))
        return conditionals(network, rows, mask_set, *rest)

    monkeypatch.setattr(type(model.network), "conditional_log_prob", noting)
    evaluation.measure(model, dataset)
    assert asked == [(len(dataset.test), mask_set) for mask_set in model.mask_sets]


def test_figures_of_a_mixture(density, tiny_dataset) -> None:
    dataset = tiny_dataset(4, 3)
    model = density(4, 3, hidden_sizes=SIZES, ordering="random", num_orderings=0)
    figures = evaluation.evaluate(model, dataset)
    assert figures["num_mask_sets"] == 3
    assert figures["nll_nats"] < figures["single_pass_nll_nats"]
    single = [evaluation.evaluate(model.with_mask_sets(i), dataset) for i in range(3)]
    mean = np.mean([each["nll_nats"] for each in single])
    assert figures["single_pass_nll_nats"] == pytest.approx(mean)
    rows = evaluation.split_tensor(dataset, "test")
    each = [evaluation.log_probs(model.with_mask_sets(i), rows) for i in range(3)]
    scatter = np.mean(each, axis=0).std(ddof=1) / math.sqrt(len(rows))
    assert figures["single_pass_standard_error"] == pytest.approx(scatter)


def test_exact_figures_where_the_truth_is_known(density, joint_dataset, ordering) -> None:
    model = density(2, 3, hidden_sizes=SIZES, **ordering)
    figures = evaluation.evaluate(model, joint_dataset)
    states = torch.tensor([(a, b) for a in range(3) for b in range(3)])
    log_model = model.log_prob(states).detach().double().numpy().reshape(3, 3)
    expected = -(JOINT * log_model).sum()
    assert figures["cross_entropy_nats"] == pytest.approx(expected, abs=1e-5)
    assert figures["entropy_nats"] == pytest.approx(joint_dataset.entropy)
    assert figures["kl_nats"] == pytest.approx(expected - joint_dataset.entropy, abs=1e-5)
    spread = 5 * np.std(log_model) / math.sqrt(200)
    assert figures["nll_nats"] == pytest.approx(expected, abs=spread)


def test_marginals_of_the_truth_cost_the_independence_entropy(density, joint_dataset) -> None:
    model = density(2, 3, model="marginals")
    counts = np.stack([JOINT.sum(axis=1), JOINT.sum(axis=0)]) * 1e9
    model.network.start_at_marginals(torch.from_numpy(counts))
    figures = evaluation.exact_figures(model, joint_dataset)
    assert figures["cross_entropy_nats"] == pytest.approx(joint_dataset.independence, abs=1e-6)


def test_a_plain_autoencoder_reports_no_likelihood(build, joint_dataset) -> None:
    model = model_of(build(2, 3, autoregressive=False, hidden_sizes=SIZES))
    figures = evaluation.evaluate(model, joint_dataset)
    assert figures.keys() == {"reconstruction_nats", "num_examples", "num_mask_sets"}
    assert evaluation.exact_figures(model, joint_dataset) == {}


def test_unknown_splits_are_refused(density, joint_dataset) -> None:
    with pytest.raises(MadeError, match="no split 'valid'; choose one of train, validation, test"):
        evaluation.evaluate(density(2, 3, hidden_sizes=SIZES), joint_dataset, "valid")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_split_keeps_its_values(tiny_dataset, dtype) -> None:
    rows = np.array([[0, 200], [255, 1]], dtype)
    dataset = tiny_dataset(2, 256)
    object.__setattr__(dataset, "train", rows)
    assert evaluation.split_tensor(dataset, "train").tolist() == rows.tolist()


def test_pictures_of_a_joint(density, joint_dataset) -> None:
    model = density(2, 3, hidden_sizes=SIZES, ordering="reversed")
    pictures = epoch_pictures.epoch_samples(model, joint_dataset, seed=1)
    assert pictures.keys() == {"density", "histogram"}
    np.testing.assert_allclose(pictures["density"], np.exp(model.log_joint()), rtol=1e-5)
    assert pictures["histogram"].sum() == len(joint_dataset.train)
    share = pictures["histogram"] / len(joint_dataset.train)
    np.testing.assert_allclose(share, pictures["density"], atol=5 * 0.5 / math.sqrt(600))


def test_pictures_of_rows_come_from_the_same_numbers_every_time(density, tiny_dataset) -> None:
    dataset, model = tiny_dataset(4, 3), density(4, 3, hidden_sizes=SIZES)
    first, again, other = (
        epoch_pictures.epoch_samples(model, dataset, seed)["samples"] for seed in (1, 1, 2)
    )
    assert first.shape == (epoch_pictures.NUM_IMAGES, 4)
    assert first.dtype == dataset.train.dtype
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_pictures_of_a_plain_autoencoder_are_reconstructions(build, tiny_dataset) -> None:
    dataset = tiny_dataset(4, 3)
    model = model_of(build(4, 3, autoregressive=False, hidden_sizes=SIZES, dropout=0.5)).train()
    pictures = epoch_pictures.epoch_samples(model, dataset, seed=0)
    assert pictures.keys() == {"originals", "reconstructions"}
    assert model.training
    rows = torch.from_numpy(dataset.validation[: epoch_pictures.NUM_IMAGES].astype(np.int64))
    likeliest = model.network.eval()(rows).argmax(dim=-1)
    assert np.array_equal(pictures["reconstructions"], likeliest)


def test_a_histogram_counts_rows_by_the_first_variable() -> None:
    points = np.array([[0, 1], [0, 1], [2, 0]], np.uint8)
    assert histogram(points, 3).tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 0]]

"""The learned encoding: a table that belongs to the model, is trained, kept and brought back."""

import math

import pytest
import torch

import made
from made.density.density import Density
from made.model.build import MODELS
from made.model.encodings import ENCODINGS
from made.runs import loading
from made.setups.build import build_network
from made.setups.config import ExperimentConfig
from made.training.trainer import Trainer

LEARNED = {"encoding": "embedding", "encoding_width": 5, "hidden_sizes": (8, 6)}


def test_only_made_with_a_learned_encoding_owns_a_table(tiny_info, encoding) -> None:
    for kind in MODELS:
        config = ExperimentConfig.from_flat(LEARNED | {"model": kind, "encoding": encoding})
        model = build_network(config, tiny_info(2, 7))
        if kind == "made" and ENCODINGS[encoding].is_learned:
            assert model.embedding.shape == (7, 5)
            assert "embedding" in dict(model.named_parameters())
        else:
            assert model.embedding is None
            assert "embedding" not in model.state_dict()


def test_the_seed_decides_the_first_table(tiny_info) -> None:
    def table(seed: int) -> torch.Tensor:
        config = ExperimentConfig.from_flat(LEARNED | {"seed": seed})
        return build_network(config, tiny_info(3, 50)).embedding

    assert torch.equal(table(1), table(1))
    assert not torch.equal(table(1), table(2))
    assert table(1).std().item() == pytest.approx(1, abs=0.2)


def test_the_first_weights_take_the_active_features_into_account(tiny_info, encoding) -> None:
    """Uniform within sqrt(6 / fan) / peak, where half of the active features are the fan."""
    values = {"encoding": encoding, "encoding_width": 12, "hidden_sizes": (2000,)}
    model = build_network(
        ExperimentConfig.from_flat(values | {"autoregressive": False}), tiny_info(6, 40)
    )
    active = 1 if encoding in ("raw", "normalized", "one-hot") else model.encoding.energy
    bound = math.sqrt(6 / (3 * active)) / model.encoding.peak
    largest = model.hidden_weights[0].whole().abs().max().item()
    assert 0.98 * bound < largest <= bound * (1 + 1e-6)


@pytest.mark.parametrize("direct", [False, True])
def test_every_category_that_is_seen_moves_its_vector(build, states, direct: bool) -> None:
    model = build(3, 4, direct_connections=direct, **LEARNED)
    rows = states(3, 4)
    rows = rows[(rows != 2).all(dim=1)]
    Density(model, 0).log_prob(rows).sum().backward()
    moved = (model.embedding.grad != 0).all(dim=1)
    assert moved.tolist() == [True, True, False, True]


def test_the_last_variable_of_the_ordering_moves_no_vector(build) -> None:
    """No conditional sees it, so that its category is never looked up for good."""
    model = build(3, 4, direct_connections=True, **LEARNED)
    Density(model, 0).log_prob([[0, 1, 3]]).sum().backward()
    assert (model.embedding.grad != 0).any(dim=1).tolist() == [True, True, False, False]


def test_the_table_is_trained_and_kept_with_the_best_weights(tiny_dataset) -> None:
    config = ExperimentConfig.from_flat(LEARNED | {"epochs": 3, "learning_rate": 0.01})
    training = Trainer(config, tiny_dataset(4, 3))
    before = training.network.embedding.detach().clone()
    list(training.events())
    tensors, _ = training.state().stored()
    assert training.best_epoch > 0
    assert not torch.equal(training.best["embedding"], before)
    assert torch.equal(tensors["model.embedding"], training.network.embedding)
    assert torch.equal(tensors["best.embedding"], training.best["embedding"])


def test_a_stored_run_brings_its_table_back(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    run = made.train("digits8", epochs=1, progress=False, **LEARNED)
    again = loading.load_run(run.run.id)
    assert again.network.embedding.shape == (2, 5)
    assert torch.equal(again.network.embedding, run.network.embedding)
    x = torch.zeros((3, 64), dtype=torch.int64)
    assert torch.equal(again.model.log_prob(x), run.model.log_prob(x))

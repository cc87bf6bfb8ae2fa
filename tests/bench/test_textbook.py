"""The engine says, learns and draws what the textbook does, and only tests and bench know it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch
from same_weights import assert_same_weights

from made.bench import cases
from made.bench import textbook as reference
from made.bench.cases import textbook_masks
from made.density import evaluation, sampling
from made.density.density import Density
from made.model.conditionals import Conditionals
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS
from made.setups.config import ExperimentConfig
from made.training.events import Progress
from made.training.trainer import Trainer

ROOT = Path(__file__).parents[2]
NUM_VARIABLES = 5
HIDDEN_SIZES = ((9,), (12, 10), (8, 9, 10))
MASKS: dict[str, dict] = {
    "natural": {"ordering": "natural"},
    "reversed": {"ordering": "reversed", "degrees": "even"},
    "random": {"ordering": "random", "mask_seed": 3},
    "three orderings": {"ordering": "random", "num_orderings": 3},
    "two connectivities": {"num_connectivities": 2},
    "fresh": {"ordering": "random", "num_orderings": 0, "num_connectivities": 0},
}


@pytest.fixture(params=reference.ENCODINGS)
def encoding(request) -> str:
    return request.param


@pytest.fixture(params=reference.LOG_PROBS)
def head(request) -> str:
    return request.param


@pytest.fixture(params=MASKS)
def masks(request) -> dict:
    return MASKS[request.param]


def num_categories(head: str) -> int:
    return 2 if head == "bernoulli" else 4


def rows_of(num_rows: int, categories: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(categories, (num_rows, NUM_VARIABLES), generator=generator)


def used_mask_sets(model: Conditionals) -> range:
    return range(model.bank.cycle or 3)


def test_the_textbook_knows_encodings_and_heads_of_the_engine() -> None:
    assert set(reference.ENCODINGS) == set(ENCODINGS)
    assert set(reference.LOG_PROBS) == set(reference.PROBABILITIES)
    assert set(reference.LOG_PROBS) <= set(HEADS)


@torch.no_grad()
@pytest.mark.parametrize("direct", [False, True], ids=["plain", "direct"])
@pytest.mark.parametrize("hidden_sizes", HIDDEN_SIZES, ids=lambda sizes: f"{len(sizes)} hidden")
def test_log_prob_is_that_of_the_textbook(
    build,
    textbook,
    encoding: str,
    head: str,
    masks: dict,
    hidden_sizes: tuple[int, ...],
    direct: bool,
) -> None:
    categories = num_categories(head)
    values = {"encoding": encoding, "head": head, "hidden_sizes": hidden_sizes}
    model = build(NUM_VARIABLES, categories, direct_connections=direct, **values, **masks)
    plain = textbook(model, encoding=encoding, head=head)
    x = rows_of(30, categories)
    for index in used_mask_sets(model):
        expected = plain.log_prob(x, textbook_masks(model, index))
        found = Density(model, index).log_prob(x)
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
        assert expected.std() > 0.1


@torch.no_grad()
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_other_activations_agree_too(build, textbook, activation: str) -> None:
    model = build(NUM_VARIABLES, 2, activation=activation, hidden_sizes=(12, 10))
    plain = textbook(model, activation=activation)
    x = rows_of(30, 2)
    expected = plain.log_prob(x, textbook_masks(model, 0))
    torch.testing.assert_close(Density(model).log_prob(x), expected, rtol=1e-5, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("direct", [False, True], ids=["plain", "direct"])
def test_samples_are_those_of_the_textbook_draw_for_draw(
    build, textbook, encoding: str, head: str, masks: dict, direct: bool
) -> None:
    categories = num_categories(head)
    model = build(
        NUM_VARIABLES,
        categories,
        encoding=encoding,
        head=head,
        hidden_sizes=(12, 10),
        direct_connections=direct,
        **masks,
    )
    plain = textbook(model, encoding=encoding, head=head)
    uniforms = torch.rand((200, NUM_VARIABLES), generator=torch.Generator().manual_seed(1))
    for index in used_mask_sets(model):
        expected = plain.sample(uniforms, textbook_masks(model, index))
        assert torch.equal(
            sampling.draw(model, index, torch.zeros_like(expected), uniforms), expected
        )
        assert len(expected.unique(dim=0)) > 4


@torch.no_grad()
def test_a_mean_nll_is_that_of_the_textbook(build, textbook) -> None:
    model = build(NUM_VARIABLES, 4, hidden_sizes=(12, 10))
    plain = textbook(model)
    rows = rows_of(250, 4)
    found = evaluation.mean_nll(Density(model), rows)
    assert found == pytest.approx(reference.mean_nll(plain, textbook_masks(model, 0), rows, 100))


OPTIMIZERS = {
    "Adam": {"optimizer": "Adam", "learning_rate": 0.01},
    "SGD": {"optimizer": "SGD", "learning_rate": 0.1},
    "AdamW": {"optimizer": "AdamW", "learning_rate": 0.01, "weight_decay": 0.01},
}


def train_both(
    dataset, encoding: str, head: str, **values
) -> tuple[Conditionals, reference.ReferenceMADE, list[reference.Masks], tuple]:
    """Engine and textbook after two steps on all rows, from the same random weights."""
    config = ExperimentConfig.from_flat(
        {
            "encoding": encoding,
            "head": head,
            "activation": "tanh",
            "batch_size": len(dataset.train),
            "epochs": 2,
            "hidden_sizes": (12, 10),
        }
        | values
    )
    trainer = Trainer(config, dataset)
    generator = torch.Generator().manual_seed(5)
    trainer.network.load_state_dict(
        {
            name: torch.randn(value.shape, generator=generator) * 0.5
            for name, value in trainer.network.state_dict().items()
        }
    )
    plain = cases.textbook(config.model, trainer.network)
    mask_sets = [
        textbook_masks(trainer.network, trainer.network.bank.index_at(t)) for t in range(2)
    ]
    rows = torch.from_numpy(dataset.train.astype("int64"))
    optimizer = getattr(torch.optim, config.training.optimizer)(
        plain.parameters(),
        lr=config.training.learning_rate,
        weight_decay=config.training.weight_decay,
    )
    expected = [
        loss
        for masks in mask_sets
        for loss in reference.train(plain, [masks], rows, optimizer, len(rows))
    ]
    found = [
        float(loss)
        for event in trainer.events()
        if isinstance(event, Progress)
        for loss in event.losses
    ]
    return trainer.network, plain, mask_sets, (found, expected)


@pytest.mark.parametrize("direct", [False, True], ids=["plain", "direct"])
def test_training_gives_the_weights_of_the_textbook(
    tiny_dataset, encoding: str, head: str, masks: dict, direct: bool
) -> None:
    """By SGD: Adam steps by the sign of a gradient, be it nothing but rounding."""
    dataset = tiny_dataset(NUM_VARIABLES, num_categories(head))
    model, plain, mask_sets, (found, expected) = train_both(
        dataset,
        encoding,
        head,
        direct_connections=direct,
        optimizer="SGD",
        learning_rate=0.01,
        **masks,
    )
    assert found == pytest.approx(expected, rel=1e-5)
    assert found[0] != found[1]
    for used in mask_sets:
        assert_same_weights(model, plain, used)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_fused_optimiser_steps_like_the_plain_one(tiny_dataset, optimizer: str) -> None:
    dataset = tiny_dataset(NUM_VARIABLES, 4)
    model, plain, mask_sets, (found, expected) = train_both(
        dataset, "one-hot", "categorical", num_connectivities=2, **OPTIMIZERS[optimizer]
    )
    assert found == pytest.approx(expected, rel=1e-5)
    for used in mask_sets:
        assert_same_weights(model, plain, used)


def test_the_textbook_stands_alone() -> None:
    tree = ast.parse((ROOT / "made" / "bench" / "textbook.py").read_text("utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not {name for name in modules if name.split(".")[0] == "made"}

"""The training loop: decided by its seed, exact on resume, stopped where it should be."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from stored_training import stored, weights

from made.base.errors import MadeError
from made.density import evaluation
from made.setups.config import OPTIMIZERS, ExperimentConfig
from made.training import trainer
from made.training.events import EpochEnd, Event, Finished, Progress
from made.training.trainer import Trainer

SMALL = {
    "hidden_sizes": (8, 7),
    "batch_size": 16,
    "epochs": 2,
    "learning_rate": 0.01,
    "look_ahead": 0,
    "ensemble_size": 2,
}


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch) -> None:
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0)


def experiment(**values) -> ExperimentConfig:
    return ExperimentConfig.from_flat(SMALL | values)


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def epoch_ends(events: list[Event]) -> list[EpochEnd]:
    return [event for event in events if isinstance(event, EpochEnd)]


def losses(events: list[Event]) -> np.ndarray:
    return np.concatenate([event.losses for event in events if isinstance(event, Progress)])


def test_epochs_and_steps_are_counted(tiny_dataset) -> None:
    training = Trainer(experiment(), tiny_dataset(sizes=(50, 20, 30)))
    events = list(training.events())
    kinds = [type(event) for event in events]
    assert kinds == [EpochEnd, *([Progress] * 4 + [EpochEnd]) * 2, Finished]
    assert [event.step for event in events[:-1]] == [0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 8]
    assert [event.epoch for event in epoch_ends(events)] == [0, 1, 2]
    assert all(len(event.losses) == 1 for event in events if isinstance(event, Progress))


def test_slow_reports_lose_no_loss(tiny_dataset, monkeypatch) -> None:
    often = losses(list(Trainer(experiment(), tiny_dataset()).events()))
    monkeypatch.setattr(trainer, "REPORT_SECONDS", math.inf)
    events = list(Trainer(experiment(), tiny_dataset()).events())
    assert [len(event.losses) for event in events if isinstance(event, Progress)] == [4, 4]
    assert np.array_equal(losses(events), often)


def test_one_pass_sees_every_row_once(tiny_dataset) -> None:
    dataset = tiny_dataset(num_variables=4, num_categories=9)
    training = Trainer(experiment(), dataset)
    seen: list[torch.Tensor] = []
    step = training._train_step

    def watch(rows: torch.Tensor) -> torch.Tensor:
        seen.append(rows)
        return step(rows)

    training._train_step = watch
    list(training.events())
    assert [len(rows) for rows in seen] == [16, 16, 16, 2] * 2
    epochs = [torch.cat(seen[:4]), torch.cat(seen[4:])]
    for epoch in epochs:
        assert sorted(epoch.tolist()) == sorted(dataset.train.tolist())
    assert not torch.equal(*epochs)


MANY_DRAWS = {
    "dropout": 0.3,
    "ordering": "random",
    "num_orderings": 0,
    "num_connectivities": 0,
    "schedule": "cosine",
    "direct_connections": True,
    "gradient_clip": 1.0,
    "weight_decay": 0.01,
}


def test_the_seed_decides_everything(tiny_dataset) -> None:
    dataset = tiny_dataset()
    runs = []
    for seed in (3, 3, 4):
        training = Trainer(experiment(seed=seed, **MANY_DRAWS), dataset)
        runs.append((losses(list(training.events())), weights(training)))
    assert np.array_equal(runs[0][0], runs[1][0])
    assert equal(runs[0][1], runs[1][1])
    assert not np.array_equal(runs[0][0], runs[2][0])


def test_global_random_numbers_are_neither_used_nor_moved(tiny_dataset) -> None:
    results = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        states = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
        training = Trainer(experiment(**MANY_DRAWS), tiny_dataset())
        list(training.events())
        results.append(weights(training))
        assert torch.equal(torch.get_rng_state(), states[0])
        assert np.array_equal(np.random.get_state()[1], states[1])  # noqa: NPY002
    assert equal(*results)


def check_every_resume(config: ExperimentConfig, dataset) -> None:
    """From the state at every event, the rest of the run is the same to the last bit."""
    training = Trainer(config, dataset)
    events, states = [], []
    for event in training.events():
        events.append(event)
        states.append(stored(training.state()))
    final = weights(training)
    for place, state in enumerate(states[:-1]):
        resumed = Trainer(config, dataset, state=state)
        rest = list(resumed.events())
        assert [type(event) for event in rest] == [type(event) for event in events[place + 1 :]]
        assert equal(weights(resumed), final), place
        assert equal(resumed.best, training.best), place
        for event, original in zip(rest, events[place + 1 :], strict=True):
            if isinstance(event, Progress):
                assert event.step == original.step
                assert np.array_equal(event.losses, original.losses)
            else:
                assert event.figures == original.figures, place
            if isinstance(event, EpochEnd):
                assert event.is_best == original.is_best
                for name, array in original.samples.items():
                    assert np.array_equal(event.samples[name], array), name


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_resumed_run_goes_on_as_if_never_stopped(tiny_dataset, optimizer: str) -> None:
    check_every_resume(experiment(optimizer=optimizer, **MANY_DRAWS), tiny_dataset())


@pytest.mark.parametrize(
    "values",
    [
        {"model": "marginals"},
        {"model": "naive"},
        {"num_connectivities": 3, "mask_interval": 2},
        {"autoregressive": False},
        {"look_ahead": 1, "learning_rate": 3.0, "epochs": 6},
        {"hidden_sizes": ()},
        {"encoding": "embedding", "encoding_width": 3},
        {"encoding": "embedding", "hidden_sizes": (), "num_connectivities": 2},
        {"ema_decay": 0.9},
        {"schedule": "one-cycle", "warm_up": 0.4},
        {"hidden_sizes": (6, 6), "residual_connections": True, "dropout": 0.2},
        {"precision": "bfloat16", "hidden_sizes": (6, 6)},
    ],
    ids=lambda values: ", ".join(values),
)
def test_every_kind_of_run_can_be_resumed(tiny_dataset, values: dict) -> None:
    joint = np.full((3, 3), 0.05) + np.diag([0.2, 0.2, 0.15])
    check_every_resume(experiment(**values), tiny_dataset(2, joint=joint / joint.sum()))


def test_what_is_measured_and_kept_is_the_average_of_the_weights(tiny_dataset) -> None:
    dataset = tiny_dataset()
    training = Trainer(experiment(ema_decay=0.9, epochs=3, look_ahead=0), dataset)
    events = [event for event in training.events() if isinstance(event, EpochEnd)]
    own = evaluation.mean_nll(training.model, training.validation_rows)
    with training.average.in_place():
        averaged = evaluation.mean_nll(training.model, training.validation_rows)
    assert events[-1].figures["validation_nll"] == averaged != own


def test_bfloat16_training_ends_near_float32_training(tiny_dataset) -> None:
    dataset = tiny_dataset(sizes=(400, 200, 50))
    found = {}
    for precision in ("float32", "bfloat16"):
        config = experiment(precision=precision, hidden_sizes=(32, 32), epochs=4, look_ahead=0)
        training = Trainer(config, dataset)
        found[precision] = [
            event.figures["validation_nll"]
            for event in training.events()
            if isinstance(event, EpochEnd)
        ]
        assert all(parameter.dtype == torch.float32 for parameter in training.network.parameters())
    assert found["bfloat16"][1:] != found["float32"][1:]
    assert found["bfloat16"][-1] < found["bfloat16"][0]
    assert found["bfloat16"][-1] == pytest.approx(found["float32"][-1], abs=0.02)


def test_training_starts_at_the_product_of_the_marginals(tiny_dataset, encoding, head) -> None:
    num_categories = 2 if head == "bernoulli" else 3
    dataset = tiny_dataset(num_categories=num_categories)
    config = experiment(encoding=encoding, head=head, direct_connections=True)
    first = next(Trainer(config, dataset).events())
    counts = trainer.category_counts(dataset.train, num_categories).numpy() + 1 / num_categories
    probabilities = counts / counts.sum(axis=1, keepdims=True)
    columns = range(dataset.num_variables)
    expected = -np.log(probabilities[columns, dataset.validation]).sum(axis=1).mean()
    assert first.epoch == 0
    assert first.figures["validation_nll"] == pytest.approx(expected, abs=1e-5)
    assert "train_nll" not in first.figures


def test_category_counts() -> None:
    rows = np.array([[0, 2], [1, 2], [1, 2]], np.uint8)
    assert trainer.category_counts(rows, 3).tolist() == [[1, 2, 0], [0, 0, 3]]


def test_a_marginals_model_stays_at_the_marginals(tiny_dataset) -> None:
    dataset = tiny_dataset(sizes=(400, 50, 50))
    config = experiment(model="marginals", epochs=5, batch_size=400)
    events = list(Trainer(config, dataset).events())
    counts = trainer.category_counts(dataset.train, 3).numpy()
    shares = counts / counts.sum(axis=1, keepdims=True)
    floor = -(shares * np.log(shares)).sum()
    assert losses(events) == pytest.approx(floor, abs=1e-3)


def test_training_learns_what_the_marginals_cannot(tiny_dataset) -> None:
    dataset = tiny_dataset(sizes=(2000, 500, 500))
    events = list(Trainer(experiment(epochs=8, batch_size=50), dataset).events())
    first, *_, last = epoch_ends(events)
    truth = math.log(3) - 2 * (0.8 * math.log(0.8) + 0.2 * math.log(0.1))
    assert last.figures["validation_nll"] == pytest.approx(truth, abs=0.1)
    assert first.figures["validation_nll"] > truth + 0.6


def test_the_training_loss_of_an_epoch_is_the_mean_over_its_examples(tiny_dataset) -> None:
    events = list(Trainer(experiment(), tiny_dataset(sizes=(50, 20, 30))).events())
    by_epoch = losses(events).reshape(2, 4)
    for end, each in zip(epoch_ends(events)[1:], by_epoch, strict=True):
        expected = np.average(each, weights=[16, 16, 16, 2])
        assert end.figures["train_nll"] == pytest.approx(expected, abs=1e-6)


def test_the_loss_of_a_minibatch_is_its_mean_nll_before_the_step(tiny_dataset) -> None:
    training = Trainer(experiment(batch_size=50), tiny_dataset())
    events = training.events()
    next(events)
    expected = evaluation.mean_nll(training.model, training.train_rows)
    assert next(events).losses == pytest.approx(expected, abs=1e-5)


def test_the_cosine_goes_down_to_zero(tiny_dataset) -> None:
    training = Trainer(experiment(schedule="cosine", learning_rate=0.5), tiny_dataset())
    rates = [
        training.optimizer.param_groups[0]["lr"]
        for event in training.events()
        if isinstance(event, Progress)
    ]
    expected = [0.25 * (1 + math.cos(math.pi * step / 8)) for step in range(8)]
    assert rates == pytest.approx(expected)


def test_the_gradient_is_clipped_to_a_norm(tiny_dataset) -> None:
    config = experiment(optimizer="SGD", learning_rate=1.0, gradient_clip=0.01)
    training = Trainer(config, tiny_dataset())
    events = training.events()
    next(events)
    for _ in range(3):
        before = weights(training)
        next(events)
        moved = [value - before[name] for name, value in training.network.state_dict().items()]
        norm = torch.stack([part.norm() for part in moved]).norm().item()
        assert 0.0099 < norm <= 0.0101


def scripted_validation(monkeypatch, training: Trainer, script: Iterator[float]) -> None:
    """Let the validation NLL follow a script, and everything else be measured."""
    measure = evaluation.mean_nll

    def scripted(model, x, *arguments, **keywords):
        if x is training.validation_rows:
            return next(script)
        return measure(model, x, *arguments, **keywords)

    monkeypatch.setattr(evaluation, "mean_nll", scripted)


@pytest.mark.parametrize(
    ("script", "look_ahead", "last", "best"),
    [
        ([5, 4, 6, 6, 6, 1], 3, 4, 1),
        ([5, 4, 6, 6, 3, 6, 6, 6, 1], 3, 7, 4),
        ([5, 6, 6, 1], 2, 2, 0),
        ([5, 4, 4, 4, 1], 2, 3, 1),
        ([5, 6, 1], 1, 1, 0),
        ([5, 4, 3, 2, 1], 2, 4, 4),
        ([5, 4, 6, 6, 6, 6, 6], 0, 6, 1),
    ],
)
def test_early_stopping_looks_ahead_exactly_so_many_epochs(
    tiny_dataset, monkeypatch, script: list[float], look_ahead: int, last: int, best: int
) -> None:
    config = experiment(look_ahead=look_ahead, epochs=len(script) - 1)
    training = Trainer(config, tiny_dataset())
    scripted_validation(monkeypatch, training, iter(map(float, script)))
    after_epoch, events = [], []
    for event in training.events():
        events.append(event)
        if isinstance(event, EpochEnd):
            after_epoch.append(weights(training))
    ends = epoch_ends(events)
    assert ends[-1].epoch == last
    assert [end.epoch for end in ends if end.is_best][-1] == best
    assert events[-1].figures["best_epoch"] == best
    assert events[-1].figures["validation_nll"] == script[best]
    assert ("early stopping" in events[-1].reason) == (last < len(script) - 1)
    kept = training.best_weights()
    assert equal(kept.weights, after_epoch[best])
    assert kept.epoch == best
    assert equal(weights(training), after_epoch[last])


def test_final_figures_are_those_of_the_best_weights_on_the_test_split(
    tiny_dataset, monkeypatch
) -> None:
    dataset = tiny_dataset()
    training = Trainer(experiment(epochs=3, learning_rate=0.2), dataset)
    scripted_validation(monkeypatch, training, iter([5.0, 4.0, 6.0, 7.0]))
    *_, finished = training.events()
    latest = evaluation.evaluate(training.model, dataset, "test")["nll_nats"]
    training.network.load_state_dict(training.best)
    best = evaluation.evaluate(training.model, dataset, "test")
    assert finished.figures["nll_nats"] == best["nll_nats"] != latest
    assert -finished.log_probs.mean() == pytest.approx(best["nll_nats"], rel=1e-6)
    assert finished.figures["num_examples"] == len(dataset.test) == len(finished.log_probs)
    assert finished.figures["num_parameters"] == sum(
        value.numel() for value in training.network.state_dict().values()
    )


def test_the_test_split_is_not_touched_before_the_end(tiny_dataset) -> None:
    dataset = tiny_dataset()
    poisoned = dataclasses.replace(dataset, test=dataset.test.copy())
    poisoned.test.setflags(write=True)  # a dataset is checked only when it is made
    poisoned.test[:] = 255
    config = experiment(look_ahead=1, epochs=4, learning_rate=0.3)
    clean, sick = Trainer(config, dataset), Trainer(config, poisoned)
    *clean_events, _ = clean.events()
    sick_events = []
    with pytest.raises(MadeError, match="255"):  # noqa: PT012
        for event in sick.events():
            sick_events.append(event)  # noqa: PERF402
    assert np.array_equal(losses(sick_events), losses(clean_events))
    for one, two in zip(epoch_ends(clean_events), epoch_ends(sick_events), strict=True):
        assert one.figures == two.figures
    assert equal(clean.best, sick.best)


def test_the_validation_split_decides_no_weight(tiny_dataset) -> None:
    dataset = tiny_dataset()
    other = dataclasses.replace(dataset, validation=dataset.validation[::-1] * 0)
    one, two = (Trainer(experiment(), each) for each in (dataset, other))
    first, second = list(one.events()), list(two.events())
    assert equal(weights(one), weights(two))
    assert first[0].figures["validation_nll"] != second[0].figures["validation_nll"]


def test_a_state_holds_tensors_and_text_only(tiny_dataset) -> None:
    training = Trainer(experiment(), tiny_dataset())
    list(training.events())
    tensors, metadata = training.state().stored()
    assert all(isinstance(value, torch.Tensor) for value in tensors.values())
    assert all(isinstance(value, str) for value in metadata.values())
    assert {name.partition(".")[0] for name in tensors} == {"model", "best", "optimizer"}


def test_a_misfit_is_refused_before_training(tiny_dataset) -> None:
    with pytest.raises(MadeError, match="Bernoulli head needs 2 categories"):
        Trainer(experiment(head="bernoulli"), tiny_dataset(num_categories=3))

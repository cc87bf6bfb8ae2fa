"""What changes on the way holds from its step on, and is a function of the step alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from stored_training import stored, weights

from made.base.errors import MadeError
from made.setups.changes import Change, changed, config_at, news, parse_changes
from made.setups.config import ExperimentConfig
from made.training import trainer
from made.training.events import EpochEnd, Finished, Progress
from made.training.timeline import Timeline
from made.training.trainer import Trainer

SMALL = {
    "hidden_sizes": (8, 7),
    "batch_size": 16,
    "epochs": 4,
    "learning_rate": 0.01,
    "look_ahead": 0,
    "optimizer": "Adam",
    "schedule": "cosine",
    "ema_decay": 0.9,
}
# 50 rows: four minibatches of 16 an epoch.
CHANGES = (
    Change(3, {"learning_rate": 0.003, "dropout": 0.2}),
    Change(6, {"batch_size": 10}),
    Change(8, {"schedule": "constant", "weight_decay": 0.01}),
    Change(15, {"epochs": 6, "gradient_clip": 1.0}),
)


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch) -> None:
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0)


def experiment(**values) -> ExperimentConfig:
    return ExperimentConfig.from_flat(SMALL | values)


def assert_equal(one: Trainer, other: Trainer) -> None:
    mine, theirs = weights(one), weights(other)
    assert mine.keys() == theirs.keys()
    for name in mine:
        assert torch.equal(mine[name], theirs[name]), name
    assert (one.step, one.epoch, one.best_epoch) == (other.step, other.epoch, other.best_epoch)


def test_changes_asked_for_on_the_way_are_those_that_were_planned(tiny_dataset) -> None:
    planned = Trainer(experiment(), tiny_dataset(), changes=CHANGES)
    list(planned.events())
    asked = Trainer(experiment(), tiny_dataset())
    waiting = list(CHANGES)
    for event in asked.events():
        if isinstance(event, Progress) and waiting and event.step == waiting[0].step:
            assert asked.change(waiting[0].values) == waiting.pop(0)
    assert not waiting
    assert_equal(planned, asked)
    # Two epochs of 16 rows (the second keeps its size), then four of 10.
    assert planned.step == 4 + 4 + 4 * 5


@pytest.mark.parametrize("cut", range(1, 28))
def test_from_any_step_a_resume_comes_to_the_same_weights(tiny_dataset, cut: int) -> None:
    whole = Trainer(experiment(), tiny_dataset(), changes=CHANGES)
    list(whole.events())
    first = Trainer(experiment(), tiny_dataset(), changes=CHANGES)
    state = None
    for event in first.events():
        if isinstance(event, Progress) and event.step == cut:
            state = stored(first.state())
            break
    second = Trainer(experiment(), tiny_dataset(), "cpu", state, CHANGES)
    list(second.events())
    assert_equal(whole, second)


def test_a_change_of_the_rate_is_taken_by_the_very_next_step(tiny_dataset) -> None:
    training = Trainer(experiment(schedule="constant"), tiny_dataset())
    rates = []
    for event in training.events():
        if isinstance(event, Progress):
            rates.append(training.optimizer.param_groups[0]["lr"])
            if event.step == 5:
                training.change({"learning_rate": 0.5})
    assert rates == [0.01] * 5 + [0.5] * 11


def test_every_epoch_sees_each_row_once(tiny_dataset, monkeypatch) -> None:
    training = Trainer(experiment(), tiny_dataset(), changes=CHANGES)
    seen, epochs = [], []
    step = training._train_step
    monkeypatch.setattr(
        training, "_train_step", lambda rows: (seen.append(len(rows)), step(rows))[1]
    )
    for event in training.events():
        if isinstance(event, EpochEnd) and event.step:
            epochs.append(seen.copy())
            seen.clear()
    assert epochs == [[16, 16, 16, 2]] * 2 + [[10] * 5] * 4


def test_more_epochs_let_a_training_that_had_ended_go_on(tiny_dataset) -> None:
    ended = Trainer(experiment(look_ahead=1, learning_rate=5.0, epochs=50), tiny_dataset())
    events = list(ended.events())
    assert isinstance(events[-1], Finished)
    assert "early stopping" in events[-1].reason
    more = (Change(ended.step, {"epochs": 50}),)
    config = experiment(look_ahead=1, learning_rate=5.0, epochs=50)
    going_on = Trainer(config, tiny_dataset(), "cpu", stored(ended.state()), more)
    list(going_on.events())
    assert going_on.epoch > ended.epoch, "the look-ahead counts anew"
    from_the_start = Trainer(config, tiny_dataset(), changes=more)
    list(from_the_start.events())
    assert_equal(going_on, from_the_start)


def test_what_needs_new_weights_cannot_change(tiny_dataset) -> None:
    training = Trainer(experiment(), tiny_dataset())
    next(training.events())
    for values in ({"hidden_sizes": (3,)}, {"seed": 2}, {"learning_rate": -1}, {"nonsense": 1}):
        with pytest.raises(MadeError):
            training.change(values)
    assert training.timeline.changes == []
    assert training.change({"learning_rate": 0.01}) is None
    with pytest.raises(MadeError, match="several devices"):
        changed(experiment(num_devices=2), {"learning_rate": 0.1})


def test_the_plan_of_steps_follows_the_changes() -> None:
    timeline = Timeline(experiment(), 50, CHANGES)
    assert [timeline.start(epoch) for epoch in range(6)] == [0, 4, 8, 13, 18, 23]
    assert [timeline.epoch_of(step) for step in (0, 3, 4, 7, 8, 12, 13)] == [0, 0, 1, 1, 2, 2, 3]
    assert timeline.num_steps(0) == 16
    # From step 6 on the two epochs that are left after this one have five steps each.
    assert timeline.num_steps(6) == timeline.num_steps(8) == 18
    assert timeline.num_steps(15) == timeline.num_steps(27) == 28
    assert timeline.extended(14) == 0
    assert timeline.extended(15) == 3
    later = Timeline(experiment(), 50)
    assert later.start(5) == 20
    later.add(Change(8, {"batch_size": 50}))
    assert [later.start(epoch) for epoch in range(5)] == [0, 4, 8, 9, 10]


def test_changes_survive_their_file_whatever_became_of_it() -> None:
    lines = "".join(change.to_json() + "\n" for change in CHANGES)
    assert parse_changes(lines.encode()) == CHANGES
    assert parse_changes(lines.encode()[:-9]) == CHANGES[:-1]
    broken = [
        '{"step": -1, "values": {"epochs": 3}}',
        '{"step": 1, "values": {"hidden_sizes": [2]}}',
        '{"step": 1.5, "values": {"epochs": 3}}',
        '{"step": 2, "values": {"epochs": "many"}}',
        '{"step": 2, "values": [1]}',
        "[]",
        '{"step": 9, "values": {"epochs": 7}}',
        '{"step": 5, "values": {"epochs": 8}}',
    ]
    assert parse_changes("\n".join(broken).encode()) == (Change(9, {"epochs": 7}),)


def test_the_settings_at_a_step_are_all_changes_up_to_it() -> None:
    config = experiment()
    assert config_at(config, CHANGES, 2) == config
    assert config_at(config, CHANGES, 3).training.learning_rate == 0.003
    assert config_at(config, CHANGES, 99).training.epochs == 6
    assert news(config, {"epochs": 4, "batch_size": 3}) == {"batch_size": 3}
    assert np.isclose(config_at(config, CHANGES, 99).model.dropout, 0.2)

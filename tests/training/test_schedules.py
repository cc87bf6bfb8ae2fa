"""Learning rates over a run, and the average of the weights."""

import pytest
import torch

from made.setups.config import TrainingConfig
from made.training.schedules import Average, Schedule


def rates(**values) -> list[float]:
    schedule = Schedule(TrainingConfig(learning_rate=2.0, **values), num_steps=200)
    return [schedule(step) for step in range(200)]


def test_constant_is_constant() -> None:
    assert set(rates(schedule="constant")) == {2.0}


def test_a_cosine_falls_from_the_top_to_zero_with_the_half_in_the_middle() -> None:
    found = rates(schedule="cosine")
    assert found[0] == 2.0
    assert found == sorted(found, reverse=True)
    assert found[100] == pytest.approx(1.0)
    assert 0 < found[-1] < 0.001


def test_one_cycle_rises_from_a_twenty_fifth_and_falls_to_zero() -> None:
    found = rates(schedule="one-cycle", warm_up=0.25)
    assert found[0] == pytest.approx(2 / 25)
    assert found[50] == 2.0
    assert found[:51] == sorted(found[:51])
    assert found[50:] == sorted(found[50:], reverse=True)
    assert 0 < found[-1] < 0.001


def test_the_average_is_the_recursion_of_its_definition(build) -> None:
    model = build(3, 2, hidden_sizes=(5,))
    average = Average(model, 0.3)
    expected = [parameter.detach().clone() for parameter in model.parameters()]
    generator = torch.Generator().manual_seed(0)
    for step in range(6):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn(parameter.shape, generator=generator))
        average.prepare(step)
        average.follow()
        decay = min(0.3, (1 + step) / (10 + step))
        expected = [
            decay * old + (1 - decay) * new.detach()
            for old, new in zip(expected, model.parameters(), strict=True)
        ]
    for found, value in zip(average.values, expected, strict=True):
        torch.testing.assert_close(found, value)


def test_the_average_stands_in_for_the_weights_and_gives_them_back(build) -> None:
    model = build(3, 2, hidden_sizes=(5,))
    average = Average(model, 0.9)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    own = [parameter.detach().clone() for parameter in model.parameters()]
    with average.in_place():
        inside = [parameter.detach().clone() for parameter in model.parameters()]
    assert any(value.any() for value in inside)
    for parameter, value in zip(model.parameters(), own, strict=True):
        assert torch.equal(parameter, value)
    for kept, value in zip(average.values, inside, strict=True):
        assert torch.equal(kept, value)


def test_without_a_decay_there_is_no_average(build) -> None:
    model = build(3, 2, hidden_sizes=(5,))
    average = Average(model, 0.0)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    with average.in_place():
        for parameter, value in zip(model.parameters(), before, strict=True):
            assert torch.equal(parameter, value)
    assert average.values == []

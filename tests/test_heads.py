"""Heads: normalised conditionals, sampled by their inverse distribution function."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from made.errors import MadeError
from made.heads import HEADS, Head, head_name, sample_categories


@pytest.fixture(params=HEADS)
def any_head(request) -> Head:
    try:
        return HEADS[request.param](5)
    except MadeError:
        return HEADS[request.param](2)


def parameters_of(head: Head, *shape: int, scale: float = 3.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return scale * torch.randn((*shape, head.num_parameters), generator=generator)


@pytest.mark.parametrize("scale", [0.0, 3.0, 100.0])
def test_probabilities_of_all_categories_sum_to_one(any_head: Head, scale: float) -> None:
    log_probs = any_head.log_probs(parameters_of(any_head, 6, 4, scale=scale))
    assert log_probs.shape == (6, 4, any_head.num_categories)
    assert torch.isfinite(log_probs).all()
    assert torch.allclose(log_probs.exp().sum(dim=-1), torch.ones(6, 4))


def test_log_prob_is_the_entry_of_log_probs(any_head: Head) -> None:
    parameters = parameters_of(any_head, 50, 4)
    generator = torch.Generator().manual_seed(2)
    x = torch.randint(any_head.num_categories, (50, 4), generator=generator)
    expected = any_head.log_probs(parameters).gather(-1, x.unsqueeze(-1)).squeeze(-1)
    assert torch.allclose(any_head.log_prob(parameters, x), expected, atol=1e-6)


def test_a_sample_inverts_the_distribution_function(any_head: Head) -> None:
    uniforms = torch.linspace(0.0005, 0.9995, 1000)
    parameters = parameters_of(any_head, 1).expand(1000, -1)
    cumulative = any_head.log_probs(parameters[0]).exp().double().cumsum(0)
    expected = [next(k for k, c in enumerate(cumulative) if c > u) for u in uniforms.double()]
    drawn = any_head.sample(parameters, uniforms)
    assert drawn.dtype == torch.int64
    assert drawn.tolist() == expected
    assert len(set(expected)) > 1


@pytest.mark.parametrize("uniform", [2**-24, 0.5, 1 - 2**-24])
@pytest.mark.parametrize("certain", [0, 1])
def test_what_is_certain_is_always_drawn(any_head: Head, uniform: float, certain: int) -> None:
    counts = torch.full((1, any_head.num_categories), 1e-30)
    counts[0, certain] = 1.0
    parameters = any_head.marginal_parameters(counts)
    assert any_head.sample(parameters, torch.tensor([uniform])).tolist() == [certain]


def test_marginal_parameters_give_the_relative_frequencies(any_head: Head) -> None:
    counts = torch.arange(1.0, 1 + 3 * any_head.num_categories).view(3, -1)
    probabilities = any_head.log_probs(any_head.marginal_parameters(counts)).exp()
    assert torch.allclose(probabilities, counts / counts.sum(dim=1, keepdim=True))


def test_categories_of_no_probability_are_never_drawn() -> None:
    probabilities = torch.tensor([0.0, 0.3, 0.0, 0.7, 0.0])
    uniforms = torch.tensor([0.0, 0.29, 0.31, 1 - 2**-24])
    drawn = sample_categories(probabilities.expand(4, -1), uniforms)
    assert drawn.tolist() == [1, 1, 3, 3]


@given(
    weights=st.lists(st.floats(0.001, 1), min_size=1, max_size=300),
    uniform=st.floats(0, 1, exclude_max=True, width=32),
)
def test_rounding_never_draws_beyond_the_last_category(
    weights: list[float], uniform: float
) -> None:
    probabilities = torch.tensor(weights).log().softmax(dim=0)
    drawn = sample_categories(probabilities, torch.tensor(uniform))
    assert 0 <= drawn < len(weights)


@pytest.mark.parametrize("name", ["bernoulli", "categorical"])
@pytest.mark.parametrize(
    ("guess", "expected"), [((0.9, 0.15, 0.95), 0.106), ((0.5, 0.95, 0.25), 1.692)]
)
def test_cross_entropy_of_three_pixels(
    name: str, guess: tuple[float, ...], expected: float
) -> None:
    head = HEADS[name](2)
    ones = torch.tensor(guess)
    parameters = head.marginal_parameters(torch.stack([1 - ones, ones], dim=1))
    loss = -head.log_prob(parameters.unsqueeze(0), torch.tensor([[1, 0, 1]])).mean()
    assert loss.item() == pytest.approx(expected, abs=5e-4)


def test_bernoulli_is_the_categorical_of_two() -> None:
    logits = parameters_of(HEADS["bernoulli"](2), 20, 3)
    both = torch.cat([torch.zeros_like(logits), logits], dim=-1)
    two = HEADS["categorical"](2).log_probs(both)
    assert torch.allclose(HEADS["bernoulli"](2).log_probs(logits), two, atol=1e-6)


def test_bernoulli_loss_of_a_large_logit_is_the_logit() -> None:
    logit = torch.tensor([[[80.0]]])
    assert HEADS["bernoulli"](2).log_prob(logit, torch.tensor([[0]])).item() == pytest.approx(-80)
    assert HEADS["bernoulli"](2).log_prob(logit, torch.tensor([[1]])).item() == pytest.approx(0)


def test_bernoulli_refuses_more_than_two_categories() -> None:
    with pytest.raises(MadeError, match=r"needs 2 categories, not 17\. Choose the categorical"):
        HEADS["bernoulli"](17)


def test_auto_takes_bernoulli_for_two_categories_only() -> None:
    assert head_name("auto", 2) == "bernoulli"
    assert head_name("auto", 3) == "categorical"
    assert head_name("categorical", 2) == "categorical"


def test_uniform_logits_cost_log_k() -> None:
    loss = -HEADS["categorical"](7).log_prob(torch.zeros(1, 1, 7), torch.tensor([[3]]))
    assert loss.item() == pytest.approx(math.log(7))

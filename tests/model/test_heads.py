"""Heads: normalised conditionals, sampled by their inverse distribution function."""

import math
from itertools import accumulate

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.profiler import ProfilerActivity, profile

from made.base.errors import MadeError
from made.bench import textbook as reference
from made.density.density import Density
from made.model.heads import (
    HEADS,
    DiscretisedLogistics,
    Head,
    build_head,
    head_name,
    sample_categories,
)
from made.setups.build import build_network
from made.setups.config import ExperimentConfig


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


def test_training_holds_as_many_numbers_for_a_parameter_as_the_head_says(any_head: Head) -> None:
    parameters = parameters_of(any_head, 512, 20).requires_grad_()
    x = torch.zeros(512, 20, dtype=torch.int64)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        any_head.log_prob(parameters, x).sum().backward()
    changes = [event.nbytes() for event in allocations(recorded)]
    held = round(1 + max(accumulate(changes)) / parameters.nbytes, 1)
    assert held <= any_head.passes <= 2 * held


def allocations(recorded: profile) -> list:
    events = recorded.profiler.kineto_results.events()
    return [event for event in events if event.name() == "[memory]"]


def test_a_sample_inverts_the_distribution_function(any_head: Head) -> None:
    uniforms = torch.linspace(0.0005, 0.9995, 1000)
    parameters = parameters_of(any_head, 1).expand(1000, -1)
    cumulative = any_head.log_probs(parameters[0]).exp().double().cumsum(0)
    expected = [next(k for k, c in enumerate(cumulative) if c > u) for u in uniforms.double()]
    drawn = any_head.sample(parameters, uniforms)
    assert drawn.dtype == torch.int64
    assert drawn.tolist() == expected
    assert len(set(expected)) > 1


def certainly(head: Head, category: int) -> torch.Tensor:
    """Parameters (1, P) by which one category is as good as certain."""
    if isinstance(head, DiscretisedLogistics):
        mean = 2 * category / (head.num_categories - 1) - 1
        return torch.tensor([[0.0, mean, -100.0]]).repeat_interleave(head.num_components, dim=1)
    counts = torch.full((1, head.num_categories), 1e-30)
    counts[0, category] = 1.0
    return head.marginal_parameters(counts)


@pytest.mark.parametrize("uniform", [2**-24, 0.5, 1 - 2**-24])
@pytest.mark.parametrize("certain", [0, 1])
def test_what_is_certain_is_always_drawn(any_head: Head, uniform: float, certain: int) -> None:
    drawn = any_head.sample(certainly(any_head, certain), torch.tensor([uniform]))
    assert drawn.tolist() == [certain]


@pytest.mark.parametrize("name", ["bernoulli", "categorical"])
def test_marginal_parameters_give_the_relative_frequencies(name: str) -> None:
    head = HEADS[name](2 if name == "bernoulli" else 5)
    counts = torch.arange(1.0, 1 + 3 * head.num_categories).view(3, -1)
    probabilities = head.log_probs(head.marginal_parameters(counts)).exp()
    assert torch.allclose(probabilities, counts / counts.sum(dim=1, keepdim=True))


def test_parameters_of_half_precision_are_read_as_they_are(any_head: Head) -> None:
    halves = parameters_of(any_head, 2000, 3).bfloat16()
    generator = torch.Generator().manual_seed(2)
    x = torch.randint(any_head.num_categories, (2000, 3), generator=generator)
    uniforms = torch.rand((2000, 3), generator=generator)
    assert torch.equal(any_head.log_prob(halves, x), any_head.log_prob(halves.float(), x))
    assert torch.equal(any_head.log_probs(halves), any_head.log_probs(halves.float()))
    assert torch.equal(any_head.sample(halves, uniforms), any_head.sample(halves.float(), uniforms))


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


def test_a_head_is_built_by_name_and_only_the_mixture_has_components() -> None:
    assert type(build_head("auto", 2)) is HEADS["bernoulli"]
    assert build_head("categorical", 7, 3).num_parameters == 7
    assert build_head("logistics", 7, 3).num_parameters == 9


@pytest.mark.parametrize("num_components", [1, 5])
@pytest.mark.parametrize("num_categories", [2, 3, 17, 256, 1000])
@pytest.mark.parametrize("scale", [1.0, 10.0, 100.0])
def test_a_mixture_of_logistics_is_finite_normalised_and_has_finite_gradients(
    num_categories: int, num_components: int, scale: float
) -> None:
    head = DiscretisedLogistics(num_categories, num_components)
    parameters = parameters_of(head, 60, scale=scale)
    signs = torch.cartesian_prod(*[torch.tensor([-scale, 0.0, scale])] * 3)
    corners = signs.repeat_interleave(num_components, dim=1)
    parameters = torch.cat([parameters, corners]).requires_grad_()
    log_probs = head.log_probs(parameters)
    assert torch.isfinite(log_probs).all()
    total = log_probs.exp().sum(dim=-1)
    torch.testing.assert_close(total, torch.ones_like(total), rtol=0, atol=1e-6)
    (gradient,) = torch.autograd.grad(log_probs.sum(), parameters)
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("num_categories", [2, 3, 40])
def test_a_bin_of_a_mixture_is_the_integral_of_its_density(num_categories: int) -> None:
    head = DiscretisedLogistics(num_categories, 3)
    weights, means = torch.tensor([0.2, 0.5, 0.3]), torch.tensor([-0.8, 0.1, 1.2])
    scales = torch.tensor([0.3, 0.9, 0.2])
    width, fine = 2 / (num_categories - 1), 40_000
    inner = -1 + width * (torch.arange(num_categories - 1).double() + 0.5)
    edges = torch.cat([torch.tensor([-50.0]), inner, torch.tensor([50.0])])
    middles = (torch.arange(fine).double() + 0.5) / fine
    line = edges[:-1, None] + edges.diff()[:, None] * middles
    z = (line.unsqueeze(-1) - means) / (scales + width / 40)
    density = (weights / (scales + width / 40) * z.sigmoid() * (-z).sigmoid()).sum(dim=-1)
    expected = density.mean(dim=-1) * edges.diff()
    found = head.log_probs(torch.cat([weights.log(), means, scales.log()])).exp().double()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("num_categories", [2, 3, 256])
def test_gradients_of_a_mixture_are_those_of_the_textbook_in_double_precision(
    num_categories: int,
) -> None:
    head = DiscretisedLogistics(num_categories, 4)
    single = parameters_of(head, 30, scale=1.0).requires_grad_()
    double = single.detach().double().requires_grad_()
    found, expected = head.log_probs(single), reference.logistics(double, num_categories).log()
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)
    upstream = torch.randn(found.shape, generator=torch.Generator().manual_seed(3))
    (gradient,) = torch.autograd.grad(found, single, upstream)
    (wanted,) = torch.autograd.grad(expected, double, upstream.double())
    assert (gradient - wanted).norm() < 1e-5 * wanted.norm()


def test_the_log_prob_of_a_mixture_looks_only_at_the_bin_asked_for() -> None:
    head = DiscretisedLogistics(10**12, 2)
    x = torch.tensor([[0, 10**11, 10**12 - 1]])
    assert torch.isfinite(head.log_prob(torch.zeros(1, 3, 6), x)).all()


LINE = torch.linspace(-1, 1, 200)
SMOOTH = torch.stack(
    [
        torch.ones(200),
        (-8 * LINE**2).exp() + 1e-4,
        (-80 * (LINE - 0.5) ** 2).exp() + 0.5 * (-30 * (LINE + 0.5) ** 2).exp() + 1e-4,
        1.1 + (9 * LINE).sin(),
    ]
)


@pytest.mark.parametrize(
    ("counts", "bound"),
    [
        (SMOOTH, 0.06),
        (torch.tensor([[50_000.5, 0.5], [30, 10], [1, 9]]), 2e-3),
        (torch.tensor([[1.0, 2, 3], [9, 1, 5]]), 1e-4),
    ],
    ids=["200 categories", "2 categories", "3 categories"],
)
def test_a_mixture_starts_near_the_marginals(counts: torch.Tensor, bound: float) -> None:
    frequencies = counts / counts.sum(dim=1, keepdim=True)
    gaps = []
    for num_components in (1, 5, 20):
        head = DiscretisedLogistics(counts.shape[1], num_components)
        parameters = head.marginal_parameters(counts)
        kl = (frequencies * (frequencies.log() - head.log_probs(parameters))).sum(dim=1)
        gaps.append(kl.mean().item())
        means = parameters[:, num_components : 2 * num_components].sort(dim=1).values
        assert (means.diff(dim=1) > 0).all()  # equal ones would have equal gradients for ever
        if num_components == 5:
            assert kl.max() < bound
    assert gaps[2] < gaps[0]


def test_a_made_with_a_mixture_learns_an_ordered_joint(tiny_info) -> None:
    """A narrow parabola; as far below the product of the marginals as its mutual information."""
    line = torch.linspace(-1, 1, 30)
    joint = (-60 * (line[None, :] - 2 * line[:, None] ** 2 + 1) ** 2).exp() + 1e-3
    joint /= joint.sum()
    x = torch.cartesian_prod(torch.arange(30), torch.arange(30))
    config = ExperimentConfig.from_flat({"head": "logistics", "hidden_sizes": (20,)})
    model = build_network(config, tiny_info(2, 30))
    model.start_at_marginals(1e6 * torch.stack([joint.sum(dim=1), joint.sum(dim=0)]))

    def gap() -> float:
        exact = torch.from_numpy(Density(model).log_joint())
        return (joint * (joint.log() - exact)).sum().item()

    independent = joint.sum(dim=1, keepdim=True) * joint.sum(dim=0, keepdim=True)
    information = (joint * (joint / independent).log()).sum().item()
    assert gap() == pytest.approx(information, abs=0.02)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        (-(joint.flatten() * model.conditional_log_prob(x).sum(dim=1)).sum()).backward()
        optimizer.step()
    assert gap() < 0.05 * information

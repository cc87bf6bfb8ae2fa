"""MADE is autoregressive to the last bit, for every encoding, head, ordering and mask set."""

import copy

import pytest
import torch
from same_weights import assert_same_weights, hidden_weights_are_zero
from torch import nn

from made.bench.cases import textbook_masks
from made.density import sampling
from made.density.density import Density
from made.model.build import MODELS
from made.model.network import MASK_SETS_KEPT
from made.setups.build import build_network
from made.setups.config import OPTIMIZERS, ExperimentConfig
from made.training.steps import build_optimizer


class GivenFeatures:
    """An encoding whose features are a leaf, so that a Jacobian can be taken."""

    def __init__(self, features: torch.Tensor, width: int):
        self.features, self.width = features, width

    def __call__(self, x: torch.Tensor, table: torch.Tensor | None = None) -> torch.Tensor:
        return self.features


def jacobian_support(model, x: torch.Tensor, mask_set: int) -> torch.Tensor:
    """bool (D, D): whether any parameter of the first index moves with the second's features."""
    encode = model.encoding
    features = model.features(x).detach().requires_grad_()
    model.encoding = GivenFeatures(features, encode.width)
    parameters = model(x, mask_set)
    rows = []
    for d in range(model.num_variables):
        weights = torch.randn(parameters[:, d].shape, generator=torch.Generator().manual_seed(d))
        (gradient,) = torch.autograd.grad(
            (parameters[:, d] * weights).sum(), features, retain_graph=True, materialize_grads=True
        )
        by_variable = gradient.view(len(x), model.num_variables, -1)
        rows.append((by_variable != 0).any(dim=-1).any(dim=0))
    model.encoding = encode
    support = torch.stack(rows)
    # Staircases are fed along the ordering.
    return support if model.position is None else support[:, model.position]


def reachable(model, mask_set: int) -> torch.Tensor:
    """bool (D, D): whether the masks leave a path to the first index from the second."""
    chosen = model.bank.mask_set(mask_set)
    count = torch.eye(model.num_variables, dtype=torch.int64)
    for mask in chosen.layer_masks():
        count = torch.from_numpy(mask).long() @ count
    paths = count > 0 if chosen.degrees else torch.zeros_like(count, dtype=torch.bool)
    if model.direct_weight is not None:
        paths = paths | torch.from_numpy(chosen.direct_mask())
    return paths


def test_outputs_ignore_their_own_and_later_variables_bit_for_bit(
    every_made, states, mask_sets
) -> None:
    for label, model in every_made(4):
        x = states(4, model.num_categories)
        for mask_set in mask_sets(model):
            before = model(x, mask_set)
            sequence = model.bank.mask_set(mask_set).ordering.sequence
            for place in range(4):
                changed = x.clone()
                later = sequence[place:].copy()
                changed[:, later] = (changed[:, later] + 1) % model.num_categories
                after = model(changed, mask_set)
                known = sequence[: place + 1].copy()
                assert torch.equal(before[:, known], after[:, known]), (label, mask_set, place)


def test_the_jacobian_is_zero_exactly_where_masks_leave_no_path_and_the_report_knows(
    every_made, states, mask_sets
) -> None:
    for label, model in every_made(4):
        x = states(4, model.num_categories)[::7]
        for index in mask_sets(model):
            support = jacobian_support(model, x, index)
            mask_set = model.bank.mask_set(index)
            assert torch.equal(support, reachable(model, index)), (label, index)
            place = torch.from_numpy(mask_set.ordering.position)
            assert not support[place[:, None] <= place[None, :]].any(), (label, index)
            report = mask_set.report(model.direct_weight is not None)
            first, last = mask_set.ordering.sequence[[0, -1]]
            unseen = [d for d in range(4) if d != last and not support[:, d].any()]
            blind = [d for d in range(4) if d != first and not support[d].any()]
            assert list(report.unseen_inputs) == unseen, (label, index)
            assert list(report.blind_outputs) == blind, (label, index)


def test_units_of_the_report_are_those_that_change_nothing(build) -> None:
    model = build(4, 3, hidden_sizes=(9, 2), mask_seed=5, num_connectivities=2)
    first_layer, second, _ = map(torch.from_numpy, model.bank.mask_set(0).layer_masks())
    dead = ((second == 0).all(dim=0) | (first_layer == 0).all(dim=1)).sum().item()
    assert model.bank.mask_set(0).report().dead_units[0] == dead > 0


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_wide_network_sees_everything_that_the_ordering_allows(
    build, states, encoding, ordering, direct: bool, depth: int
) -> None:
    model = build(
        4,
        2,
        encoding=encoding,
        hidden_sizes=(24,) * depth,
        degrees="even",
        direct_connections=direct,
        **ordering,
    )
    place = torch.from_numpy(model.bank.mask_set(0).ordering.position)
    support = jacobian_support(model, states(4, 2), 0)
    assert torch.equal(support, place[:, None] > place[None, :])


@pytest.mark.parametrize("number", [1, 3, 0], ids=["one", "three", "fresh"])
def test_residual_connections_add_units_of_equal_degree(
    build, textbook, states, number: int
) -> None:
    values = {
        "hidden_sizes": (8, 8, 8),
        "ordering": "random",
        "num_connectivities": number,
        "residual_connections": True,
    }
    model = build(4, 2, **values)
    plain = textbook(model, **values)
    x, uniforms = states(4, 2), torch.rand((50, 4), generator=torch.Generator().manual_seed(0))
    for mask_set in range(3):
        chosen = model.bank.mask_set(mask_set)
        assert all((layer == chosen.degrees[0]).all() for layer in chosen.degrees)
        expected = plain(x, textbook_masks(model, mask_set))
        assert torch.allclose(model(x, mask_set), expected, atol=1e-5)
        support = jacobian_support(model, x, mask_set)
        place = torch.from_numpy(chosen.ordering.position)
        assert not support[place[:, None] <= place[None, :]].any()
        zeros = torch.zeros(uniforms.shape, dtype=torch.int64)
        fast = sampling.draw(model, mask_set, zeros, uniforms)
        assert torch.equal(fast, sampling.plain(model, mask_set, zeros, uniforms))
    assert Density(model).log_prob(x).exp().sum().item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("masks", [{}, {"num_connectivities": 2}], ids=["masked once", "two"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_equals_masking_in_every_pass(
    build, textbook, states, optimizer: str, masks: dict
) -> None:
    values = {"optimizer": optimizer, "weight_decay": 0.1, "learning_rate": 0.01} | masks
    model = build(3, 3, hidden_sizes=(8, 6), direct_connections=True, **values)
    assert model.is_sorted == (not masks)
    plain = textbook(model, **values)
    reference = getattr(torch.optim, optimizer)(plain.parameters(), lr=0.01, weight_decay=0.1)
    trained = build_optimizer(ExperimentConfig.from_flat(values), model)
    x = states(3, 3)
    for step in range(12):
        rows, mask_set = x[step::3], step % 2
        trained.zero_grad()
        (-model.conditional_log_prob(rows, mask_set).sum(dim=1).mean()).backward()
        trained.step()
        reference.zero_grad()
        (-plain.log_prob(rows, textbook_masks(model, mask_set)).mean()).backward()
        reference.step()
    for mask_set in (0, 1):
        expected = plain(x, textbook_masks(model, mask_set))
        assert torch.allclose(model(x, mask_set), expected, atol=1e-3)
    if not masks:
        assert hidden_weights_are_zero(model, textbook_masks(model, 0))
        assert_same_weights(model, plain, textbook_masks(model, 0), atol=1e-4)


def take_steps(model, config: ExperimentConfig, x: torch.Tensor, steps: int) -> None:
    optimizer = build_optimizer(config, model)
    for _ in range(steps):
        optimizer.zero_grad()
        (-model.conditional_log_prob(x).sum(dim=1).mean()).backward()
        optimizer.step()


SINGLE = {"hidden_sizes": (8, 6), "direct_connections": True, "ordering": "random"}


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_never_wakes_a_hidden_weight(build, states, optimizer, weight_decay) -> None:
    values = {"optimizer": optimizer, "weight_decay": weight_decay, "learning_rate": 0.1}
    model = build(4, 2, **SINGLE)
    before = [weight.detach().clone() for weight in model.parameters()]
    take_steps(model, ExperimentConfig.from_flat(values), states(4, 2), 5)
    assert hidden_weights_are_zero(model, textbook_masks(model, 0))
    assert not any(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_stored_weights_that_were_never_masked_cannot_leak(build) -> None:
    model = build(4, 3, **SINGLE)
    model.load_state_dict({name: torch.ones_like(v) for name, v in model.state_dict().items()})
    assert hidden_weights_are_zero(model, textbook_masks(model, 0))


def test_stored_weights_cannot_leak_through_a_module_around_the_model(build) -> None:
    around = nn.Sequential(build(4, 3, **SINGLE))
    around.load_state_dict({name: torch.ones_like(v) for name, v in around.state_dict().items()})
    assert hidden_weights_are_zero(around[0], textbook_masks(around[0], 0))


def test_assigned_weights_stay_masked_in_training(build, states) -> None:
    model = build(4, 2, **SINGLE)
    ones = {name: torch.ones_like(value) for name, value in model.state_dict().items()}
    model.load_state_dict(ones, assign=True)
    take_steps(model, ExperimentConfig(), states(4, 2), 2)
    assert hidden_weights_are_zero(model, textbook_masks(model, 0))


def test_a_copy_stays_masked_in_training(build, states) -> None:
    model = build(4, 2, **SINGLE)
    twin = copy.deepcopy(model)
    take_steps(twin, ExperimentConfig(), states(4, 2), 2)
    assert hidden_weights_are_zero(twin, textbook_masks(twin, 0))
    assert not torch.equal(twin.output_weight.whole(), model.output_weight.whole())


def test_changing_masks_destroys_no_weight(build, states) -> None:
    model = build(4, 2, num_connectivities=3, **SINGLE)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for mask_set in (0, 1, 2, 1):
        model(states(4, 2), mask_set)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not hidden_weights_are_zero(model, textbook_masks(model, 0))


def test_mask_sets_beyond_those_kept_in_memory_are_rebuilt(build, states) -> None:
    model = build(4, 2, num_connectivities=0, num_orderings=0, **SINGLE)
    x = states(4, 2)
    before = model(x, 0)
    for mask_set in range(1, 80):
        model(x, mask_set)
    assert len(model._degrees) <= MASK_SETS_KEPT < 80
    assert torch.equal(model(x, 0), before)


@pytest.mark.parametrize("kind", MODELS)
def test_the_seed_decides_the_first_weights(tiny_info, kind: str) -> None:
    def first_weights(seed: int) -> list[torch.Tensor]:
        config = ExperimentConfig.from_flat({"model": kind, "hidden_sizes": (9,), "seed": seed})
        return [*build_network(config, tiny_info(2, 5)).parameters()]

    same = zip(first_weights(1), first_weights(1), strict=True)
    assert all(torch.equal(one, two) for one, two in same)
    if kind != "marginals":
        other = zip(first_weights(1), first_weights(2), strict=True)
        assert not all(torch.equal(one, two) for one, two in other)


@pytest.mark.parametrize("num_categories", [2, 200])
def test_first_activations_are_of_one_size_in_every_layer_and_encoding(
    tiny_info, encoding, num_categories: int
) -> None:
    """He et al. (2015): rectified units pass the second moment of the features on."""
    config = ExperimentConfig.from_flat({"encoding": encoding, "hidden_sizes": (600, 600, 600)})
    model = build_network(config, tiny_info(60, num_categories))
    generator = torch.Generator().manual_seed(0)
    hidden = model.features(torch.randint(num_categories, (50, 60), generator=generator))
    for weight, bias in zip(model.hidden_weights, model.hidden_biases, strict=True):
        hidden = torch.relu(hidden @ weight.whole().T + bias)
        assert 0.1 < hidden.square().mean() < 10


@pytest.mark.parametrize("kind", MODELS)
def test_every_model_starts_at_the_marginals(tiny_info, states, head, kind: str) -> None:
    values = {"model": kind, "head": head, "hidden_sizes": (6,), "num_connectivities": 2}
    model = build_network(ExperimentConfig.from_flat(values), tiny_info(2, 2)).eval()
    counts = torch.tensor([[30.0, 10.0], [1.0, 0.0]])
    model.start_at_marginals(counts)
    expected = torch.tensor([[30.5, 10.5], [1.5, 0.5]]) / torch.tensor([[41.0], [2.0]])
    x = states(2, 2)
    product = expected[0][x[:, 0]] * expected[1][x[:, 1]]
    assert torch.allclose(Density(model).log_prob(x).exp(), product)


def test_hidden_activations_are_dropped_in_training_only(build, states) -> None:
    model = build(4, 2, dropout=0.5, hidden_sizes=(40,))
    x = states(4, 2)
    assert torch.equal(model(x), model(x))
    model.train()
    first, again, other = (model(x, 0, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_dropout_keeps_the_mean_of_the_activations(build) -> None:
    model = build(4, 2, dropout=0.3, hidden_sizes=(8,))
    kept = model._keep(torch.ones(100, 1000), torch.Generator().manual_seed(0))
    assert kept.unique().tolist() == pytest.approx([0, 1 / 0.7], rel=1e-4)
    assert kept.mean().item() == pytest.approx(1, abs=0.01)  # standard error 0.002


@pytest.mark.parametrize("sizes", [(), (5,)])
def test_one_variable_is_a_free_distribution(build, states, head, ordering, sizes) -> None:
    model = build(1, 2, head=head, hidden_sizes=sizes, direct_connections=True, **ordering)
    x = states(1, 2)
    expected = model.head.log_probs(model.output_bias)
    assert torch.allclose(Density(model).log_prob(x), expected.flatten(), atol=1e-6)
    assert Density(model).sample(20, seed=0).shape == (20, 1)


def test_two_variables_know_only_one_connectivity(build, states, ordering) -> None:
    values = {"hidden_sizes": (6, 5), **ordering}
    one, fresh = (build(2, 3, num_connectivities=number, **values) for number in (1, 0))
    x = states(2, 3)
    for mask_set in range(4):
        assert torch.equal(one(x, mask_set), fresh(x, mask_set))


def test_a_plain_autoencoder_sees_what_it_predicts(build, states) -> None:
    model = build(4, 2, autoregressive=False, hidden_sizes=(12,), direct_connections=True)
    assert not model.has_density
    assert jacobian_support(model, states(4, 2), 0).all()


@pytest.mark.parametrize("kind", ["marginals", "naive"])
def test_baselines_have_the_natural_ordering(build, states, kind: str) -> None:
    model = build(2, 3, model=kind, ordering="reversed", hidden_sizes=(6,), num_connectivities=0)
    x = states(2, 3)
    later = torch.stack([x[:, 0], (x[:, 1] + 1) % 3], dim=1)
    assert torch.equal(model(x), model(later))
    earlier = torch.stack([(x[:, 0] + 1) % 3, x[:, 1]], dim=1)
    assert torch.equal(model(x)[:, 0], model(earlier)[:, 0])
    assert torch.equal(model(x)[:, 1], model(earlier)[:, 1]) == (kind == "marginals")
    assert model.bank.cycle == 1
    assert model.bank.mask_set(0).ordering.sequence.tolist() == [0, 1]

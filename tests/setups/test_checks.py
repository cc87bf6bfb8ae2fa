"""Misfits are said before anything is built; settings said to have no effect have none."""

from contextlib import suppress

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from made.base import devices
from made.base.errors import MadeError
from made.density.density import model_of
from made.setups.build import build_network
from made.setups.checks import cautions, misfit, no_effect
from made.setups.config import FIELDS, ExperimentConfig, field_help
from made.training.schedules import Schedule


def test_bernoulli_needs_two_categories(tiny_info) -> None:
    config = ExperimentConfig.from_flat({"head": "bernoulli"})
    assert misfit(config, tiny_info(5, 2)) is None
    problem = misfit(config, tiny_info(5, 17, name="digits8"))
    expected = "The Bernoulli head needs 2 categories; 'digits8' has 17."
    assert problem == f"{expected} Choose the categorical head."


@pytest.mark.parametrize("head", ["auto", "categorical", "logistics"])
@pytest.mark.parametrize("num_categories", [2, 17])
def test_other_heads_fit_any_number_of_categories(tiny_info, head: str, num_categories) -> None:
    config = ExperimentConfig.from_flat({"head": head})
    assert misfit(config, tiny_info(5, num_categories)) is None


def test_the_naive_model_is_for_two_variables_and_has_a_network(tiny_info) -> None:
    naive = ExperimentConfig.from_flat({"model": "naive"})
    assert misfit(naive, tiny_info(2, 10)) is None
    assert "for 2 variables; 'tiny' has 3" in misfit(naive, tiny_info(3, 10))
    assert "needs a hidden layer" in misfit(naive.replace(hidden_sizes=()), tiny_info(2, 10))


@pytest.mark.parametrize(
    ("values", "num_variables", "num_categories"),
    [
        ({"head": "bernoulli"}, 3, 5),
        ({"model": "naive"}, 3, 5),
        ({"model": "naive", "hidden_sizes": ()}, 2, 5),
    ],
)
def test_a_misfit_is_refused_in_the_same_words(
    tiny_info, values: dict, num_variables: int, num_categories: int
) -> None:
    config, info = ExperimentConfig.from_flat(values), tiny_info(num_variables, num_categories)
    with pytest.raises(MadeError) as caught:
        build_network(config, info)
    assert str(caught.value) == misfit(config, info)


CHOICES = {
    "model": ["made", "marginals", "naive"],
    "encoding": ["raw", "normalized", "one-hot", "fourier", "bits", "embedding"],
    "encoding_width": [4, 6],
    "head": ["auto", "categorical", "logistics"],
    "num_components": [2, 3],
    "hidden_sizes": [(), (6,), (5, 6), (6, 6)],
    "activation": ["relu", "tanh"],
    "direct_connections": [False, True],
    "residual_connections": [False, True],
    "dropout": [0.0, 0.4],
    "autoregressive": [True, False],
    "ordering": ["natural", "reversed", "random", "given"],
    "permutation": [(), (1, 0)],
    "num_orderings": [0, 1, 2],
    "num_connectivities": [0, 1, 2],
    "mask_interval": [1, 3],
    "degrees": ["uniform", "even", "range"],
    "degree_low": [1, 2],
    "degree_high": [2, 3],
    "mask_seed": [0, 1],
    "ensemble_size": [1, 3],
    "schedule": ["constant", "cosine", "one-cycle"],
    "warm_up": [0.1, 0.5],
    "precision": ["float32", "bfloat16"],
}
experiments = st.fixed_dictionaries({name: st.sampled_from(few) for name, few in CHOICES.items()})


def configuration(values: dict) -> ExperimentConfig | None:
    """None where the values do not fit together."""
    with suppress(MadeError):
        return ExperimentConfig.from_flat(values)
    return None


def behaviour(config: ExperimentConfig, info, states: torch.Tensor) -> list[torch.Tensor]:
    """All that training and evaluation see: learning rates and gradients, and the mixture."""
    model = build_network(config, info)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1)
    model.load_state_dict(model.state_dict())
    seen = [torch.tensor([Schedule(config.training, 8)(step) for step in range(8)])]
    for step in range(8):
        noise = torch.Generator().manual_seed(step)
        loss = -model.conditional_log_prob(states, model.bank.index_at(step), noise).mean()
        seen += torch.autograd.grad(loss, [*model.parameters()], allow_unused=True)
    model.eval()
    if model.has_density:
        seen.append(model_of(model).log_prob_of_rows(states))
    return [value for value in seen if value is not None]


@given(values=experiments, num_variables=st.sampled_from([1, 2, 4]))
def test_a_setting_said_to_have_no_effect_has_none(
    tiny_info, states, values: dict, num_variables: int
) -> None:
    config, info = configuration(values), tiny_info(num_variables, 3)
    assume(config is not None and misfit(config, info) is None)
    rows = states(num_variables, 3)
    before = behaviour(config, info, rows)
    for name in sorted(no_effect(config, info).keys() & CHOICES.keys()):
        other = configuration(values | {name: next(v for v in CHOICES[name] if v != values[name])})
        if other is not None and misfit(other, info) is None:
            after = behaviour(other, info, rows)
            assert len(before) == len(after), name
            assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True)), name


@given(values=experiments, num_variables=st.sampled_from([1, 2, 4]), is_joint=st.booleans())
def test_reasons_are_sentences_about_known_settings(
    tiny_info, values: dict, num_variables: int, is_joint: bool
) -> None:
    config, info = configuration(values), tiny_info(num_variables, 3, is_joint=is_joint)
    assume(config is not None)
    reasons = no_effect(config, info)
    assert reasons.keys() <= FIELDS.keys()
    assert all(reason.endswith(".") for reason in reasons.values())
    assert all(field_help(name) for name in reasons)


@pytest.mark.parametrize(
    ("values", "num_variables", "silent"),
    [
        ({"num_connectivities": 4}, 2, {"num_connectivities", "degrees", "mask_interval"}),
        ({"hidden_sizes": ()}, 4, {"activation", "dropout", "num_connectivities"}),
        ({"model": "marginals"}, 4, {"encoding", "encoding_width", "ordering", "hidden_sizes"}),
        ({"model": "marginals", "encoding": "fourier"}, 4, {"encoding_width", "mask_seed"}),
        ({"model": "naive"}, 2, {"encoding", "ordering", "direct_connections", "dropout"}),
        ({"model": "naive", "encoding": "embedding"}, 2, {"encoding", "encoding_width"}),
        ({"encoding": "raw"}, 4, {"encoding_width"}),
        ({"head": "categorical"}, 4, {"num_components"}),
        ({"encoding": "bits"}, 4, {"encoding_width"}),
        ({"autoregressive": False}, 4, {"ordering", "num_connectivities", "ensemble_size"}),
        ({"ordering": "reversed"}, 4, {"num_orderings", "degree_low", "degree_high"}),
        ({"hidden_sizes": (6,)}, 4, {"residual_connections"}),
        ({"model": "naive"}, 2, {"residual_connections", "precision"}),
        ({"model": "marginals"}, 4, {"residual_connections", "precision"}),
        ({"schedule": "cosine"}, 4, {"warm_up"}),
    ],
)
def test_what_is_said_to_have_no_effect(tiny_info, values, num_variables, silent) -> None:
    reasons = no_effect(ExperimentConfig.from_flat(values), tiny_info(num_variables, 3))
    assert silent <= reasons.keys()


def test_the_settings_of_made_with_many_masks_all_count(tiny_info) -> None:
    config = ExperimentConfig.from_flat(
        {"ordering": "random", "num_orderings": 3, "num_connectivities": 0, "degrees": "range"}
        | {"encoding": "fourier", "head": "logistics", "schedule": "one-cycle"}
    )
    settings = ("num_samples", "grid_size", "data_seed")
    assert no_effect(config, tiny_info(9, 4, settings=settings)).keys() == {"permutation"}
    given = config.replace(ordering="given")
    assert "permutation" not in no_effect(given, tiny_info(9, 4, settings=settings))


@pytest.mark.parametrize("settings", [(), ("num_samples", "data_seed"), ("grid_size",)])
def test_settings_of_other_data_have_no_effect(tiny_info, settings: tuple[str, ...]) -> None:
    silent = no_effect(ExperimentConfig(), tiny_info(9, 2, settings=settings))
    named = {"num_samples", "grid_size", "data_seed"}
    assert silent.keys() & named == named - set(settings)


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        ({"num_devices": 9, "device": "cpu"}, "num_devices", "9 processes will share 2 cores"),
        ({"learning_rate": 99.0}, "learning_rate", "runs away above 0.1"),
        ({"learning_rate": 99.0, "optimizer": "SGD"}, "learning_rate", "runs away above 10"),
        ({"autoregressive": False}, "autoregressive", "no density to sample from"),
        ({"batch_size": 2000}, "batch_size", "There are 1,000 training examples: one minibatch"),
    ],
)
def test_what_is_hardly_meant_is_said(tiny_info, monkeypatch, values, name, words) -> None:
    monkeypatch.setattr(devices, "num_cores", lambda: 2)
    said = cautions(ExperimentConfig.from_flat(values), tiny_info(5, 2, num_train=1000))
    assert list(said) == [name]
    assert words in said[name]


@pytest.mark.parametrize(
    "values",
    [
        {"num_devices": 2, "device": "cpu"},
        {"learning_rate": 0.1},
        {"learning_rate": 9.0, "optimizer": "SGD"},
        {"learning_rate": 99.0, "optimizer": "Adadelta"},
        {"autoregressive": False, "model": "marginals"},
        {"batch_size": 1000},
    ],
)
def test_what_may_well_be_meant_is_not_warned_of(tiny_info, monkeypatch, values) -> None:
    monkeypatch.setattr(devices, "num_cores", lambda: 2)
    assert cautions(ExperimentConfig.from_flat(values), tiny_info(5, 2, num_train=1000)) == {}

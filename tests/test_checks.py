"""Misfits are said before anything is built; settings said to have no effect have none."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from made.checks import misfit, no_effect
from made.config import FIELDS, ExperimentConfig, field_help
from made.errors import MadeError
from made.model import build_model


def test_bernoulli_needs_two_categories(tiny_info) -> None:
    config = ExperimentConfig.from_flat({"head": "bernoulli"})
    assert misfit(config, tiny_info(5, 2)) is None
    problem = misfit(config, tiny_info(5, 17, name="digits8"))
    expected = "The Bernoulli head needs 2 categories; 'digits8' has 17."
    assert problem == f"{expected} Choose the categorical head."


@pytest.mark.parametrize("head", ["auto", "categorical"])
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
        build_model(config, info)
    assert str(caught.value) == misfit(config, info)


CHOICES = {
    "model": ["made", "marginals", "naive"],
    "encoding": ["raw", "normalized", "one-hot"],
    "hidden_sizes": [(), (6,), (5, 6)],
    "activation": ["relu", "tanh"],
    "direct_connections": [False, True],
    "dropout": [0.0, 0.4],
    "autoregressive": [True, False],
    "ordering": ["natural", "reversed", "random"],
    "num_orderings": [0, 1, 2],
    "num_connectivities": [0, 1, 2],
    "mask_interval": [1, 3],
    "degrees": ["uniform", "even", "range"],
    "degree_low": [1, 2],
    "degree_high": [2, 3],
    "mask_seed": [0, 1],
    "ensemble_size": [1, 3],
}
experiments = st.fixed_dictionaries({name: st.sampled_from(few) for name, few in CHOICES.items()})


def behaviour(config: ExperimentConfig, info, states: torch.Tensor) -> list[torch.Tensor]:
    """All that training and evaluation see of a model: gradients step by step, and the mixture."""
    model = build_model(config, info)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1)
    model.load_state_dict(model.state_dict())
    seen = []
    for step in range(8):
        noise = torch.Generator().manual_seed(step)
        loss = -model.conditional_log_prob(states, model.bank.index_at(step), noise).mean()
        seen += torch.autograd.grad(loss, [*model.parameters()], allow_unused=True)
    model.eval()
    if model.has_density:
        seen.append(model.log_prob(states))
    return [value for value in seen if value is not None]


@given(values=experiments, num_variables=st.sampled_from([1, 2, 4]))
def test_a_setting_said_to_have_no_effect_has_none(
    tiny_info, states, values: dict, num_variables: int
) -> None:
    config, info = ExperimentConfig.from_flat(values), tiny_info(num_variables, 3)
    assume(misfit(config, info) is None)
    rows = states(num_variables, 3)
    before = behaviour(config, info, rows)
    for name in sorted(no_effect(config, info).keys() & CHOICES.keys()):
        other = config.replace(**{name: next(v for v in CHOICES[name] if v != values[name])})
        if misfit(other, info) is None:
            after = behaviour(other, info, rows)
            assert len(before) == len(after), name
            assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True)), name


@given(values=experiments, num_variables=st.sampled_from([1, 2, 4]), is_joint=st.booleans())
def test_reasons_are_sentences_about_known_settings(
    tiny_info, values: dict, num_variables: int, is_joint: bool
) -> None:
    info = tiny_info(num_variables, 3, is_joint=is_joint)
    reasons = no_effect(ExperimentConfig.from_flat(values), info)
    assert reasons.keys() <= FIELDS.keys()
    assert all(reason.endswith(".") for reason in reasons.values())
    assert all(field_help(name) for name in reasons)


@pytest.mark.parametrize(
    ("values", "num_variables", "silent"),
    [
        ({"num_connectivities": 4}, 2, {"num_connectivities", "degrees", "mask_interval"}),
        ({"hidden_sizes": ()}, 4, {"activation", "dropout", "num_connectivities"}),
        ({"model": "marginals"}, 4, {"encoding", "ordering", "hidden_sizes", "mask_seed"}),
        ({"model": "naive"}, 2, {"encoding", "ordering", "direct_connections", "dropout"}),
        ({"autoregressive": False}, 4, {"ordering", "num_connectivities", "ensemble_size"}),
        ({"ordering": "reversed"}, 4, {"num_orderings", "degree_low", "degree_high"}),
    ],
)
def test_what_is_said_to_have_no_effect(tiny_info, values, num_variables, silent) -> None:
    reasons = no_effect(ExperimentConfig.from_flat(values), tiny_info(num_variables, 3))
    assert silent <= reasons.keys()


def test_the_settings_of_made_with_many_masks_all_count(tiny_info) -> None:
    config = ExperimentConfig.from_flat(
        {"ordering": "random", "num_orderings": 3, "num_connectivities": 0, "degrees": "range"}
    )
    settings = ("num_samples", "grid_size", "data_seed")
    assert no_effect(config, tiny_info(9, 4, settings=settings)) == {}


@pytest.mark.parametrize("settings", [(), ("num_samples", "data_seed"), ("grid_size",)])
def test_settings_of_other_data_have_no_effect(tiny_info, settings: tuple[str, ...]) -> None:
    silent = no_effect(ExperimentConfig(), tiny_info(9, 2, settings=settings))
    named = {"num_samples", "grid_size", "data_seed"}
    assert silent.keys() & named == named - set(settings)

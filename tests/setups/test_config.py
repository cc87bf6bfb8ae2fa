"""The configuration: frozen, checked once, and the same in JSON, in flat form and in a link."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from made.base.errors import MadeError
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS
from made.model.orderings import ORDERINGS
from made.model.settings import MAX_HIDDEN_LAYERS
from made.setups.config import (
    FIELDS,
    OPTIMIZERS,
    SECTIONS,
    ExperimentConfig,
    field_bounds,
    field_help,
    field_label,
    field_option_title,
    field_options,
    field_title,
    field_zero,
)

DEFAULTS = ExperimentConfig()
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)
decimals = st.floats(0, 10, allow_nan=False)

SPECIAL: dict[str, st.SearchStrategy] = {
    "dataset": names,
    "num_samples": st.integers(1_000, 10_000_000),
    "grid_size": st.integers(2, 1000),
    "hidden_sizes": st.lists(st.integers(1, 65_536), max_size=MAX_HIDDEN_LAYERS).map(tuple),
    "dropout": st.floats(0, 1, exclude_max=True),
    "learning_rate": st.floats(0, 100, exclude_min=True),
    "weight_decay": decimals,
    "gradient_clip": st.floats(0, allow_infinity=True),
    "degree_low": st.integers(1),
    "degree_high": st.integers(1),
    "permutation": st.permutations(range(7)).map(tuple),
    "device": st.sampled_from(["auto", "cpu", "cuda:0", "cuda:12"]),
}


def values_of(name: str) -> st.SearchStrategy:
    """Valid values of a field, and sometimes values that the field may refuse."""
    if name in SPECIAL:
        return SPECIAL[name]
    options = field_options(name)
    if options:
        return st.sampled_from(options)
    if isinstance(DEFAULTS.flat()[name], bool):
        return st.booleans()
    return st.integers(0, 2_000)


@st.composite
def configurations(draw) -> ExperimentConfig:
    values: dict[str, Any] = {}
    for name in draw(st.sets(st.sampled_from(sorted(FIELDS)))):
        value = draw(values_of(name))
        try:
            ExperimentConfig.from_flat(values | {name: value})
        except MadeError:
            continue
        values[name] = value
    return ExperimentConfig.from_flat(values)


@given(config=configurations())
def test_json_round_trip(config: ExperimentConfig) -> None:
    assert ExperimentConfig.model_validate_json(config.model_dump_json()) == config


@given(config=configurations())
def test_flat_round_trip(config: ExperimentConfig) -> None:
    assert ExperimentConfig.from_flat(config.flat()) == config
    assert list(config.flat()) == list(FIELDS)


@given(config=configurations())
def test_link_round_trip_needs_no_correction(config: ExperimentConfig) -> None:
    query = config.to_query()
    assert all(isinstance(text, str) for text in query.values())
    assert ExperimentConfig.from_query(query) == (config, [])


@pytest.mark.parametrize(
    "values",
    [
        {"gradient_clip": float("inf")},
        {"degree_low": 2_000_000, "degree_high": 3_000_000},
        {"degree_high": 10**30},
        {"learning_rate": 5e-324},
        {"hidden_sizes": ()},
    ],
    ids=lambda values: ", ".join(values),
)
def test_extreme_values_are_refused_or_survive(values: dict[str, Any]) -> None:
    try:
        config = ExperimentConfig.from_flat(values)
    except MadeError:
        return
    assert ExperimentConfig.model_validate_json(config.model_dump_json()) == config
    assert ExperimentConfig.from_query(config.to_query()) == (config, [])


@given(one=configurations(), other=configurations())
def test_differences_are_the_fields_that_differ(
    one: ExperimentConfig, other: ExperimentConfig
) -> None:
    differences = one.differences(other)
    for name in FIELDS:
        pair = (one.flat()[name], other.flat()[name])
        assert differences.get(name, pair) == pair
        assert (name in differences) == (pair[0] != pair[1])
    changed = {name: value for name, (_, value) in differences.items()}
    assert one.replace(**changed) == other


def test_a_link_says_its_dataset_and_else_only_what_is_not_default() -> None:
    assert DEFAULTS.to_query() == {"dataset": "rings"}
    config = DEFAULTS.replace(hidden_sizes=(30, 20), direct_connections=True, epochs=3)
    assert config.to_query() == {
        "dataset": "rings",
        "hidden_sizes": "30,20",
        "direct_connections": "true",
        "epochs": "3",
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("encoding", "two-hot"),
        ("head", "gaussian"),
        ("optimizer", "__import__"),
        ("ordering", "sideways"),
        ("hidden_sizes", "100,-3"),
        ("hidden_sizes", "1e9"),
        ("hidden_sizes", ",".join(["8"] * (MAX_HIDDEN_LAYERS + 1))),
        ("epochs", "0"),
        ("epochs", "many"),
        ("num_samples", "999"),
        ("dropout", "1"),
        ("learning_rate", "nan"),
        ("learning_rate", "0"),
        ("weight_decay", "inf"),
        ("gradient_clip", "-1"),
        ("mask_seed", "-1"),
        ("device", "cuda:0; rm -rf /"),
        ("direct_connections", "perhaps"),
    ],
)
def test_what_a_link_holds_that_is_invalid_is_corrected_and_said(name: str, text: str) -> None:
    config, corrections = ExperimentConfig.from_query({name: text, "batch_size": "7"})
    assert config == DEFAULTS.replace(batch_size=7)
    assert len(corrections) == 1
    assert corrections[0].startswith(f"{field_title(name)} (in the link: '{text[:60]}'): ")
    assert f"{name}:" not in corrections[0]


def test_a_range_that_is_upside_down_is_corrected_and_said() -> None:
    config, corrections = ExperimentConfig.from_query(
        {"degree_low": "9", "degree_high": "3", "degrees": "range"}
    )
    assert config == DEFAULTS.replace(degrees="range")
    assert len(corrections) == 1
    assert "9" in corrections[0]
    assert "3" in corrections[0]


def test_residual_connections_between_layers_of_two_sizes_are_corrected_and_said() -> None:
    config, corrections = ExperimentConfig.from_query(
        {"hidden_sizes": "30,20", "residual_connections": "true", "degree_low": "9"}
    )
    assert config == DEFAULTS.replace(hidden_sizes=(30, 20), degree_low=9)
    assert len(corrections) == 1
    assert "Residual connections need hidden layers of one size" in corrections[0]


@pytest.mark.parametrize(
    "name", [name for name, value in DEFAULTS.flat().items() if type(value) in (int, float)]
)
def test_the_bounds_of_a_number_are_allowed_and_what_lies_beyond_is_not(name: str) -> None:
    low, high = field_bounds(name)
    for bound, away in ((low, -1), (high, 1)):
        if math.isinf(bound):
            continue
        values = {"degree_low": 1, "degree_high": 1_000_000} | {name: bound}
        assert DEFAULTS.replace(**values).flat()[name] == bound
        is_whole = type(DEFAULTS.flat()[name]) is int
        beyond = bound + away if is_whole else math.nextafter(bound, away * math.inf)
        with pytest.raises(MadeError):
            DEFAULTS.replace(**values | {name: beyond})


def test_a_link_may_hold_the_names_of_others() -> None:
    assert ExperimentConfig.from_query({"run": "abc", "theme": "dark"}) == (DEFAULTS, [])


@settings(max_examples=25)
@given(query=st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(max_size=9), max_size=4))
def test_no_link_breaks_the_page(query: dict[str, str]) -> None:
    config, corrections = ExperimentConfig.from_query(query)
    assert set(config.to_query()) <= {"dataset", *query}
    assert all(sentence.endswith(".") for sentence in corrections)


def test_unknown_names_raise() -> None:
    with pytest.raises(MadeError, match="no setting 'hidden_size'; known are dataset"):
        ExperimentConfig.from_flat({"hidden_size": 3})
    with pytest.raises(MadeError, match="no setting 'data'"):
        ExperimentConfig.from_flat({"data": {"dataset": "rings"}})
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        ExperimentConfig.model_validate({"model": {"depth": 3}})
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        ExperimentConfig.model_validate_json('{"network": {}}')


def test_an_error_names_its_field_in_one_sentence() -> None:
    with pytest.raises(MadeError) as caught:
        ExperimentConfig.from_flat({"encoding": "two-hot"})
    assert str(caught.value) == (
        "encoding: unknown encoding 'two-hot': import the module that registers it, or choose one "
        f"of {', '.join(ENCODINGS)}."
    )
    with pytest.raises(MadeError, match=r"^hidden_sizes: .*\.$"):
        ExperimentConfig.from_flat({"hidden_sizes": [0]})


@pytest.mark.parametrize("section", ["data", "model", "masks", "training"])
def test_everything_is_frozen(section: str) -> None:
    config = ExperimentConfig()
    part = getattr(config, section)
    name = next(iter(type(part).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(part, name, getattr(part, name))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(config, section, part)


def test_replace_checks_again() -> None:
    assert DEFAULTS.replace(epochs=3).training.epochs == 3
    with pytest.raises(MadeError, match="epochs"):
        DEFAULTS.replace(epochs=0)


def test_field_names_are_unique_over_the_sections() -> None:
    in_all = [name for kind in SECTIONS.values() for name in kind.model_fields]
    assert len(in_all) == len(set(in_all)) == len(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_explains_itself_in_one_line(name: str) -> None:
    assert field_help(name).endswith(".")
    assert "\n" not in field_help(name)


def test_every_field_has_a_title_of_its_own() -> None:
    titles = {field_title(name) for name in FIELDS}
    assert len(titles) == len(FIELDS)
    assert titles.isdisjoint(FIELDS)
    assert all(title[0].isupper() for title in titles)


def test_a_label_says_what_zero_stands_for() -> None:
    assert field_label("num_orderings") == "Orderings (0: fresh)"
    assert field_label("epochs") == "Epochs"
    for name in FIELDS:
        assert field_zero(name) is None or field_bounds(name)[0] == 0


def test_options_are_called_by_what_they_are() -> None:
    for name, kind in (("encoding", ENCODINGS), ("head", HEADS)):
        assert [field_option_title(name, option) for option in kind] == [
            thing.title for thing in kind.values()
        ]
    titles = [field_option_title("model", option) for option in field_options("model")]
    assert titles == ["MADE", "Marginals", "Naive"]
    assert field_option_title("optimizer", "AdamW") == "AdamW"
    assert field_option_title("precision", "bfloat16") == "bfloat16"


def test_options_come_from_the_registries() -> None:
    assert field_options("encoding") == tuple(ENCODINGS)
    assert field_options("head") == ("auto", *HEADS)
    assert field_options("optimizer") == OPTIMIZERS
    assert field_options("ordering") == tuple(ORDERINGS)
    assert field_options("epochs") is None
    assert field_options("direct_connections") is None


@pytest.mark.parametrize("text", ["512,512", "512, 512", " 512 512 "])
def test_hidden_sizes_may_be_written_as_text(text: str) -> None:
    assert ExperimentConfig.from_flat({"hidden_sizes": text}).model.hidden_sizes == (512, 512)
    assert ExperimentConfig.from_flat({"hidden_sizes": ""}).model.hidden_sizes == ()

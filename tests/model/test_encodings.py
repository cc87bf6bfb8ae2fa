"""Encodings: features variable by variable, distinct for distinct values, learned ones trained."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import made
from made.density.density import Density
from made.model.build import MODELS
from made.model.encodings import ENCODINGS, Encoding
from made.runs import loading
from made.setups.build import build_network
from made.setups.config import ExperimentConfig
from made.training.trainer import Trainer

LEARNED = {"encoding": "embedding", "encoding_width": 5, "hidden_sizes": (8, 6)}
encodings = st.sampled_from(sorted(ENCODINGS))
widths = st.integers(2, 40)


def table_of(encode: Encoding) -> torch.Tensor | None:
    return encode.start(torch.Generator().manual_seed(0)) if encode.is_learned else None


def features_of(encode: Encoding) -> Callable[[torch.Tensor], torch.Tensor]:
    """The encoding; a learned one with the table that it starts from."""
    table = table_of(encode)
    return lambda x: encode(x, table)


def of_all_values(encode: Encoding, num_categories: int) -> torch.Tensor:
    """Features of every value, (K, width)."""
    return features_of(encode)(torch.arange(num_categories).unsqueeze(1))


@given(name=encodings, num_categories=st.integers(2, 20), width=widths, data=st.data())
def test_features_of_a_variable_depend_on_it_alone(
    name: str, num_categories: int, width: int, data
) -> None:
    encode = ENCODINGS[name](num_categories, width)
    features_at = features_of(encode)
    values = st.integers(0, num_categories - 1)
    x = torch.tensor(data.draw(st.lists(values, min_size=1, max_size=5)))
    features = features_at(x)
    assert features.dtype == torch.float32
    assert features.shape == (len(x) * encode.width,)
    blocks = features.view(len(x), encode.width)
    for value, block in zip(x, blocks, strict=True):
        assert torch.equal(block, features_at(value.view(1)))


@given(
    name=encodings, num_categories=st.integers(2, 20) | st.sampled_from([256, 1000]), width=widths
)
def test_distinct_values_have_distinct_features(name: str, num_categories: int, width: int) -> None:
    features = of_all_values(ENCODINGS[name](num_categories, width), num_categories)
    assert len(torch.unique(features, dim=0)) == num_categories


@given(num_categories=st.integers(2, 1000), width=widths)
def test_the_ends_of_the_fourier_features_are_no_neighbours(
    num_categories: int, width: int
) -> None:
    """With whole periods they would be the same, as two ends of one circle."""
    features = of_all_values(ENCODINGS["fourier"](num_categories, width), num_categories)
    distance = (features - features[0]).norm(dim=1)
    assert distance[-1] == pytest.approx(2 * math.sqrt((width // 2 + 1) // 2), rel=1e-4)
    assert (distance[1:] > 0.5 * distance[1]).all()


@given(name=encodings, num_categories=st.integers(2, 200), width=widths)
def test_the_peak_is_the_largest_size_of_a_feature(
    name: str, num_categories: int, width: int
) -> None:
    encode = ENCODINGS[name](num_categories, width)
    features = of_all_values(encode, num_categories)
    if encode.is_learned:
        assert features.square().mean().sqrt().item() == pytest.approx(
            encode.peak, abs=4 / math.sqrt(features.numel())
        )
    else:
        assert features.abs().max().item() == pytest.approx(encode.peak)


@given(name=encodings, num_categories=st.integers(2, 200), width=widths)
def test_the_energy_tells_how_many_features_are_active(
    name: str, num_categories: int, width: int
) -> None:
    """The mean over the values of the sum of squared features over peak²; of a single one, 1."""
    encode = ENCODINGS[name](num_categories, width)
    features = of_all_values(encode, num_categories) / encode.peak
    expected = features.square().sum(dim=1).mean().item()
    if name in ("raw", "normalized", "one-hot"):
        assert encode.energy == 1.0
        assert expected <= 1 + 1e-6
    elif encode.is_learned:
        spread = math.sqrt(2 * encode.width / num_categories)
        assert abs(encode.energy - expected) < 5 * spread
    else:
        assert encode.energy == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", ENCODINGS)
def test_any_number_of_leading_dimensions(name: str) -> None:
    encode = ENCODINGS[name](5)
    features_at = features_of(encode)
    x = torch.randint(5, (2, 3, 4), generator=torch.Generator().manual_seed(0))
    assert features_at(x).shape == (2, 3, 4 * encode.width)
    assert torch.equal(features_at(x)[1, 2], features_at(x[1, 2]))


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_width_is_a_setting_of_some_and_follows_from_the_data_for_others(name: str) -> None:
    found = {ENCODINGS[name](9, width).width for width in (2, 6, 16)}
    assert found == {2, 6, 16} if ENCODINGS[name].has_open_width else len(found) == 1


@pytest.mark.parametrize("name", ENCODINGS)
def test_only_a_learned_encoding_has_a_table(name: str) -> None:
    encode = ENCODINGS[name](5, 8)
    if encode.is_learned:
        assert encode.start(torch.Generator().manual_seed(0)).shape == (5, 8)
        with pytest.raises(TypeError, match="table"):
            encode(torch.zeros(1, 1, dtype=torch.int64))
    else:
        with pytest.raises(TypeError, match="no table"):
            encode.start()


def test_raw_is_the_integer_itself() -> None:
    assert ENCODINGS["raw"](9)(torch.tensor([[0, 3, 8]])).tolist() == [[0.0, 3.0, 8.0]]


@given(num_categories=st.integers(2, 1000))
def test_normalized_runs_evenly_from_minus_one_to_one(num_categories: int) -> None:
    features = ENCODINGS["normalized"](num_categories)(torch.arange(num_categories))
    expected = torch.linspace(-1, 1, num_categories)
    assert torch.allclose(features, expected, atol=1e-6)


def test_one_hot_puts_the_values_of_a_variable_next_to_each_other() -> None:
    features = ENCODINGS["one-hot"](3)(torch.tensor([[2, 0], [1, 1]]))
    assert features.tolist() == [[0, 0, 1, 1, 0, 0], [0, 1, 0, 0, 1, 0]]
    assert [name for name, kind in ENCODINGS.items() if kind.is_one_hot] == ["one-hot"]


@given(num_categories=st.integers(2, 300), width=st.integers(2, 256))
def test_fourier_features_are_sines_and_cosines_of_half_periods(
    num_categories: int, width: int
) -> None:
    encode = ENCODINGS["fourier"](num_categories, width)
    assert encode.width == width - width % 2
    features = of_all_values(encode, num_categories)
    for k in (0, 1, num_categories // 2, num_categories - 1):
        u = k / (num_categories - 1)
        waves = range(1, width // 2 + 1)
        expected = [wave(math.pi * j * u) for wave in (math.sin, math.cos) for j in waves]
        assert features[k].tolist() == pytest.approx(expected, abs=2e-7)


@given(num_categories=st.integers(2, 5000))
def test_bits_read_back_are_the_integer(num_categories: int) -> None:
    encode = ENCODINGS["bits"](num_categories)
    assert encode.width == max(1, math.ceil(math.log2(num_categories)))
    features = of_all_values(encode, num_categories)
    assert set(features.unique().tolist()) == {-1.0, 1.0}
    read = [int("".join("1" if f > 0 else "0" for f in row), 2) for row in features.tolist()]
    assert read == list(range(num_categories))


def test_an_embedding_is_the_row_of_the_table() -> None:
    table = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    features = ENCODINGS["embedding"](3, 2)(torch.tensor([[2, 0], [1, 1]]), table)
    assert features.tolist() == [[5, 6, 1, 2], [3, 4, 3, 4]]


def test_only_made_with_a_learned_encoding_owns_a_table(tiny_info, encoding) -> None:
    for kind in MODELS:
        config = ExperimentConfig.from_flat(LEARNED | {"model": kind, "encoding": encoding})
        model = build_network(config, tiny_info(2, 7))
        if kind == "made" and ENCODINGS[encoding].is_learned:
            assert model.embedding.shape == (7, 5)
            assert "embedding" in dict(model.named_parameters())
        else:
            assert model.embedding is None
            assert "embedding" not in model.state_dict()


def test_the_seed_decides_the_first_table(tiny_info) -> None:
    def table(seed: int) -> torch.Tensor:
        config = ExperimentConfig.from_flat(LEARNED | {"seed": seed})
        return build_network(config, tiny_info(3, 50)).embedding

    assert torch.equal(table(1), table(1))
    assert not torch.equal(table(1), table(2))
    assert table(1).std().item() == pytest.approx(1, abs=0.2)


def test_the_first_weights_take_the_active_features_into_account(tiny_info, encoding) -> None:
    """Uniform within sqrt(6 / fan) / peak, where half of the active features are the fan."""
    values = {"encoding": encoding, "encoding_width": 12, "hidden_sizes": (2000,)}
    model = build_network(
        ExperimentConfig.from_flat(values | {"autoregressive": False}), tiny_info(6, 40)
    )
    active = 1 if encoding in ("raw", "normalized", "one-hot") else model.encoding.energy
    bound = math.sqrt(6 / (3 * active)) / model.encoding.peak
    largest = model.hidden_weights[0].whole().abs().max().item()
    assert 0.98 * bound < largest <= bound * (1 + 1e-6)


@pytest.mark.parametrize("direct", [False, True])
def test_every_category_that_is_seen_moves_its_vector(build, states, direct: bool) -> None:
    model = build(3, 4, direct_connections=direct, **LEARNED)
    rows = states(3, 4)
    rows = rows[(rows != 2).all(dim=1)]
    Density(model, 0).log_prob(rows).sum().backward()
    moved = (model.embedding.grad != 0).all(dim=1)
    assert moved.tolist() == [True, True, False, True]


def test_the_last_variable_of_the_ordering_moves_no_vector(build) -> None:
    """No conditional sees it, so that its category is never looked up for good."""
    model = build(3, 4, direct_connections=True, **LEARNED)
    Density(model, 0).log_prob([[0, 1, 3]]).sum().backward()
    assert (model.embedding.grad != 0).any(dim=1).tolist() == [True, True, False, False]


def test_the_table_is_trained_and_kept_with_the_best_weights(tiny_dataset) -> None:
    config = ExperimentConfig.from_flat(LEARNED | {"epochs": 3, "learning_rate": 0.01})
    training = Trainer(config, tiny_dataset(4, 3))
    before = training.network.embedding.detach().clone()
    list(training.events())
    tensors, _ = training.state().stored()
    assert training.best_epoch > 0
    assert not torch.equal(training.best["embedding"], before)
    assert torch.equal(tensors["model.embedding"], training.network.embedding)
    assert torch.equal(tensors["best.embedding"], training.best["embedding"])


def test_a_stored_run_brings_its_table_back(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    run = made.train("digits8", epochs=1, progress=False, **LEARNED)
    again = loading.load_run(run.run.id)
    assert again.network.embedding.shape == (2, 5)
    assert torch.equal(again.network.embedding, run.network.embedding)
    x = torch.zeros((3, 64), dtype=torch.int64)
    assert torch.equal(again.model.log_prob(x), run.model.log_prob(x))

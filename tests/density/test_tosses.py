"""A draw in slow motion is the draw itself, and what is shown of it are its own conditionals."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from made.base.errors import MadeError
from made.density import sampling
from made.density.density import Density
from made.density.tosses import Tosses, round_each, toss, uniforms_of
from made.runs.kept_models import opened

BASELINES = {"marginals": (5, 3), "naive": (2, 4)}


def densities(every_made, num_variables: int = 4):
    for label, model in every_made(num_variables):
        yield label, Density(model, 0)


@pytest.fixture
def baselines(build) -> list[tuple[str, Density]]:
    return [
        (kind, Density(build(*sizes, model=kind, hidden_sizes=(6,))))
        for kind, sizes in BASELINES.items()
    ]


def by_place(density: Density, tosses: Tosses) -> np.ndarray:
    """log p(x_d = k | earlier) of a full pass over the row, (D, K), along the ordering."""
    return density.conditionals(tosses.row).detach().numpy()[tosses.sequence]


def check_tosses(density: Density, label: str, seed: int = 3) -> None:
    tosses = toss(density, seed)
    assert np.array_equal(tosses.row, density.sample(1, seed=seed)[0].numpy()), label
    assert np.allclose(tosses.log_probs, by_place(density, tosses), atol=1e-4), label
    log_prob = density.log_prob(tosses.row).item()
    assert tosses.running[0] == 0
    assert tosses.running[-1] == pytest.approx(log_prob, abs=1e-3), label


def test_the_tosses_are_the_draw_of_the_seed_and_their_log_p_adds_up_to_it(every_made) -> None:
    for label, density in densities(every_made):
        check_tosses(density, label)


def test_baselines_are_tossed_as_well(baselines) -> None:
    for label, density in baselines:
        check_tosses(density, label)


def test_behind_a_changed_value_only_later_ones_change(every_made) -> None:
    for label, density in densities(every_made, 6):
        before = toss(density, 5, num_futures=2)
        for place in (0, 2, 5):
            changed = (int(before.values[place]) + 1) % density.num_categories
            given = [*before.values[:place].tolist(), changed]
            after = toss(density, 5, given, num_futures=2)
            assert after.num_given == place + 1
            assert after.values[: place + 1].tolist() == given, label
            assert np.array_equal(after.uniforms, before.uniforms)
            assert np.allclose(after.log_probs[: place + 1], before.log_probs[: place + 1])
            row = torch.from_numpy(after.row)[None]
            plain = sampling.plain(density.network, 0, row, uniforms_of(density, 5), place + 1)
            assert np.array_equal(after.row, plain[0].numpy()), label
            log_prob = density.log_prob(after.row).item()
            assert after.running[-1] == pytest.approx(log_prob, abs=1e-3), label


def futures(density: Density, tosses: Tosses, seed: int) -> np.ndarray:
    """The mean of E[x] along full passes over the same futures, (stops, D)."""
    num_variables = density.num_variables
    noise = torch.rand(
        (tosses.num_futures, num_variables), generator=torch.Generator().manual_seed(seed)
    )
    levels = np.linspace(0, 1, density.num_categories)
    means = np.full((len(tosses.stops), num_variables), np.nan)
    for index, stop in enumerate(tosses.stops):
        rows = torch.from_numpy(tosses.row).repeat(tosses.num_futures, 1)
        rows = sampling.plain(density.network, density.mask_sets[0], rows, noise, int(stop))
        probs = density.conditionals(rows).exp().detach().numpy()[:, tosses.sequence]
        means[index, stop:] = (probs @ levels).mean(axis=0)[stop:]
    return means


def test_the_futures_are_rows_that_go_on_from_the_drawn_ones(every_made, baselines) -> None:
    cases = [*densities(every_made, 6), *baselines]
    for label, density in cases:
        tosses = toss(density, 7, num_stops=4, num_futures=5)
        assert tosses.num_futures == 5
        assert np.allclose(
            tosses.expected, futures(density, tosses, 7), atol=1e-4, equal_nan=True
        ), label
        assert np.isnan(tosses.expected[-1, : tosses.stops[-1]]).all()


def test_many_futures_are_near_what_is_to_be_expected(density, states) -> None:
    """E[x_d | first two values], by listing all states."""
    model = density(5, 2, ordering="random", hidden_sizes=(9,))
    tosses = toss(model, 1, num_stops=5, num_futures=4000)
    every = states(5, 2)
    joint = np.exp(model.log_prob(every).double().detach().numpy())
    first = tosses.sequence[:2].copy()
    agrees = (every[:, first].numpy() == tosses.row[first]).all(axis=1)
    exact = (joint[agrees] @ every.numpy()[agrees]) / joint[agrees].sum()
    assert tosses.stops[2] == 2
    assert np.allclose(tosses.expected[2, 2:], exact[tosses.sequence[2:]], atol=0.03)
    assert tosses.expected[2, 2] == pytest.approx(exact[tosses.sequence[2]], abs=1e-5)


def test_rounding_takes_the_likeliest_value_of_each_conditional(every_made, baselines) -> None:
    cases = [*densities(every_made), *baselines]
    for label, density in cases:
        row = round_each(density)
        assert torch.equal(row, density.conditionals(row).argmax(dim=-1)), label


def test_rounding_the_shipped_digits_leaves_the_page_blank() -> None:
    with opened("shipped-binarized-mnist") as loaded:
        row = round_each(loaded.model)
        assert int(row.sum()) == 0
        assert loaded.model.log_prob(row).item() == pytest.approx(-18.47, abs=0.005)


def test_many_categories_have_fewer_futures(density) -> None:
    model = density(30, 300, head="categorical", hidden_sizes=(4,))
    assert toss(model, 0, num_futures=10_000).num_futures < 1_000


def test_a_mixture_is_asked_to_choose_and_so_is_a_row_too_long(density) -> None:
    model = density(4, 2, num_connectivities=3)
    for ask in (lambda: toss(model, 0), lambda: round_each(model)):
        with pytest.raises(MadeError, match="draws each row under one of them"):
            ask()
    with pytest.raises(MadeError, match="5 first values are given, and there are 4 variables"):
        toss(model.with_mask_sets(0), 0, [0] * 5)
    with pytest.raises(MadeError, match="its values are the integers 0 … 1"):
        toss(model.with_mask_sets(0), 0, [2])

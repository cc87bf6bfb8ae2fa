"""A draw as its drawing gets it: every number follows from the density, and a change goes on."""

from __future__ import annotations

import base64
import io
import math

import numpy as np
import pytest
from PIL import Image

from made import library
from made.base.errors import MadeError
from made.density.tosses import toss
from made.lessons.lesson import lessons
from made.runs.kept_models import opened
from made.views import blank_paper, motion_film, slow_motion
from made.views.slow_motion import Draw, change, motion

SHIPPED = "shipped-binarized-mnist"
RINGS = "shipped-rings-fourier-0"
TINY = {"hidden_sizes": (8,), "epochs": 1, "progress": False}


@pytest.fixture
def trained(folder):
    """Trains a small run and gives its id."""
    return lambda **settings: library.train(**TINY, **settings).run.id


def test_a_draw_of_the_shipped_run_ends_at_its_log_p() -> None:
    shown = motion(SHIPPED, Draw(seed=25))
    content, values = shown.content, np.array(shown.values)
    with opened(SHIPPED) as loaded:
        row = loaded.model.sample(1, seed=25)[0].numpy()
        log_prob = loaded.model.log_prob(row).item()
        chances = np.exp(loaded.model.conditionals(row).detach().numpy()[:, 1])
    assert np.array_equal(values, row), "the natural ordering"
    assert content["running"][-1] == pytest.approx(log_prob, abs=1e-3)
    assert shown.log_prob == pytest.approx(log_prob, abs=1e-3)
    assert np.allclose(content["shares"], chances, atol=1e-5)
    own = np.where(values == 1, chances, 1 - chances)
    assert np.allclose(content["own"], own, atol=1e-5)
    assert content["surprises"] == np.flatnonzero(own < 0.2).tolist()
    assert (content["columns"], content["rows"]) == (28, 28)


def test_a_coin_below_the_chance_is_ink() -> None:
    content = motion(SHIPPED, Draw(seed=3)).content
    coins, chances = np.array(content["coins"]), np.array(content["shares"])
    is_clear = abs(coins - chances) > 1e-5
    assert is_clear.mean() > 0.9
    values = np.array(content["values"]) == 1
    assert np.array_equal((coins < chances)[is_clear], values[is_clear])


def test_of_more_categories_the_number_falls_into_the_one_that_is_drawn(trained) -> None:
    content = motion(trained(dataset="digits8-grey", ordering="random"), Draw(seed=3)).content
    probs, values = np.array(content["conditionals"]), np.array(content["values"])
    ends = probs.cumsum(axis=1)
    assert np.allclose(ends[:, -1], 1, atol=1e-4)
    places = np.arange(len(values))
    below = np.where(values > 0, ends[places, values - 1], 0)
    coins = np.array(content["coins"])
    assert (below - 1e-4 <= coins).all()
    assert (coins <= ends[places, values] + 1e-4).all()
    assert sorted(content["order"]) == list(range(64)) != content["order"]
    assert np.allclose(content["shares"], probs @ np.linspace(0, 1, 17), atol=1e-5)


def test_the_futures_are_sent_as_bytes_of_the_mean() -> None:
    content = motion(SHIPPED, Draw(seed=25)).content
    sent = np.frombuffer(base64.b64decode(content["futures"]), np.uint8).reshape(-1, 784) / 255
    stops = content["stops"]
    assert len(stops) == len(sent) == 28
    for index in (0, 13, 27):
        at_once = content["shares"][stops[index]]
        assert sent[index, stops[index]] == pytest.approx(at_once, abs=0.5 / 255 + 1e-6)


def test_a_changed_pixel_goes_on_with_the_same_coins() -> None:
    before = motion(SHIPPED, Draw(seed=25))
    draw = change(Draw(seed=25), before, 380)
    after = motion(SHIPPED, draw)
    assert after.values[:380] == before.values[:380]
    assert after.values[380] == 1 - before.values[380]
    assert after.content["coins"] == before.content["coins"]
    assert after.content["shares"][:381] == pytest.approx(before.content["shares"][:381])
    assert after.content["changed"] == [380]
    differs = sum(
        one != other for one, other in zip(before.values[381:], after.values[381:], strict=True)
    )
    assert f"{differs:,} of 403 later ones" in after.content["note"]
    back = change(draw, after, 380)
    assert motion(SHIPPED, back).values == before.values
    assert back.changed == (380,)
    again = change(draw, after, 400)
    assert again.changed == (380, 400)
    assert change(again, motion(SHIPPED, again), 10).changed == (10,)


def test_the_opposite_of_a_grey_level_is_another_one(trained) -> None:
    run_id = trained(dataset="digits8-grey")
    shown = motion(run_id, Draw())
    for place, value in ((0, 0), (1, 8), (2, 5)):
        held = Draw(given=(0,) * place + (value,))
        changed = change(held, motion(run_id, held), place)
        assert changed.given[place] == {0: 16, 8: 0, 5: 11}[value]
    assert len(shown.values) == 64


@pytest.mark.parametrize("place", [-1, 784, 1.0, True, None, "3", [1]])
def test_a_place_from_the_browser_is_checked(place) -> None:
    with pytest.raises(MadeError, match="to change: choose a drawn one"):
        change(Draw(), motion(SHIPPED, Draw(seed=25)), place)


def test_rows_without_a_shape_are_laid_out_in_lines(density, tiny_info) -> None:
    tosses = toss(density(7, 2, ordering="random"), 1)
    content = slow_motion.grid_content(tosses, tiny_info(7, 2), Draw())
    assert (content["columns"], content["rows"]) == (3, 3)
    assert (content["noun"], content["outcomes"]) == ("variable", ["0", "1"])
    assert content["mapTitle"] == "Chance of a one, p(x = 1)"


def test_baselines_are_watched_as_well(trained) -> None:
    run_id = trained(dataset="digits8", model="marginals", autoregressive=False)
    content = motion(run_id, Draw()).content
    sent = np.frombuffer(base64.b64decode(content["futures"]), np.uint8).reshape(-1, 64) / 255
    assert np.allclose(sent[0], content["shares"], atol=0.5 / 255 + 1e-6), "nothing depends"


def test_a_plain_autoencoder_says_why_it_cannot_be_drawn_from(trained) -> None:
    with pytest.raises(MadeError, match="A plain autoencoder has no density"):
        motion(trained(dataset="digits8", autoregressive=False), Draw())


def test_points_of_a_joint_are_its_draws_and_their_mean_nears_the_exact_one() -> None:
    content = motion(RINGS, Draw(seed=2)).content
    values = np.array(content["values"]).reshape(-1, 2)
    count = content["numCategories"]
    first = np.frombuffer(base64.b64decode(content["first"]), "<f4")
    second = np.frombuffer(base64.b64decode(content["second"]), "<f4").reshape(count, count)
    with opened(RINGS) as loaded:
        assert np.array_equal(values, loaded.model.sample(len(values), seed=2).numpy())
        log_joint = loaded.model.log_joint()
    assert np.allclose(first[:, None] * second, np.exp(log_joint), atol=1e-6)
    own = np.array(content["own"]).reshape(-1, 2)
    assert np.allclose(own[:, 0], first[values[:, 0]], atol=1e-6)
    assert np.allclose(np.log(own).sum(axis=1), log_joint[tuple(values.T)], atol=1e-3)
    assert content["running"][:2] == [None, None]
    assert content["running"][2] == pytest.approx(log_joint[tuple(values[0])], abs=1e-3)
    assert content["running"][-1] == pytest.approx(log_joint[tuple(values.T)].mean(), abs=1e-3)
    exact = (np.exp(log_joint) * log_joint).sum()
    assert content["level"] == pytest.approx(exact, abs=1e-4)
    assert content["running"][-1] == pytest.approx(exact, abs=0.2)


def test_a_joint_whose_second_variable_comes_first_says_so(trained) -> None:
    run_id = trained(dataset="rings", grid_size=8, num_samples=1000, ordering="reversed")
    content = motion(run_id, Draw(seed=2)).content
    assert content["isSwapped"]
    assert content["names"] == ["x₂", "x₁"]
    with opened(run_id) as loaded:
        rows = loaded.model.sample(400, seed=2).numpy()
    assert np.array_equal(np.array(content["values"]).reshape(-1, 2), rows[:, ::-1])


def test_blank_paper_rounded_averaged_and_drawn() -> None:
    blank = blank_paper.from_blank_paper(SHIPPED, seed=12)
    rounded, mean, drawn = blank["pictures"]
    assert (rounded["line"], rounded["value"]) == ("always blank", "log p = −18.47")
    assert mean["value"] == ""
    with opened(SHIPPED) as loaded:
        row = loaded.model.sample(1, seed=12)[0]
        log_prob = loaded.model.log_prob(row).item()
    assert drawn["value"] == f"log p = −{abs(log_prob):.2f}"
    assert "likelier than each of the 10,000 test digits" in blank["note"]
    assert "once in 105M draws" in blank["note"]


def test_rarity_counts_the_test_rows_that_are_less_likely() -> None:
    tested = np.array([-30.0, -10.0, -40.0])
    assert "likelier than 2 of the test digits" in blank_paper.rarity(-20, tested, is_blank=True)
    assert blank_paper.rarity(-math.log(5e6), None, is_blank=False) == (
        "The rounded row comes once in 5M draws."
    )


def test_other_data_are_not_rounded_to_paper() -> None:
    with pytest.raises(MadeError, match="has no binary images"):
        blank_paper.from_blank_paper(RINGS)


def test_the_start_of_a_lesson_is_checked() -> None:
    sampling = lessons()["sampling"]

    def begun(**start: object) -> slow_motion.Start:
        return sampling.model_copy(update={"start": start}).begins(slow_motion.Start)

    assert begun(seed=4).seed == 4
    with pytest.raises(MadeError, match="The start of this lesson cannot be read at seed"):
        begun(seed=-1)
    with pytest.raises(MadeError, match="at speed"):
        begun(speed=3)


@pytest.mark.parametrize("run_id", [SHIPPED, RINGS])
def test_the_film_shows_the_draw_to_its_end_and_stays_small(run_id: str) -> None:
    content = motion(run_id, Draw(seed=25)).content
    made = motion_film.gif(content)
    assert len(made) < 1_000_000
    film = Image.open(io.BytesIO(made))
    assert 2 <= film.n_frames <= motion_film.MOST_FRAMES
    film.seek(film.n_frames - 1)
    picture = np.array(film.convert("RGB"))[12:236, 12:236]
    is_ink = picture[..., 0] > 200
    if run_id == SHIPPED:
        row = np.array(content["values"]).reshape(28, 28) == 1
        assert np.array_equal(is_ink, row.repeat(8, axis=0).repeat(8, axis=1))
    else:
        assert is_ink.any()


def test_the_film_of_a_few_greys_grows_along_its_ordering(trained) -> None:
    content = motion(trained(dataset="digits8-grey", ordering="reversed"), Draw()).content
    film = Image.open(io.BytesIO(motion_film.gif(content)))
    assert film.n_frames == 65
    film.seek(1)
    picture = np.array(film.convert("RGB"))
    to_go = (223, 227, 232)
    assert tuple(picture[12 + 14, 12 + 14]) == to_go, "the first pixel comes last"
    assert tuple(picture[12 + 210, 12 + 210]) != to_go

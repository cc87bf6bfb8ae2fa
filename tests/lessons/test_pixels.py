"""Masks over pixels: what is drawn is what a network does, and what brute force says."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch

from made.base.errors import MadeError
from made.density.dependencies import sensitivities
from made.lessons import pixels as lesson
from made.lessons.pixels import DEGREES, PICTURES, PixelSetting, pixels
from made.model.build import build_model
from made.model.settings import MaskConfig, ModelConfig

NARROW = {"width": 8, "depth": 2}


def product(setting: PixelSetting) -> np.ndarray:
    """Which output some path joins to which input, by multiplying all masks."""
    count = np.eye(setting.num_variables, dtype=np.int64)
    for mask in setting.mask_set().layer_masks():
        count = np.minimum(mask.astype(np.int64) @ count, 1)
    direct = setting.mask_set().direct_mask() if setting.is_direct else 0
    return (count + direct) > 0


@pytest.mark.parametrize("is_direct", [False, True])
@pytest.mark.parametrize("ordering", ["natural", "spiral", "random"])
def test_receptive_sets_are_those_of_the_measured_jacobian(ordering, is_direct):
    setting = PixelSetting("64", ordering, degrees="uniform", is_direct=is_direct, seed=3, **NARROW)
    network = build_model(
        ModelConfig(
            encoding="raw",
            hidden_sizes=(setting.width,) * setting.depth,
            activation="tanh",
            direct_connections=is_direct,
        ),
        MaskConfig(ordering=ordering, mask_seed=setting.seed),
        64,
        2,
        image_shape=setting.shape,
    ).double()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(generator=generator).mul_(0.1)
    network.hide_weights()
    row = np.random.default_rng(0).integers(2, size=64)
    measured = sensitivities(network, row, range(64)) != 0
    assert np.array_equal(measured, pixels(setting).paths)


@pytest.mark.parametrize("degrees", DEGREES)
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("ordering", ["reversed", "hilbert", "random"])
def test_unseen_inputs_and_joined_pairs_are_those_of_brute_force(degrees, depth, ordering):
    setting = PixelSetting("64", ordering, width=8, depth=depth, degrees=degrees, seed=5)
    found, reach = pixels(setting), product(setting)
    last = setting.mask_set().ordering.sequence[-1]
    unseen = [d for d in range(64) if d != last and not reach[:, d].any()]
    assert np.array_equal(found.paths, reach)
    assert list(found.report.unseen_inputs) == unseen
    assert found.unseen[degrees] == len(unseen)
    assert found.share == reach.sum() / (64 * 63 / 2)


def test_all_784_pixels_follow_the_product_of_the_masks():
    setting = PixelSetting(width=32, depth=3)
    assert np.array_equal(pixels(setting).paths, product(setting))


def test_direct_connections_mend_everything():
    found = pixels(PixelSetting(width=2, depth=4, is_direct=True))
    assert found.share == 1
    assert set(found.unseen.values()) == {0}


def test_narrow_layers_lose_inputs_that_even_degrees_give_back():
    unseen = pixels(PixelSetting(width=32, depth=3)).unseen
    assert unseen["uniform"] > 100
    assert unseen["even"] < 100


def test_the_drawing_gets_every_pair_and_every_unit():
    found = pixels(PixelSetting("784", "snake", **NARROW))
    sent = lesson.content(found)
    bits = np.unpackbits(np.frombuffer(base64.b64decode(sent["paths"]), np.uint8))
    assert np.array_equal(bits[: 784 * 784].reshape(784, 784), found.paths)
    assert [sum(counts) for counts in sent["histograms"]] == [8, 8]
    assert sent["bins"][0] == 1
    assert sent["bins"][-1] == 784


@pytest.mark.parametrize("picture", PICTURES)
def test_every_ordering_that_is_offered_can_be_had(picture):
    for name in lesson.orderings_of(PICTURES[picture]):
        found = pixels(PixelSetting(picture, name))
        place = found.mask_set.ordering.position
        assert not found.paths[place[:, None] <= place[None, :]].any()


@pytest.mark.parametrize(("share", "text"), [(1.0, "100.0%"), (0.99996, "99.996%"), (0.5, "50.0%")])
def test_a_share_below_one_never_reads_as_all(share, text, monkeypatch):
    found = pixels(PixelSetting("3"))
    monkeypatch.setattr(type(found), "share", share)
    assert lesson.share_text(found) == text


@pytest.mark.parametrize(
    ("field", "value"),
    [("picture", "9"), ("ordering", "entropy"), ("width", 3), ("degrees", []), ("depth", 99)],
)
def test_what_cannot_be_chosen_is_said(field, value):
    with pytest.raises(MadeError, match="choose one of"):
        PixelSetting(**{field: value})


@pytest.mark.parametrize(("field", "value"), [("seed", -1), ("seed", "x"), ("is_direct", 2)])
def test_what_a_lesson_file_cannot_mean_is_said(field, value):
    with pytest.raises(MadeError, match=r"true or false|whole number"):
        PixelSetting(**{field: value})


@pytest.mark.parametrize("told", [None, 3, {"pixel": -1}, {"pixel": "x"}, {"pixel": 64}, {}])
def test_what_a_browser_cannot_mean_leaves_the_pixel_as_it_was(told):
    found = pixels(PixelSetting("64"))
    before = {"pixel": 7, "is_seen_by": False}
    assert lesson.pixel_told(told, before, found) == before
    assert lesson.pixel_told(told, {"pixel": 700}, found)["pixel"] == lesson.middle(found.setting)


def test_facts_are_of_the_pixel_that_is_asked_about():
    found = pixels(PixelSetting("64", "reversed"))
    facts = lesson.pixel_facts(found, {"pixel": 63, "is_seen_by": True})
    assert (facts["place"], facts["sees"], facts["is_asked_by"]) == (1, 0, True)
    assert facts["seen_by"] == found.paths[:, 63].sum()

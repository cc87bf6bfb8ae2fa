"""What is said of the masks of a set-up is what they do."""

from __future__ import annotations

import pytest

from made.model.settings import MaskConfig, ModelConfig
from made.views.mask_views import mask_view


def test_a_wide_network_is_sound() -> None:
    view = mask_view(ModelConfig(hidden_sizes=(50, 50)), MaskConfig(degrees="even"), 6)
    assert view.is_sound
    assert [mask.shape for mask in view.layers] == [(50, 6), (50, 50), (6, 50)]


@pytest.mark.parametrize(
    ("masks", "sizes", "words"),
    [
        (MaskConfig(degrees="range", degree_low=4, degree_high=4), (8,), "3 outputs see no input"),
        (MaskConfig(degrees="range", degree_low=1, degree_high=1), (8,), "inputs reach no output"),
        (MaskConfig(autoregressive=False), (8,), "no density"),
    ],
)
def test_what_is_cut_off_is_said(masks: MaskConfig, sizes: tuple[int, ...], words: str) -> None:
    view = mask_view(ModelConfig(hidden_sizes=sizes), masks, 6)
    assert words in view.text
    assert not view.is_sound


def test_direct_connections_reach_what_hidden_units_do_not() -> None:
    narrow = MaskConfig(degrees="range", degree_low=4, degree_high=4)
    assert mask_view(ModelConfig(hidden_sizes=8, direct_connections=True), narrow, 6).is_sound


def test_masks_too_large_to_look_at_are_left_out() -> None:
    assert mask_view(ModelConfig(hidden_sizes=10_000), MaskConfig(), 10_000) is None

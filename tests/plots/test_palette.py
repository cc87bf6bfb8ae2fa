"""Values can be told apart by their colours."""

import numpy as np

from made.plots.palette import DIVERGING, SEQUENTIAL, colorscale, paint


def test_density_colours_grow_lighter_and_differences_are_neutral_at_zero():
    lightness = paint(np.linspace(0, 1, 64)).astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) >= 0).all()
    red, _, blue = paint(np.array([0.0, 0.5, 1.0]), DIVERGING).astype(int).T
    assert blue[0] > red[0]
    assert abs(blue[1] - red[1]) < 8
    assert blue[2] < red[2]
    places = [place for place, _ in colorscale(SEQUENTIAL)]
    assert (places[0], places[-1]) == (0, 1)
    assert places == sorted(places)

"""Runs and values can be told apart by their colours."""

import numpy as np

from made import plots
from made.plots.palette import DIVERGING, RUN_STYLES, SEQUENTIAL, colorscale, paint, run_style


def test_runs_differ_in_colour_dash_and_marker():
    for part in range(3):
        assert len({style[part] for style in RUN_STYLES}) == len(RUN_STYLES)
    assert len({run_style(i) for i in range(36)}) == 36
    runs = [plots.RunCurve(name, [1, 2], [3.0, 2.0 + i], 1) for i, name in enumerate("abc")]
    lines = [t for t in plots.compare_curves(runs).data if "lines" in t.mode]
    assert len({(t.line.color, t.line.dash, t.marker.symbol) for t in lines}) == 3


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

"""Pictures of densities keep the mass, the direction and the scale of what they show."""

import numpy as np
import pytest

from made import plots
from made.plots.palette import paint


def test_panels_share_one_colour_scale_that_the_data_set(random_joint):
    data, model = random_joint(20), 7 * random_joint(20, seed=1)
    figure = plots.density_panel([("data", data), ("model", model)])
    assert {trace.coloraxis for trace in figure.data} == {"coloraxis"}
    assert figure.layout.coloraxis.cmin == 0
    assert figure.layout.coloraxis.cmax == pytest.approx(np.percentile(data, 99.5))
    assert np.allclose(figure.data[0].z, data)


def test_first_variable_runs_downwards_like_the_rows_of_a_picture(random_joint):
    figure = plots.density_panel([("data", random_joint(5))])
    assert figure.layout.yaxis.range == (4.5, -0.5)
    assert figure.layout.xaxis.range == (-0.5, 4.5)
    assert (figure.layout.yaxis.title.text, figure.layout.xaxis.title.text) == ("x1", "x2")
    joint = np.zeros((4, 4))
    joint[0, 3] = 1.0
    [(_, picture)] = plots.density_pictures([("data", joint)], pixels=4)
    assert picture[0, 3].tolist() == paint(np.array(1.0)).tolist()
    assert (picture.reshape(-1, 3) == paint(np.array(0.0))).all(axis=1).sum() == 15


@pytest.mark.parametrize("num_categories", [2, 250, 251, 1000])
def test_blocks_keep_the_mass_and_the_title_says_so(random_joint, num_categories):
    joint = random_joint(num_categories)
    coarse, side = plots.block_sum(joint)
    assert coarse.sum() == pytest.approx(1)
    assert len(coarse) <= 250
    figure = plots.density_panel([("data", joint)])
    assert (f"{side} × {side}" in figure.layout.annotations[0].text) == (num_categories > 250)
    trace, last = figure.data[0], num_categories - 1
    assert trace.x0 - trace.dx / 2 == pytest.approx(-0.5)
    assert trace.x0 + trace.dx * (len(coarse) - 0.5) >= last


def test_histogram_counts_every_sample_once():
    samples = np.array([[0, 1], [0, 1], [2, 0], [1, 1]], dtype=np.uint8)
    histogram = plots.joint_histogram(samples, 3)
    assert histogram.tolist() == [[0, 0.5, 0], [0, 0.25, 0], [0.25, 0, 0]]


def test_log_ratio_is_zero_for_equal_and_changes_sign_when_swapped(random_joint):
    truth, model = random_joint(12), random_joint(12, seed=1)
    assert np.array_equal(plots.log_ratio_values(truth, truth), np.zeros((12, 12)))
    there, back = plots.log_ratio_values(model, truth), plots.log_ratio_values(truth, model)
    assert np.allclose(there, -back)
    figure = plots.log_ratio([("model", model)], truth)
    axis = figure.layout.coloraxis
    assert axis.cmin == -axis.cmax
    assert axis.cmax == pytest.approx(np.percentile(np.abs(there), 99))


def test_log_ratio_tells_no_truth_from_no_model():
    truth, model = np.array([[0.0, 0.5], [0.5, 0.0]]), np.array([[0.5, 0.0], [0.5, 0.0]])
    ratio = plots.log_ratio_values(model, truth)
    assert np.isnan(ratio[0, 0])
    assert np.isnan(ratio[1, 1])
    assert ratio[0, 1] == -np.inf
    assert ratio[1, 0] == 0
    shown = plots.log_ratio([("model", model)], truth).data[0].z
    assert np.isfinite(shown[0, 1])
    assert np.isnan(shown[0, 0])


def test_log_ratio_of_a_perfect_model_has_a_scale(random_joint):
    truth = random_joint(6)
    assert plots.log_ratio([("model", truth)], truth).layout.coloraxis.cmax > 0


def test_marginals_are_the_sums_along_each_variable(random_joint):
    joint = random_joint(9)
    _, second, first = plots.dataset_marginals(joint).data
    assert np.allclose(second.y, joint.sum(axis=0))
    assert np.allclose(first.x, joint.sum(axis=1))

"""Pictures: what they show is what they were given."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from made import plots
from made.plots.palette import DIVERGING, RUN_STYLES, SEQUENTIAL, colorscale, paint, run_style
from made.plots.series import bucket_size, worthwhile_range


def random_joint(num_categories: int, seed: int = 0) -> np.ndarray:
    joint = np.random.default_rng(seed).gamma(0.5, size=(num_categories, num_categories))
    return joint / joint.sum()


def exponential_average(losses: np.ndarray, half_life: float) -> np.ndarray:
    """The definition, one value after another."""
    keep = 2 ** (-1 / half_life)
    total = weight = 0.0
    answer = []
    for loss in losses:
        known = np.isfinite(loss)
        total = keep * total + (loss if known else 0.0)
        weight = keep * weight + known
        answer.append(total / weight if weight else np.nan)
    return np.array(answer)


@pytest.mark.parametrize("length", [0, 1, 999, 1000, 1001, 200_000])
def test_decimation_keeps_mean_extremes_and_last_step_within_the_length(length):
    losses = np.random.default_rng(0).normal(10, 1, size=length)
    step, mean, low, high = plots.decimate(losses)
    assert len(step) == len(mean) == len(low) == len(high) == min(length, len(step)) <= 1000
    if length:
        sizes = np.diff(np.append(0, step))
        assert step[-1] == sizes.sum() == length
        assert (mean * sizes).sum() / length == pytest.approx(losses.mean())
        assert low.min() == losses.min()
        assert high.max() == losses.max()
        assert ((low <= mean + 1e-12) & (mean <= high + 1e-12)).all()


def test_decimation_leaves_full_buckets_as_they_are_while_the_run_grows():
    losses = np.random.default_rng(1).normal(size=1900)
    before, after = plots.decimate(losses[:1500]), plots.decimate(losses)
    assert bucket_size(1500) == bucket_size(1900) == 2
    for old, new in zip(before, after, strict=True):
        assert np.array_equal(old[:-1], new[: len(old) - 1])


def test_decimation_skips_values_that_are_not_finite():
    losses = np.full(4000, np.nan)
    losses[:8] = [1, np.nan, 3, np.inf, 5, 7, 9, -np.inf]
    step, mean, low, high = plots.decimate(losses)
    assert step[0] == 4
    assert (mean[0], low[0], high[0]) == (2, 1, 3)
    assert (mean[1], low[1], high[1]) == (7, 5, 9)
    assert np.isnan(mean[2:]).all()


@pytest.mark.parametrize("half_life", [0.05, 1, 25, 400, 1e6])
@pytest.mark.parametrize("length", [0, 1, 2, 2047, 2048, 5000])
def test_smoothing_equals_the_recursion(length, half_life):
    losses = np.random.default_rng(2).normal(90, 30, size=length)
    losses[::7] = np.nan
    assert np.allclose(
        plots.smooth(losses, half_life), exponential_average(losses, half_life), equal_nan=True
    )


def test_smoothing_keeps_a_constant():
    assert np.allclose(plots.smooth(np.full(200_000, 3.25), 256), 3.25, rtol=1e-12)


def lines_run(work) -> int:
    """How many lines of Python a call executes."""
    count, before = 0, sys.gettrace()

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def test_smoothing_a_long_run_loops_over_no_value():
    plots.smooth(np.ones(3), 256)  # What is done once only, such as loading pandas.
    short, long = (
        lines_run(lambda count=count: plots.smooth(np.full(count, 3.25), 256))
        for count in (10, 200_000)
    )
    assert short == long > 0


def test_smoothing_refuses_a_half_life_of_zero():
    with pytest.raises(ValueError, match="above 0"):
        plots.smooth(np.ones(3), 0)


def test_pandas_waits_until_a_curve_is_smoothed():
    code = "import sys, made, made.plots; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_view_leaves_out_huge_first_losses_and_far_references():
    losses = np.concatenate([np.linspace(540, 100, 50), np.linspace(100, 90, 950)])
    low, high = worthwhile_range(losses, (88.0, 5000.0))
    assert 80 < low < 88
    assert 99 < high < 200


@pytest.mark.parametrize("values", [[], [np.nan], [2.0], [2.0, 2.0]])
def test_the_view_is_never_empty(values):
    low, high = worthwhile_range(np.array(values))
    assert low < high


@pytest.mark.parametrize("length", [0, 1, 30, 200_000])
def test_live_curve_is_short_plain_json_whatever_the_length_of_the_run(length):
    losses = np.random.default_rng(3).normal(10.5, 0.1, size=length)
    epochs = length // 10
    validation = np.linspace(11, 10, epochs)
    curve = plots.live_curve(
        losses,
        validation_steps=10 * np.arange(1, epochs + 1),
        validation_nll=validation,
        train_nll=validation - 0.1,
        best=epochs - 2 if epochs > 1 else None,
        entropy=10.5198,
        independence=np.float64(10.5524),
    )
    text = json.dumps(curve, allow_nan=False)
    assert len(text) < 300_000
    assert all(len(s["x"]) == len(s["y"]) <= 1002 for s in curve["series"])
    assert [line["label"] for line in curve["lines"]] == ["entropy 10.52", "independence 10.55"]
    assert (curve["x_label"], curve["y_label"]) == ("Step (minibatches)", "NLL (nats / example)")
    if epochs > 1:
        points = curve["series"][-1]
        assert points["x"][points["best"]] == 10 * (epochs - 1)
        assert curve["view"]["x"][1] == length


def test_live_curve_survives_a_run_that_diverged_and_unknown_references():
    curve = plots.live_curve(
        np.array([5.0, np.inf, np.nan]), validation_steps=[3], validation_nll=[np.nan], entropy=None
    )
    json.dumps(curve, allow_nan=False)
    assert curve["series"][0]["y"] == [5.0, None, None]
    assert curve["lines"] == []


def test_a_plain_autoencoder_is_not_called_a_density():
    curve = plots.live_curve(np.ones(3), unit_label=plots.RECONSTRUCTION_LABEL)
    assert "NLL" not in curve["y_label"]


def test_live_curve_is_said_with_its_numbers():
    text = plots.live_curve_alt(
        np.full(40, 10.5312),
        validation_steps=[0, 40],
        validation_nll=[10.7, 10.6],
        best=1,
        entropy=10.5198,
    )
    assert "40 minibatches" in text
    assert "10.53" in text
    assert "best validation 10.60 at step 40" in text
    assert "entropy 10.52" in text


def test_runs_differ_in_colour_dash_and_marker():
    for part in range(3):
        assert len({style[part] for style in RUN_STYLES}) == len(RUN_STYLES)
    assert len({run_style(i) for i in range(36)}) == 36
    runs = [plots.RunCurve(name, [1, 2], [3.0, 2.0 + i], 1) for i, name in enumerate("abc")]
    lines = [t for t in plots.compare_curves(runs).data if "lines" in t.mode]
    assert len({(t.line.color, t.line.dash, t.marker.symbol) for t in lines}) == 3


def test_compared_curves_mark_the_best_epoch_and_name_every_line():
    runs = [("raw", [10, 20, 30], [3.0, 1.0, 2.0], 1), ("empty", [], [], None)]
    figure = plots.compare_curves([plots.RunCurve(*r) for r in runs], [("entropy", 0.5)])
    best = [t for t in figure.data if t.mode == "markers"]
    assert [(t.x[0], t.y[0]) for t in best] == [(20, 1.0)]
    assert {a.text for a in figure.layout.annotations} == {"raw", "entropy 0.5000"}
    assert figure.layout.yaxis.title.text == "NLL (nats / example)"


def test_labels_at_the_end_of_equal_curves_do_not_cover_each_other():
    runs = [plots.RunCurve(str(i), [1, 2], [3.0, 2.0], 1) for i in range(5)]
    figure = plots.compare_curves(runs, height=400)
    low, high = figure.layout.yaxis.range
    places = sorted(a.y for a in figure.layout.annotations)
    assert np.diff(places).min() >= 0.99 * 20 * (high - low) / 400


def test_panels_share_one_colour_scale_that_the_data_set():
    data, model = random_joint(20), 7 * random_joint(20, seed=1)
    figure = plots.density_panel([("data", data), ("model", model)])
    assert {trace.coloraxis for trace in figure.data} == {"coloraxis"}
    assert figure.layout.coloraxis.cmin == 0
    assert figure.layout.coloraxis.cmax == pytest.approx(np.percentile(data, 99.5))
    assert np.allclose(figure.data[0].z, data)


def test_first_variable_runs_downwards_like_the_rows_of_a_picture():
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
def test_blocks_keep_the_mass_and_the_title_says_so(num_categories):
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


def test_log_ratio_is_zero_for_equal_and_changes_sign_when_swapped():
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


def test_log_ratio_of_a_perfect_model_has_a_scale():
    truth = random_joint(6)
    assert plots.log_ratio([("model", truth)], truth).layout.coloraxis.cmax > 0


def test_marginals_are_the_sums_along_each_variable():
    joint = random_joint(9)
    _, second, first = plots.dataset_marginals(joint).data
    assert np.allclose(second.y, joint.sum(axis=0))
    assert np.allclose(first.x, joint.sum(axis=1))


@pytest.mark.parametrize(("number", "columns"), [(1, None), (7, 3), (12, 4), (50, None)])
def test_digit_grid_holds_every_picture_in_its_place(number, columns):
    samples = np.random.default_rng(4).integers(0, 17, size=(number, 6))
    gap, scale, columns = 2, 3, columns or round(np.sqrt(number * 2 / 3))
    grid = plots.digit_grid(samples, (2, 3), 17, columns=columns, gap=gap, scale=scale)
    height, width = 2 * scale + gap, 3 * scale + gap
    assert grid.dtype == np.uint8
    assert grid.shape == (gap + -(-number // columns) * height, gap + columns * width)
    for i, sample in enumerate(samples):
        top, left = gap + (i // columns) * height, gap + (i % columns) * width
        shown = grid[top : top + 2 * scale : scale, left : left + 3 * scale : scale]
        assert np.array_equal(np.round(shown / 255 * 16).ravel(), sample)


def test_digit_grid_fits_the_wanted_width():
    samples = np.zeros((64, 784), dtype=np.uint8)
    assert 400 < plots.digit_grid(samples, (28, 28), 2, target_width=640).shape[1] <= 640


def test_rows_and_mean_pictures():
    samples = np.array([[0, 1, 1, 0], [0, 1, 0, 0]])
    assert plots.rows_picture(samples, 2, scale=1).tolist() == [[0, 255, 255, 0], [0, 255, 0, 0]]
    assert plots.mean_picture(samples, (2, 2), 2, pixels=2).tolist() == [[0, 255], [128, 0]]
    assert plots.variable_means(samples, 2).data[0].y.tolist() == [0, 1, 0.5, 0]


def test_masks_are_shown_as_they_are_and_large_ones_by_their_share():
    small = np.tril(np.ones((4, 6), dtype=bool))
    large = np.tril(np.ones((1000, 700), dtype=bool))
    figure = plots.mask_picture([small, large])
    assert np.array_equal(figure.data[0].z, small)
    assert max(figure.data[1].z.shape) <= 160
    assert figure.data[1].z.min() == 0
    assert figure.data[1].z.max() == 1
    assert "6 → 4, 42% open" in figure.layout.annotations[0].text


@pytest.mark.parametrize("shape", [(8, 8), (200, 200), (28, 14)])
def test_thumbnails_and_png_decode_to_the_right_size(shape):
    picture = np.linspace(0, 1, shape[0] * shape[1]).reshape(shape)
    image = Image.open(io.BytesIO(plots.thumbnail_png(picture, size=64)))
    assert max(image.size) == 64
    assert image.size[0] / image.size[1] == pytest.approx(shape[1] / shape[0], rel=0.02)
    grey = (255 * picture).astype(np.uint8)
    assert np.array_equal(np.array(Image.open(io.BytesIO(plots.png_bytes(grey)))), grey)


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


def test_every_picture_can_be_said_in_a_sentence():
    joint = random_joint(5)
    runs = [plots.RunCurve("raw", [1], [2.5], 0)]
    sentences = [
        plots.density_alt([("data", joint)]),
        plots.log_ratio_alt([("raw", joint)], joint),
        plots.dataset_marginals_alt(joint),
        plots.compare_curves_alt(runs, [("entropy", 2.25)]),
        plots.digit_grid_alt(25, (28, 28), "samples"),
        plots.rows_picture_alt(np.ones((3, 4), dtype=int), "samples"),
        plots.mask_alt([np.ones((4, 3), dtype=bool)]),
    ]
    for sentence in sentences:
        assert sentence.endswith(".")
        assert any(character.isdigit() for character in sentence)

"""What the browser is sent: each figure, each picture and each curve where it belongs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from told_runs import ENTROPY, told_run, told_seeds

from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.views.cell_pictures import Painter, kinds
from made.views.cell_table import cell_rows, cells_table
from made.views.film import film, has_film
from made.views.matrix import matrix
from made.views.slices import slices, wipe
from made.views.story import Story, tell


@pytest.fixture(autouse=True)
def folder(no_worker: None, tmp_path: Path) -> Path:
    return tmp_path


def story(*groups: list[Run]) -> Story:
    return tell([run for group in groups for run in group])


def sent(told: Story, kind: str = "density", seed: int | None = None) -> dict:
    painter = Painter(kind=kind, info=told.info, known=told.reference, seed=seed)
    content = matrix(told.grid, told.verdict, told.known, painter)
    return json.loads(json.dumps(content, allow_nan=False))


def two_encodings(**values) -> Story:
    return story(
        told_seeds([0.10, 0.11, 0.12], encoding="fourier", has_pictures=True, **values),
        told_seeds([0.30, 0.31, 0.32], encoding="raw", has_pictures=True, **values),
    )


def test_every_cell_has_its_figures_epoch_by_epoch() -> None:
    content = sent(two_encodings())
    best, worst = content["cells"]
    assert (content["firstEpoch"], content["lastEpoch"]) == (1, 2)
    assert (best["name"], best["chip"], best["isBest"]) == ("Fourier", "best", True)
    assert (best["best"]["text"], best["best"]["error"]) == ("0.1100", "0.0058")
    assert [figure["value"] for figure in worst["figures"]] == pytest.approx([0.62, 0.31])
    assert best["kept"] == [1, 2]
    assert best["pictures"][0] != best["pictures"][1]
    assert best["bestPicture"] == best["pictures"][1]


def test_one_scale_and_one_truth_for_all() -> None:
    content = sent(two_encodings())
    assert content["truth"].startswith("data:image/png;base64,")
    assert content["scale"]["low"] == "0"
    assert sent(two_encodings(), "ratio")["scale"]["high"].endswith("nats")


def test_the_mean_over_seeds_is_another_picture_than_that_of_one() -> None:
    told = two_encodings()
    one, two, mean = (sent(told, seed=seed)["cells"][0]["bestPicture"] for seed in (0, 1, None))
    assert one == two == mean, "all three seeds drew the same"
    run = told.grid.cells[0].readings[1].run
    RunWriter(run).write_samples(2, {"density": np.eye(4, dtype=np.float32)})
    one, two, mean = (sent(told, seed=seed)["cells"][0]["bestPicture"] for seed in (0, 1, None))
    assert len({one, two, mean}) == 3


def test_curves_lie_on_one_axis_with_the_best_epoch_ringed() -> None:
    curves = sent(two_encodings())["curves"]
    assert [series["name"] for series in curves["series"]] == ["Fourier", "Raw"]
    fourier, raw = curves["series"]
    assert fourier["points"][-1][1] < raw["points"][-1][1]
    assert fourier["best"] == [2, pytest.approx(fourier["points"][-1][1], abs=1e-3)]
    for _, middle, low, high in fourier["points"]:
        assert low <= middle <= high


def test_an_exploding_curve_stays_on_the_chart() -> None:
    told = story(
        told_seeds([0.1], encoding="fourier"),
        [told_run([0.2, 0.3, 5.0], encoding="one-hot")],
    )
    points = [point for one in sent(told)["curves"]["series"] for point in one["points"]]
    assert all(0 <= place <= 1 for _, *places in points for place in places)


def test_a_bracket_joins_neighbours_of_which_no_two_are_told_apart() -> None:
    told = story(
        told_seeds([0.01, 0.011, 0.012], encoding="fourier"),
        told_seeds([0.10, 0.14, 0.12], encoding="bits"),
        told_seeds([0.13, 0.11, 0.15], encoding="one-hot"),
    )
    assert sent(told)["ties"] == [[1, 2, 0]]


def test_a_matrix_says_how_many_samples_a_state_has() -> None:
    told = tell(
        [
            run
            for number in (1_000, 10_000)
            for name in ("raw", "bits")
            for run in told_seeds([0.1], encoding=name, num_samples=number)
        ]
    )
    content = sent(told)
    assert [row["title"] for row in content["rows"]] == ["1,000 samples", "10,000 samples"]
    assert [row["notes"] for row in content["rows"]] == [["50 a state"], ["500 a state"]]
    assert content["curves"] is None


def test_a_cell_without_pictures_has_figures_all_the_same() -> None:
    (cell,) = sent(story(told_seeds([0.1])))["cells"]
    assert (cell["pictures"], cell["bestPicture"]) == ([], None)
    assert cell["best"]["text"] == "0.1000"


def test_a_film_goes_through_the_epochs_of_one_run_at_rest() -> None:
    run = told_run([0.4, 0.2, 0.3], has_pictures=True)
    assert has_film(run)
    assert not has_film(told_run([0.4, 0.2]))
    content = json.loads(json.dumps(film(run), allow_nan=False))
    assert content["columns"] == ["Density", "Samples"]
    density, samples = content["cells"]
    assert [figure["text"] for figure in density["figures"]] == ["0.4000", "0.2000", "0.3000"]
    assert samples["figures"] == [None] * 3
    assert density["bestEpoch"] == 2


def test_the_best_is_marked_and_the_worst_named_in_the_table() -> None:
    told = story(
        *(
            told_seeds([value, value + 0.01], encoding=name)
            for name, value in (("fourier", 0.1), ("bits", 0.2), ("raw", 0.3))
        )
    )
    best, middle, worst = cell_rows(told.grid, 0)
    assert (best.is_best, middle.is_best, worst.is_worst) == (True, False, True)
    assert middle.behind is not None
    assert middle.behind.value == pytest.approx(0.1)
    html = cells_table(told.grid).to_html()
    assert "0.1050 ± 0.0050" in html
    assert "(worst)" in html
    assert best.test == f"{ENTROPY + 0.105:.4f} ± 0.0050"


def test_a_wipe_holds_two_cells_or_one_and_the_truth() -> None:
    told = two_encodings()
    first, second = told.grid.cells
    content = wipe(told, first, second)
    assert content is not None
    assert content["names"] == ["Fourier", "Raw"]
    assert (wipe(told, first, None) is None) == (told.reference.joint is None)


def test_conditionals_of_the_truth_itself_have_no_kl() -> None:
    told = two_encodings()
    assert told.reference.joint is not None
    for cell in told.grid.cells:
        for reading in cell.readings:
            density = told.reference.joint.astype(np.float32)
            RunWriter(reading.run).write_samples(2, {"density": density})
    content = slices(told)
    assert content is not None
    for series in content["series"]:
        assert max(map(abs, series["kl"])) < 1e-4
        assert series["heights"] == pytest.approx(np.array(content["truth"]), abs=2e-3)


def test_what_can_be_shown_follows_the_data() -> None:
    told = two_encodings()
    assert kinds(told.grid.readings, told.info, told.reference) == ["density", "histogram", "ratio"]
    digits = story([told_run([0.2], dataset="digits8")])
    assert kinds(digits.grid.readings, digits.info, digits.reference) == ["samples"]


def test_brackets_overlap_where_only_the_ends_are_told_apart() -> None:
    told = story(
        told_seeds([0.100, 0.140, 0.120], encoding="fourier"),
        told_seeds([0.139, 0.138, 0.137], encoding="bits"),
        told_seeds([0.160, 0.190, 0.177], encoding="one-hot"),
    )
    assert sent(told)["ties"] == [[0, 1, 0], [1, 2, 1]]


def test_the_kl_of_a_conditional_is_that_of_the_truth_to_the_model() -> None:
    told = two_encodings()
    truth = told.reference.joint
    assert truth is not None
    for reading in told.grid.cells[0].readings:
        RunWriter(reading.run).write_samples(2, {"density": np.ones((4, 4), np.float32)})
    content = slices(told)
    assert content is not None
    rows = truth / truth.sum(axis=1, keepdims=True)
    expected = (rows * np.log(rows / 0.25)).sum(axis=1)
    assert content["series"][0]["kl"] == pytest.approx(expected, abs=1e-4)

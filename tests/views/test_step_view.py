"""What is shown of a single minibatch: where its points lie, and where it moved mass."""

from __future__ import annotations

import numpy as np
import pytest

from made import runs
from made.plots.palette import DATA, DIVERGING
from made.plots.steps import change_picture, points_picture
from made.runs import moments
from made.runs.records import Status
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.training.events import Moment
from made.views.step_view import moment_line, moment_of, moment_pictures, nll

SIZE = 4
BEFORE = np.full((SIZE, SIZE), 1 / 16, np.float32)


def rgb(color: str) -> list[int]:
    return [int(color[place : place + 2], 16) for place in (1, 3, 5)]


def moment(step: int = 17) -> Moment:
    after = BEFORE.copy()
    after[1, 2] += 1 / 32
    after[3, 0] -= 1 / 32
    return Moment(1, step, step, np.array([[1, 2], [1, 2], [0, 0]], np.uint8), BEFORE, after)


def centre(picture: np.ndarray, x1: int, x2: int) -> list[int]:
    side = len(picture) // SIZE
    return picture[x1 * side + side // 2, x2 * side + side // 2].tolist()


@pytest.mark.parametrize("joint", [None, np.eye(SIZE) / SIZE], ids=["unknown", "known"])
def test_the_points_are_blue_where_the_rows_are_and_nowhere_else(joint) -> None:
    picture = points_picture(joint, moment().rows, SIZE)
    blue = rgb(DATA)
    found = {
        (x1, x2) for x1 in range(SIZE) for x2 in range(SIZE) if centre(picture, x1, x2) == blue
    }
    assert found == {(1, 2), (0, 0)}


def test_the_change_is_orange_for_more_and_blue_for_less_and_says_its_scale() -> None:
    picture, clip = change_picture(BEFORE, moment().after)
    assert clip == 1 / 32
    assert centre(picture, 1, 2) == rgb(DIVERGING[-1])
    assert centre(picture, 3, 0) == rgb(DIVERGING[0])
    unchanged, clip = change_picture(BEFORE, BEFORE)
    assert clip == 0
    assert len(np.unique(unchanged.reshape(-1, 3), axis=0)) == 1


def test_the_line_tells_which_minibatch_and_its_loss_before_and_after() -> None:
    one = moment()
    assert nll(one.before, one.rows) == pytest.approx(np.log(16))
    assert nll(one.after, one.rows) == pytest.approx((np.log(16) + 2 * np.log(32 / 3)) / 3)
    line = moment_line(one)
    assert line == "minibatch **17** of epoch 1 · 3 points · loss **2.773 → 2.502 nats**"


def test_only_the_minibatch_that_a_held_run_stands_at_is_shown(folder) -> None:
    run = runs.create(
        ExperimentConfig.from_flat({"dataset": "rings", "grid_size": SIZE, "device": "cpu"})
    )
    moments.write(run, moment(17))
    assert moment_of(run, Status(state="held", step=17)) is not None
    assert moment_of(run, Status(state="held", step=18)) is None
    assert moment_of(run, Status(state="training", step=17)) is None
    RunWriter(run).update(state="held", step=17)
    titles = [picture.title for picture in moment_pictures(run, moments.read(run))]
    assert titles == [
        "Data, the minibatch in blue",
        "Model: exact density after step 17",
        "Its change: blue less, orange more, ±0.031",
    ]

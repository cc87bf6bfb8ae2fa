"""Pictures of a comparison share one order and one scale."""

from __future__ import annotations

import numpy as np
import pytest

from made.views import comparison_pictures

pytestmark = pytest.mark.usefixtures("folder")


def drawings(count: int, seed: int = 0) -> list[comparison_pictures.Drawing]:
    generator = np.random.default_rng(seed)
    joints = generator.dirichlet(np.ones(9), size=count).reshape(count, 3, 3)
    counts = np.full((3, 3), 2)
    return [
        comparison_pictures.drawing(f"run {i}", {"density": joint, "histogram": counts})
        for i, joint in enumerate(joints)
    ]


@pytest.mark.parametrize("count", [1, 3, 4, 7, 12])
def test_the_truth_leads_every_row_and_no_run_is_lost(count: int) -> None:
    truth = np.full((3, 3), 1 / 9)
    rows = comparison_pictures.density_rows(truth, drawings(count), "density")
    assert all(row[0][0] == "Truth" and 2 <= len(row) <= 4 for row in rows)
    assert [name for row in rows for name, _ in row[1:]] == [f"run {i}" for i in range(count)]


def test_counts_become_frequencies() -> None:
    (drawing,) = drawings(1)
    assert drawing.histogram.sum() == pytest.approx(1)


def test_all_log_ratios_share_one_symmetrical_scale_and_stand_beside_the_truth() -> None:
    truth, models = np.full((3, 3), 1 / 9), drawings(2)
    clip = comparison_pictures.common_clip(truth, models)
    largest = max(np.abs(np.log(model.density / truth)).max() for model in models)
    assert 0 < clip <= largest
    (panels,) = comparison_pictures.density_rows(truth, models, "density")
    figure = comparison_pictures.ratio_figure(panels, clip)
    axis = figure.layout.coloraxis
    assert (axis.cmin, axis.cmax) == (-clip, clip)
    np.testing.assert_allclose(figure.data[0].z, truth, rtol=1e-6)
    np.testing.assert_allclose(figure.data[1].z, np.log(models[0].density / truth), rtol=1e-5)


def test_a_perfect_model_still_has_a_scale() -> None:
    truth = np.full((3, 3), 1 / 9)
    assert comparison_pictures.common_clip(
        truth, [comparison_pictures.drawing("a", {"density": truth})]
    )

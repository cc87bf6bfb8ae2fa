"""Densities in levels, and what else a shipped study keeps in another way than a run does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from made import runs
from made.base import places
from made.base.files import pack_arrays
from made.density.likelihood import kl_divergence
from made.runs.levels import from_levels, to_levels
from made.runs.records import known_arrays
from made.setups.config import ExperimentConfig
from made.views import run_views

HALF_A_LEVEL = np.exp(1 / 40)


def smooth(seed: int = 0, num_categories: int = 20) -> np.ndarray:
    """A joint (K, K) whose masses lie within a factor of 1000, float64."""
    mass = np.exp(np.random.default_rng(seed).uniform(-7, 0, (num_categories, num_categories)))
    return mass / mass.sum()


def test_masses_come_back_within_half_a_level_and_sum_to_one() -> None:
    density = smooth()
    back = from_levels(to_levels(density))
    assert back.dtype == np.float32
    assert back.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    ratio = back / density
    assert ratio.max() / ratio.min() <= HALF_A_LEVEL**2 * 1.0001


def test_levels_hardly_move_the_kl_of_a_portrait() -> None:
    truth, model = smooth(1, 200), smooth(1, 200) ** 0.9
    model /= model.sum()
    back = from_levels(to_levels(model)).astype(np.float64)
    exact = kl_divergence(truth, np.log(model))
    assert kl_divergence(truth, np.log(back / back.sum())) == pytest.approx(exact, abs=2e-4)


def test_a_density_in_levels_is_read_as_any_other() -> None:
    density = smooth()
    arrays = known_arrays({"density_levels": to_levels(density)})
    assert arrays.keys() == {"density"}
    np.testing.assert_allclose(arrays["density"], density, rtol=0.06)


@pytest.mark.parametrize(
    "levels",
    [
        np.zeros((3, 4), np.uint8),
        np.zeros((3, 3), np.uint8),
        np.full((3, 3), -1),
        np.full((3, 3), 0.5),
    ],
)
def test_what_can_be_no_levels_is_not_shown(levels: np.ndarray) -> None:
    assert known_arrays({"density_levels": levels}) == {}


def test_levels_of_anyones_making_are_masses_all_the_same() -> None:
    density = known_arrays({"density_levels": np.array([[0, 2**53], [1, 2]])})["density"]
    assert np.isfinite(density).all()
    assert density.sum() == pytest.approx(1)


def test_a_shipped_study_shows_its_data_from_one_note_for_all_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "shipped_folder", lambda: tmp_path)
    home = tmp_path / places.STUDIES / "shipped-portrait"
    config = ExperimentConfig.from_flat({"grid_size": 20})
    own = runs.create(config, id="shipped-portrait-raw-0")
    (home / own.id).parent.mkdir(parents=True)
    own.path.rename(home / own.id)
    run = runs.Run.open(own.id)
    (run.path / "samples").mkdir()
    arrays = {"density_levels": to_levels(smooth())}
    (run.path / "samples" / "epoch-00001.npz").write_bytes(pack_arrays(arrays))
    assert len(run_views.pictures(run)) == 1
    (home / "data.npz").write_bytes(pack_arrays({"joint": smooth(1), "entropy": np.array(5.0)}))
    assert run_views.reference(run).entropy == 5.0
    np.testing.assert_array_equal(run_views.reference(run).joint, smooth(1))
    titles = [picture.title for picture in run_views.pictures(run)]
    assert titles == ["Data: true joint", "Model: exact density after epoch 1"]


def test_what_lies_beside_own_runs_is_no_note_of_their_data() -> None:
    run = runs.create(ExperimentConfig())
    (run.path.parent / "data.npz").write_bytes(pack_arrays({"joint": smooth()}))
    assert run.data_arrays() == {}

"""Samples in Explore: what it draws, what it says where there is nothing to draw, its files."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from made import library, runs
from made.density.density import Density
from made.runs import kept_models, loading
from made.runs.folder import Run
from made.setups.config import ExperimentConfig
from made.views import inference, sample_pictures, sample_views
from made.views.sample_views import Request

ROOT = Path(__file__).parents[2]
TINY = {"hidden_sizes": (8,), "epochs": 1, "progress": False}
KINDS = {
    "digits": {"dataset": "digits8"},
    "orderings": {"dataset": "digits8", "ordering": "random", "num_orderings": 3},
    "connectivities": {"dataset": "digits8", "num_connectivities": 2},
    "plain": {"dataset": "digits8", "autoregressive": False},
    "rings": {"dataset": "rings", "grid_size": 8, "num_samples": 1000},
    "marginals": {"dataset": "digits8", "model": "marginals", "autoregressive": False},
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """One small trained run of each kind."""
    path, threads = tmp_path_factory.mktemp("archive"), torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_RUNS_DIR", str(path))
        yield {
            kind: library.train(**settings, **TINY, label=kind).run.path
            for kind, settings in KINDS.items()
        }
    torch.set_num_threads(threads)


@pytest.fixture
def folder(tmp_path: Path, nothing_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def trained(archive, folder):
    """Puts a copy of a trained run of some kind into the folder of runs."""

    def copy(kind: str) -> Run:
        path = folder / archive[kind].name
        shutil.copytree(archive[kind], path)
        return Run.open(path.name)

    return copy


def open_page() -> AppTest:
    """The page within the whole dashboard, as its links to other pages need it."""
    page = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60).run()
    page.session_state["tool"] = "samples"
    return checked(page.switch_page("explore/page.py").run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def line(page: AppTest) -> str:
    """What was drawn, as the page says it."""
    return next(text.value for text in page.markdown if " s · " in text.value)


def control(page: AppTest, label: str):
    kinds = (page.slider, page.select_slider, page.number_input, page.toggle, page.button_group)
    return next(widget for kind in kinds for widget in kind if widget.label == label)


def alts(page: AppTest) -> str:
    return " ".join(image.alt for shown in page.image for image in shown.proto.imgs)


def test_without_a_run_the_page_says_where_to_get_one(folder):
    page = open_page()
    assert "no run yet" in page.info[0].value


def test_a_run_without_a_checkpoint_has_a_sentence_and_no_controls(folder):
    runs.create(ExperimentConfig.from_flat({"dataset": "digits8"}), "waiting")
    page = open_page()
    assert "no checkpoint yet" in page.info[0].value
    assert not page.slider


def test_a_plain_autoencoder_has_no_density_and_no_samples(trained):
    trained("plain")
    page = open_page()
    assert "no density" in page.info[0].value
    assert not page.slider
    assert not page.get("download_button")


def test_images_are_drawn_before_any_click(trained):
    trained("digits")
    page = open_page()
    assert line(page).startswith("100 samples in ")
    assert "100 samples of the model" in alts(page)
    assert len(page.get("download_button")) == 2


def test_every_change_draws_anew(trained):
    trained("digits")
    page = open_page()
    checked(control(page, "Number of samples").set_value(9).run())
    assert line(page).startswith("9 samples in ")
    checked(control(page, "Seed").set_value(5).run())
    assert "seed 5" in line(page)
    checked(control(page, "Checkpoint").set_value("last").run())
    assert "last, epoch 1" in line(page)


def picture(page: AppTest) -> str:
    """Where the picture of the samples lies; other pictures lie elsewhere."""
    shown = next(i for box in page.image for i in box.proto.imgs if "of the model" in i.alt)
    return shown.url


def test_draw_again_draws_with_a_new_seed_and_shows_another_picture(trained):
    trained("digits")
    page = open_page()
    first = picture(page)
    checked(page.button(key="samples_new_seed").click().run())
    assert control(page, "Seed").value != 0
    assert f"seed {control(page, 'Seed').value}" in line(page)
    assert picture(page) != first
    checked(control(page, "Seed").set_value(0).run())
    assert picture(page) == first


def test_the_number_of_samples_goes_from_one_to_400(trained):
    trained("digits")
    page = open_page()
    for number in (1, 400):
        checked(control(page, "Number of samples").set_value(number).run())
        assert line(page).startswith(f"{number} samples in ")
        assert f"{number} samples of the model" in alts(page)
    assert control(page, "Number of samples").max == 400


def test_a_model_is_read_once_for_all_the_samples_drawn_from_it(trained, monkeypatch):
    trained("digits")
    loads, load = [], loading.load_run
    monkeypatch.setattr(loading, "load_run", lambda *names: loads.append(names) or load(*names))
    page = open_page()
    for _ in range(3):
        checked(page.button(key="samples_new_seed").click().run())
    assert len(loads) == 1


def test_a_few_samples_are_drawn_in_one_thread_and_the_others_are_given_back(trained, monkeypatch):
    run, before, seen = trained("digits"), torch.get_num_threads(), []
    draw = Density.sample
    monkeypatch.setattr(
        Density,
        "sample",
        lambda *given, **more: seen.append(torch.get_num_threads()) or draw(*given, **more),
    )
    torch.set_num_threads(2)
    try:
        for number in (100, kept_models.FEW_ROWS + 1):
            inference.draw(run.id, num_samples=number)
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen == [1, 2]


def test_a_joint_is_drawn_beside_truth_and_exact_density(trained):
    trained("rings")
    page = open_page()
    assert line(page).startswith("100,000 samples in ")
    alt = page.get("plotly_chart")[0].proto.alt
    assert [name in alt for name in ("true joint", "exact density", "100,000 samples")] == [
        True
    ] * 3
    checked(control(page, "Number of samples").set_value(100).run())
    assert line(page).startswith("100 samples in ")


def test_a_baseline_draws_whatever_its_mask_settings_say(trained):
    trained("marginals")
    assert line(open_page()).startswith("100 samples in ")


def test_one_mask_set_leaves_nothing_to_choose(trained):
    trained("digits")
    page = open_page()
    assert control(page, "Mask sets").disabled
    assert any("one mask set" in text.value for text in page.caption)


@pytest.mark.parametrize("kind", ["orderings", "connectivities"])
def test_a_mixture_completes_no_image_but_each_of_its_mask_sets_does(trained, kind):
    trained(kind)
    page = open_page()
    assert "mixture of" in line(page)
    assert control(page, "Complete an image").disabled
    checked(control(page, "Mask sets").set_value("one").run())
    checked(control(page, "Mask set").set_value(1).run())
    checked(control(page, "Complete an image").set_value(True).run())
    assert line(page).startswith("100 completions in ")
    assert line(page).endswith("mask set 1")
    assert "Data row 0 with 32 of 64 pixels shown" in alts(page)


@pytest.mark.parametrize("kind", ["digits", "orderings"])
def test_completions_keep_the_first_pixels_of_the_ordering(trained, kind):
    run = trained(kind)
    about = sample_views.subject(run)
    mask_set = 1 if kind == "orderings" else None
    request = Request(
        checkpoint="best", num_samples=20, seed=3, mask_set=mask_set, row=2, num_given=24
    )
    observed = sample_views.given(about, request)
    first = sample_views.ordering(about, mask_set).sequence[:24]
    assert sorted(observed) == sorted(first.tolist())
    drawn = inference.draw(run.id, num_samples=20, seed=3, mask_set=mask_set, observed=observed)
    row = run.read_arrays("data.npz")["rows"][2]
    np.testing.assert_array_equal(drawn.samples[:, first], np.tile(row[first], (20, 1)))
    assert len(np.unique(drawn.samples, axis=0)) > 1


def test_given_pixels_of_a_natural_ordering_are_the_top_rows(trained):
    about = sample_views.subject(trained("digits"))
    request = Request(checkpoint="best", num_samples=1, seed=0, row=0, num_given=24)
    assert sorted(sample_views.given(about, request)) == list(range(24))
    assert sample_views.default_given(about.info) == 32


def test_a_completion_is_tinted_by_where_a_pixel_comes_from(trained):
    run = trained("digits")
    about = sample_views.subject(run)
    observed = dict.fromkeys(range(32), 1)
    drawn = inference.draw(run.id, num_samples=1, observed=observed)
    pixels = sample_pictures.sample_picture(about, drawn, observed).pixels.astype(int)
    upper, lower = np.array_split(pixels, 2)
    is_ink = upper.max(axis=-1) == 255
    assert is_ink.any()
    assert (upper[is_ink][:, 2] > upper[is_ink][:, 0]).all()
    assert (lower[..., 0] >= lower[..., 2]).all()


def test_the_archive_says_where_its_samples_come_from(trained):
    run = trained("rings")
    about = sample_views.subject(run)
    request = Request(checkpoint="last", num_samples=50, seed=7)
    drawn = inference.draw(run.id, checkpoint="last", num_samples=50, seed=7)
    content = io.BytesIO(sample_views.archive(about, drawn, request, {}))
    with np.load(content, allow_pickle=False) as arrays:
        assert str(arrays["run_id"]) == run.id
        assert str(arrays["checkpoint"]) == "last"
        assert int(arrays["seed"]) == 7
        assert int(arrays["mask_set"]) == -1
        np.testing.assert_array_equal(arrays["samples"], drawn.samples)
        assert arrays["density"].sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", ["rings", "digits"])
def test_the_picture_is_a_png(trained, kind):
    run = trained(kind)
    drawn = inference.draw(run.id, num_samples=10)
    content = sample_pictures.png(sample_views.subject(run), drawn, {})
    assert content.startswith(b"\x89PNG")


def test_a_new_seed_is_never_the_old_one(monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda bound: 4)
    assert [sample_views.new_seed(old) for old in (3, 4, 5)] == [5, 5, 4]


def test_masks_cut_what_an_autoencoder_sees(trained):
    every, earlier, *_ = sample_pictures.why_none(sample_views.subject(trained("plain")))
    assert "itself included" in every.title
    assert "earlier inputs only" in earlier.title
    assert not np.array_equal(every.pixels, earlier.pixels)

"""A teacher's own lesson: shown with what it asks for, and what it asks wrongly is a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from learn_page import chapter
from streamlit.testing.v1 import AppTest
from train_page import component

STARTS = {
    "masks": ("ordering", "draw", "degrees", "masks"),
    "pixels": ("picture", "ordering", "width", "depth", "degrees", "is_direct", "seed", "reader"),
    "sampling": ("run", "seed", "drawn", "opens_at"),
    "encodings": ("size", "epoch", "value", "picked"),
    "many-masks": ("trained_on", "is_fixed", "reader"),
    "uses": ("run", "reader"),
}
ODD = ("[['x']]", "1e300", "'no'", "{ a = 1 }")


@pytest.fixture
def own(tmp_path, monkeypatch) -> Callable[[str], AppTest]:
    """Open Learn at a lesson of one's own with this text."""
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    (tmp_path / "lessons").mkdir()

    def shown(lesson: str) -> AppTest:
        (tmp_path / "lessons" / "own.toml").write_text("title = 'a'\n" + lesson)
        return chapter("own")

    return shown


@pytest.mark.parametrize(
    ("playground", "name"), [(play, name) for play, names in STARTS.items() for name in names]
)
def test_whatever_a_lesson_begins_with_nothing_breaks(own, playground, name):
    for odd in ODD:
        page = own(f"playground = '{playground}'\n[start]\n{name} = {odd}")
        assert len(page.error) <= 1


def test_what_cannot_be_begun_with_is_named(own):
    page = own("playground = 'pixels'\n[start]\nwidth = 3")
    assert "There is no hidden width '3' here" in page.error[0].value
    page = own("playground = 'masks'\n[start]\nordering = 'up'")
    assert "cannot be read at ordering" in page.error[0].value


def test_only_the_controls_that_it_needs_are_shown(own):
    page = own("playground = 'pixels'\ncontrols = ['ordering']\n[start]\nwidth = 64")
    assert [select.label for select in page.selectbox] == ["Ordering"]
    assert not page.select_slider
    assert sum(component(page, "made_pixels")["histograms"][0]) == 64

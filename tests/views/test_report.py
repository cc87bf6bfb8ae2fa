"""A report is one file that needs nothing else, says what the figures say, and runs nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from told_runs import told_run, told_seeds

from made import runs
from made.base.errors import MadeError
from made.plots.cells import data_address
from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.studies.verdict import plain_text
from made.views import report, report_pictures
from made.views.cell_pictures import Painter
from made.views.moment import BEST, Moment, find_moment, moment_of
from made.views.story import Story, tell

WHEN = datetime(2026, 11, 24, 12, 0)
HOSTILE = "<script>alert(1)</script><marquee>&\"' |$x$"


class Read(HTMLParser):
    """The elements of a page with their attributes, and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all_of(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(autouse=True)
def folder(no_worker: None) -> None:
    """A runs folder of the test's own."""


def with_density(run: Run) -> Run:
    """As if the run had kept the density of its epochs, of each encoding another one."""
    size = run.config.data.grid_size
    for record in run.epochs():
        seed = (record["epoch"], len(run.config.model.encoding))
        density = np.random.default_rng(seed).random((size, size)).astype(np.float32)
        RunWriter(run).write_samples(record["epoch"], {"density": density / density.sum()})
    return run


def with_a_beginning(run: Run) -> Run:
    """As if the run had also been looked at before its first step."""
    path = run.path / "epochs.jsonl"
    first = {"epoch": 0, "step": 0, "is_best": False, "kl_nats": 1.0, "validation_nll": 3.0}
    path.write_text(f"{json.dumps(first)}\n{path.read_text()}")
    return run


def told(*groups: list[Run]) -> Story:
    return tell([with_density(with_a_beginning(run)) for group in groups for run in group])


@pytest.fixture
def story() -> Story:
    return told(
        told_seeds([0.1, 0.12, 0.11], encoding="fourier"),
        told_seeds([0.3, 0.33, 0.31], encoding="raw"),
    )


def painter(story: Story) -> Painter:
    return Painter(kind="density", info=story.info, known=story.reference, seed=0)


def written(story: Story, moment: Moment = BEST) -> str:
    return report.report(story, replace(painter(story), moment=moment), when=WHEN)


def test_nothing_is_fetched_and_nothing_runs(story: Story) -> None:
    html = written(story)
    read = Read(html)
    names = {name for name, _ in read.elements}
    assert not names & {"script", "link", "iframe", "object", "embed", "form"}
    addresses = [
        value for _, found in read.elements for value in (found.get("src"), found.get("href"))
    ]
    assert all(address.startswith("data:image/png;base64,") for address in addresses if address)
    assert not re.search(r"url\(|@import|\son\w+=", html)


def test_it_says_the_verdict_each_figure_the_settings_the_seeds_and_the_commands(
    story: Story,
) -> None:
    read = Read(written(story))
    said = " ".join(read.text.split())
    for sentence in (story.verdict.headline, *story.verdict.details):
        assert plain_text(sentence) in said
    for cell in story.grid.cells:
        assert str(cell.figure).partition(" ± ")[0] in said
        for reading in cell.readings:
            assert reading.config.to_command() in said
            assert reading.run.id in said
    assert "24 November 2026" in said
    assert "The same for all 6 runs" in said
    assert "0, 1, 2" in said
    assert all(library in said for library in ("made 0.", "torch 2.", "numpy 2."))


def test_the_truth_and_a_picture_of_each_cell_are_inside(story: Story) -> None:
    pictures = Read(written(story)).all_of("img")
    assert len({picture["src"] for picture in pictures}) == 3
    assert all(picture["alt"] for picture in pictures)


def test_at_an_epoch_it_shows_the_pictures_and_figures_of_that_epoch_and_says_so(
    story: Story,
) -> None:
    first, best = written(story, Moment(1)), written(story)
    brush = painter(story)
    for cell in story.grid.cells:
        for epoch, html, other in ((1, first, best), (2, best, first)):
            address = data_address(brush.at(cell, epoch))
            assert address in html
            assert address not in other
    said = " ".join(Read(first).text.split())
    assert "Learned by epoch 1" in said
    assert "After epoch 1 of 2, one run of each cell" in said
    assert "The verdict is about the best epochs." in said
    assert "Figures at the best epochs" in said
    under = re.findall(r'<p class="figure"><b>([\d.]+)</b>', first)
    assert [float(figure) for figure in under] == [
        pytest.approx(cell.at(1).value, abs=0.01) for cell in story.grid.cells
    ]
    assert "cell best" not in first
    assert ">epoch 1<" in first
    assert ">epoch 1<" not in best
    for sheet in (report_pictures.matrix_svg, report_pictures.matrix_png):
        assert sheet(story, brush) != sheet(story, replace(brush, moment=Moment(1)))
    svg = report_pictures.matrix_svg(story, replace(brush, moment=Moment(1)))
    assert "KL to the truth after epoch 1 of 2" in svg


def test_where_no_picture_of_the_epoch_was_kept_the_report_names_the_one_it_shows() -> None:
    run = with_density(with_a_beginning(told_run([0.3, 0.2, 0.1], encoding="raw")))
    other = with_density(with_a_beginning(told_run([0.3, 0.25, 0.15], encoding="bits")))
    (run.path / "samples" / "epoch-00002.npz").unlink()
    story = tell([run, other])
    assert written(story, Moment(2)).count("picture: epoch 1") == 1
    assert "picture:" not in written(story, Moment(3))


def test_figures_of_another_epoch_are_of_the_validation_split_and_say_so() -> None:
    run = told_run([0.2, 0.1, 0.3])
    records = [record | {"kl_nats": None} for record in run.epochs()]
    (run.path / "epochs.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    (run.path / "result.json").write_text(json.dumps({"nll_nats": 7.25, "num_examples": 100}))
    story = tell([run])
    assert "7.25" in written(story)
    said = Read(written(story, Moment(3))).text
    assert "Under each: NLL on validation after that epoch" in said
    assert "NLL on validation after epoch 3" in said
    assert "NLL at the best epoch" in said


def test_a_moment_is_the_best_the_last_or_an_epoch_there_is(story: Story) -> None:
    grid = story.grid
    assert (grid.first_epoch, grid.num_epochs) == (0, 2)
    assert find_moment("best", grid) == BEST
    assert find_moment("last", grid) == find_moment("2", grid) == Moment(2)
    for text in ("3", "-1", "first", "", "1.5", "²", "9" * 5_000):
        with pytest.raises(MadeError, match="name best, last, or a number from 0 to 2"):
            find_moment(text, grid)
    told = [None, "best", "5", True, float("nan"), [1], -1, 1, 1.0, 99, float("inf")]
    assert [moment_of(one, grid).epoch for one in told] == [None] * 6 + [0, 1, 1, 2, 2]


def test_two_varied_settings_make_a_table_of_pictures(story: Story) -> None:
    matrix = told(
        *(
            told_seeds([0.1 + place / 10, 0.2], encoding=encoding, num_samples=number)
            for place, encoding in enumerate(("raw", "bits"))
            for number in (1_000, 2_000)
        )
    )
    read = Read(written(matrix))
    assert "matrix" in [table.get("class") for table in read.all_of("table")]
    assert len(read.all_of("img")) == 1 + 4
    assert len(read.all_of("svg")) == 2
    assert "1,000 samples" in read.text


def test_what_people_wrote_is_shown_letter_by_letter() -> None:
    run = told_run([0.1])
    runs.rename(run, HOSTILE)
    story = told([run])
    html = report.report(story, painter(story), when=WHEN, title=HOSTILE, command=HOSTILE)
    assert "<script" not in html
    assert "<marquee" not in html
    assert unescape(html).count(HOSTILE) >= 4  # title, heading, name and command
    svg = report_pictures.matrix_svg(story, painter(story))
    assert HOSTILE in "".join(ElementTree.fromstring(svg).itertext())


def test_a_run_that_has_no_epoch_yet_is_in_the_report(story: Story) -> None:
    waiting = runs.create(story.grid.readings[0].config.replace(encoding="bits"), "waiting")
    whole = tell([*(reading.run for reading in story.grid.readings), waiting])
    read = Read(written(whole))
    assert "no picture kept" in read.text
    assert waiting.id in read.text


def test_nothing_breaks_within_the_matrix_or_a_table_and_curves_stand_overleaf(
    story: Story,
) -> None:
    html = written(story)
    sections = re.findall(r'<section class="(\w+)"><(?:div class="head"><)?h2>([^<]+)', html)
    assert {title: kind for kind, title in sections} == {
        "What each has learned": "whole",
        "Figures": "whole",
        "The same for all 6 runs": "whole",
        "Curves": "overleaf",
    }
    assert re.search(r"\.whole[^}]*break-inside: avoid", html)
    assert re.search(r"\.overleaf \{ break-before: page", html)


def test_pictures_are_one_sheet_as_svg_and_as_png(story: Story) -> None:
    svg = ElementTree.fromstring(report_pictures.matrix_svg(story, painter(story)))
    names = [element.tag.rpartition("}")[2] for element in svg.iter()]
    assert names.count("image") == 3
    said = "".join(svg.itertext())
    assert all(cell.name in said for cell in story.grid.cells)
    png = report_pictures.matrix_png(story, painter(story))
    assert png.startswith(b"\x89PNG")


def test_curves_are_an_svg_with_a_path_a_run_and_every_name(story: Story) -> None:
    svg = ElementTree.fromstring(report_pictures.curves_svg(story) or "")
    texts = [element.text for element in svg.iter() if element.tag.endswith("text")]
    assert {"Fourier", "Raw"} <= set(texts)
    paths = [element.get("d") for element in svg.iter() if element.tag.endswith("path")]
    assert len(paths) == 4  # of each its band and its line
    assert all(path and "nan" not in path for path in paths)


def test_every_point_of_a_curve_lies_on_its_chart(story: Story) -> None:
    """Also one from before training, epoch 0, where the record has it."""
    svg = ElementTree.fromstring(report_pictures.curves_svg(story) or "")
    _, _, width, height = map(float, svg.get("viewBox", "").split())
    found = [element.get("d") or "" for element in svg.iter() if element.tag.endswith("path")]
    pairs = [pair.split() for path in found for pair in re.split("[MLZ]", path) if pair]
    for across, down in pairs:
        assert 60 <= float(across) <= width - 140
        assert 0 <= float(down) <= height

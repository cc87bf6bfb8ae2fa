"""A runs folder in which whatever people can name has a name that a browser might obey.

Each name is one of `SIGNS`. What finds one of them in Markdown as it is, or in the text of a plotly
chart, has found a place where it is not shown letter by letter.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compared_runs import RINGS, make_run
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest
from upload_files import npy

from made import datasets
from made.base.files import to_json
from made.base.places import PROJECT
from made.people.persons import Owner, write_owner
from made.runs.writer import RunWriter
from made.studies import folder as studies
from made.studies.study import Study

# Nobody listens at that port.
SIGNS = (
    "![x](http://127.0.0.1:9/x)",
    "<img src=http://127.0.0.1:9/y>",
    "[a](javascript:alert(1))",
    r"$\int$ `c`",
    ":red[x] **b** _i_",
    ":smile: :material/home:",
    "www.evil.example",
    "<a href=http://127.0.0.1:9/z>z</a>",
    "1. http://127.0.0.1:9/w",
    "- -> me@evil.example",
)
# The shortest part of each that would be obeyed, where no sign stands before it that forbids it.
OBEYED = re.compile(
    r"(?<!\\)(?:!\[x|<img |\[a\]|\$\\int|`c`|:red\[|\*\*b\*|_i_|<a href=http)"
    r"|:smile:|:material/home:|www\.evil|http://|e@evil|(?:^|\n)1\. |(?:^|\n)- "
)
OBEYED_BY_PLOTLY = re.compile(r"<img |<a href=http")
SOURCE = PROJECT / "checkpoints" / "studies" / "shipped-rings" / "shipped-rings-embedding-0"
# What a link may hold besides a set-up.
OTHERS = ("run", "runs", "study", "tool", "lesson", "draw", "present", "nowhere")
TOOLS = ("xray", "slow-motion", "inpainting", "surprise", "two", "masks", "samples")

# The fields of Streamlit's elements whose content a browser shows letter by letter, as the journey
# with a browser proves; and what the pages draw by themselves, which puts text into text nodes.
SHOWN_AS_TEXT = {
    "BidiComponent.css_content",
    "BidiComponent.js_content",
    "BidiComponent.json",
    "Dataframe.alt",
    "MultiSelect.options",
    "PlotlyChart.alt",
    "Selectbox.options",
    "Selectbox.raw_value",
    "Table.alt",
    "TextInput.default",
}
PAGES = Path(__file__).parents[1] / "pages"


@dataclass(frozen=True)
class Hostile:
    """trained: a run that can be drawn from. runs: all. study: one of two of them."""

    trained: str
    runs: tuple[str, ...]
    study: str


def fill(folder: Path) -> Hostile:
    """Fill the runs folder, which is that of the environment."""
    trained = [copied(folder, number, sign) for number, sign in enumerate((SIGNS[0], SIGNS[7]))]
    made = []
    for number, sign in enumerate(SIGNS):
        content = npy(np.eye(8) + number)
        dataset = datasets.save_upload(f"{sign}.npy", content, kind="joint", label=sign)
        state = ("finished", "failed", "interrupted", "paused", "queued")[number % 5]
        run = make_run(sign, state, dataset=dataset, grid_size=8)
        RunWriter(run).update(message=sign, engine=sign)
        note(run.path, sign)
        made.append(run.id)
    study = Study.make(SIGNS[0], RINGS, {"encoding": ("raw", "bits")})
    stored = studies.create(study, taken=made[:2])
    broken = make_run(SIGNS[1])
    (broken.path / "config.json").write_text(json.dumps({"model": {"encoding": SIGNS[0]}}))
    write_lessons(folder / "lessons")
    return Hostile(trained[0], (*trained, *made), stored.id)


@contextmanager
def filled(folder: Path) -> Iterator[Hostile]:
    """`fill` a folder, which is the runs folder meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_RUNS_DIR", str(folder))
        datasets.clear_cache()
        yield fill(folder)


def note(path: Path, sign: str) -> None:
    """All that people say of a run: tags, words, and who they are."""
    notes = {"tags": [sign[:30]], "words": sign, "colour": "blue"}
    (path / "notes.json").write_text(json.dumps(notes))
    write_owner(path, Owner(f"name:{sign}", sign[:40]))


def copied(folder: Path, number: int, sign: str) -> str:
    """A run that has learned something, under a name of one's own."""
    target = folder / f"20260101-00000{number}-aaaaaa"
    shutil.copytree(SOURCE, target)
    (target / "label.json").write_text(to_json({"label": sign}))
    note(target, sign)
    return target.name


def write_lessons(folder: Path) -> None:
    """Lessons whose titles and ways are signs. What they say is Markdown, and their own."""
    folder.mkdir()
    for number, sign in enumerate(SIGNS):
        quoted = json.dumps(sign)
        text = f"title = {quoted}\nshort = {quoted}\nplayground = 'masks'\n"
        text += f"[[links]]\ntext = {quoted}\nnote = {quoted}\npage = 'train'\n"
        (folder / f"own-{number}.toml").write_text(text)


def visits(hostile: Hostile) -> dict[str, list[dict[str, str]]]:
    """The links to all that each page can show of these names."""
    uploads = datasets.upload_names()
    return {
        "train": [{"run": id} for id in hostile.runs] + [{"dataset": uploads[0]}],
        "explore": [{"run": hostile.trained, "tool": tool} for tool in TOOLS],
        "compare": [{"runs": ",".join(hostile.runs)}, {"study": hostile.study}],
        "learn": [{"lesson": f"own-{number}"} for number in range(len(SIGNS))],
        "data": [*({"dataset": name} for name in uploads), {"draw": "joint"}],
    }


def open_page(name: str, link: dict[str, str]) -> AppTest:
    """A page alone, as a link opens it."""
    page = AppTest.from_file(str(PAGES / name / "page.py"), default_timeout=60)
    for key, value in link.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception, page.exception
    return page


def obeyed(page: AppTest) -> list[str]:
    """Where on a page a sign stands that would be obeyed, and what stands there."""
    found = set()
    for node in page._tree:
        for place, text in texts(getattr(node, "proto", None)):
            if OBEYED.search(text):
                found.add(f"{place}: {text[:120]!r}")
    return sorted(found)


def texts(message: Any) -> Iterator[tuple[str, str]]:
    """Each text of an element that is not known to be shown letter by letter, and where it is."""
    if not isinstance(message, Message):
        return
    for field, value in message.ListFields():
        place = f"{message.DESCRIPTOR.name}.{field.name}"
        if place == "PlotlyChart.spec":
            said = json.dumps(json.loads(value), ensure_ascii=False)
            yield from ((place, one.group()) for one in OBEYED_BY_PLOTLY.finditer(said))
        elif place not in SHOWN_AS_TEXT:
            for one in [value] if isinstance(value, str | Message) else list_of(value):
                if isinstance(one, str):
                    yield place, one
                else:
                    yield from texts(one)


def list_of(value: Any) -> list[Any]:
    """The values of a repeated field, and of one that is a mapping; none of a single number."""
    if isinstance(value, bool | int | float | bytes):
        return []
    return list(value.values() if hasattr(value, "values") else value)

"""Lessons: their files, their steps, and what is said of a file that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from made.base.errors import MadeError
from made.lessons.lesson import Step, lessons, problems, read_lesson
from made.setups.presets import shipped_presets

GOOD = """
title = "A lesson"
playground = "masks"
[[steps]]
text = "Look."
when = { selected = 2 }
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    folder = tmp_path / "lessons"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("when", "facts", "is_done"),
    [
        ({"selected": 2}, {"selected": 2}, True),
        ({"selected": 2}, {"selected": 3}, False),
        ({"selected": 2}, {}, False),
        ({"selected": 1}, {"selected": True}, False),
        ({"is_off": True}, {"is_off": 1}, False),
        ({"sees": [1, 2]}, {"sees": (1, 2)}, True),
        ({"sees": [1]}, {"sees": [1, 2]}, False),
        ({"sees": {"contains": 2}}, {"sees": [1, 2]}, True),
        ({"sees": {"contains": 2}}, {"sees": 2}, False),
        ({"log_p": {"above": -50}}, {"log_p": -49.5}, True),
        ({"log_p": {"above": -50}}, {"log_p": -50}, False),
        ({"log_p": {"above": -50}}, {"log_p": "high"}, False),
        ({"log_p": {"above": 0, "below": 1}}, {"log_p": 0.5}, True),
        ({"log_p": {"above": 0, "below": 1}}, {"log_p": 1.5}, False),
        ({"kind": {"differs": "natural"}}, {"kind": "random"}, True),
        ({"kind": {"differs": "natural"}}, {"kind": "natural"}, False),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
    ],
)
def test_a_step_is_done_when_all_facts_are_as_it_wants_them(when, facts, is_done):
    assert Step.model_validate({"text": "Do.", "when": when}).is_done(facts) == is_done


def test_chapters_come_first_and_in_order_then_own_lessons(own):
    (own / "a-first-one.toml").write_text(GOOD)
    known = lessons()
    chapters = [lesson.chapter for lesson in known.values() if lesson.chapter is not None]
    assert chapters == list(range(1, len(chapters) + 1))
    assert list(known)[-1] == "a-first-one"
    assert known["a-first-one"].bar_title == "A lesson"
    assert problems() == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("no-toml", "title = ", "is no TOML file"),
        ("no-title", "playground = 'masks'", "at title: Field required"),
        ("no-playground", "title = 'a'\nplayground = 'chess'", "at playground"),
        ("never-done", GOOD.replace("selected = 2", ""), "at steps.0.when"),
        ("unknown", GOOD.replace("[[steps]]", "author = 'me'\n[[steps]]"), "at author"),
        ("A B", GOOD, "small letters, digits and hyphens"),
        ("bytes", b"\xff\xfe", "cannot be read"),
        ("huge", "#" * 300_000, "at most 200,000 bytes"),
    ],
)
def test_a_file_that_is_no_lesson_is_named_and_leaves_the_others(own, name, text, said):
    (own / "fine.toml").write_text(GOOD)
    content = text if isinstance(text, bytes) else text.encode()
    (own / f"{name}.toml").write_bytes(content)
    (problem,) = problems()
    assert said in problem
    assert name in problem
    assert "fine" in lessons()
    assert name not in lessons()


def test_a_folder_named_like_a_lesson_is_said_to_be_none(own):
    (own / "folder.toml").mkdir()
    assert "is no file" in problems()[0]


def test_a_lesson_may_show_some_controls_only():
    lesson = read_lesson("controls = ['ordering']\n" + GOOD, "short")
    assert lesson.shows("ordering")
    assert not lesson.shows("masks")
    assert read_lesson(GOOD, "all").shows("masks")
    with pytest.raises(MadeError, match="controls"):
        read_lesson("controls = 3\n" + GOOD, "wrong")


def test_every_experiment_of_the_tutorial_is_linked_by_a_chapter() -> None:
    linked = {link.preset for lesson in lessons().values() for link in lesson.links}
    tutorial = {name for name in shipped_presets() if name.startswith("tutorial-")}
    assert len(tutorial) == 7
    assert tutorial <= linked

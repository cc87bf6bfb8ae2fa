"""The file of settings: what it says, what is wrong with it, and how it is written."""

from __future__ import annotations

import stat
import sys
from types import SimpleNamespace

import pytest

from made.base.errors import MadeError
from made.commands import dashboard, main
from made.people import acting, house
from made.people.persons import STRANGER

pytestmark = pytest.mark.usefixtures("no_worker")


def written(tmp_path, text: str) -> None:
    (tmp_path / "made.toml").write_text(text)


def test_without_a_file_the_dashboard_is_mine() -> None:
    assert house.house().mode == "mine"


def test_settings_are_read_and_written(tmp_path) -> None:
    written(tmp_path, 'mode = "class"\nteachers = ["Ada@school.org"]\n[limits]\nruns = 2\n')
    assert house.house().limits.runs == 2
    house.write(join_code='a "code" \\ ü', teacher_code="grey owl")
    found = house.house()
    assert (found.join_code, found.teachers) == ('a "code" \\ ü', ("Ada@school.org",))
    assert found.limits.runs == 2
    mode = (tmp_path / "made.toml").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mode"),
        ("mode = ", "not valid"),
        ('mode = "school"', "mode"),
        ('mode = "class"', "join_code and teacher_code"),
        ('mode = "class"\njoin_code = "abc"\nteacher_code = "grey owl"', "6 characters"),
        ('mode = "class"\njoin_code = "grey owl"\nteacher_code = "grey owl"', "differ"),
        ('mode = "mine"\n[limits]\nruns = 0', "limits.runs"),
        ('mode = "mine"\nmodes = "x"', "modes"),
    ],
)
def test_what_is_wrong_with_it_is_said_and_opens_nothing(tmp_path, monkeypatch, text, said) -> None:
    written(tmp_path, text)
    with pytest.raises(MadeError, match=said):
        house.house()
    monkeypatch.setattr(acting, "_who", lambda: STRANGER)
    assert said in acting.refusal("train")


def test_a_file_that_is_named_and_missing_opens_nothing(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("MADE_SETTINGS", str(tmp_path / "nowhere.toml"))
    with pytest.raises(MadeError, match="missing"):
        house.house()


def test_settings_that_will_not_do_are_not_written(tmp_path) -> None:
    with pytest.raises(MadeError, match="join_code"):
        house.write(mode="class")
    assert not (tmp_path / "made.toml").exists()


def test_the_dashboard_is_started_in_a_mode(tmp_path, monkeypatch, capsys) -> None:
    served = SimpleNamespace(run=lambda config: None)
    monkeypatch.setattr(dashboard.runpy, "run_path", lambda path: {"app": served})
    monkeypatch.setenv("MADE_HOSTS", "")
    monkeypatch.setattr(sys, "argv", sys.argv)
    assert main(["dashboard", "--mode", "class", "--join", "blue heron"]) == 1
    assert "teacher_code" in capsys.readouterr().err
    assert main(["dashboard", "--mode", "class", "--join", "blue heron", "--teacher", "x" * 6]) == 0
    assert house.house().mode == "class"
    assert "Mode: class" in capsys.readouterr().out
    assert main(["dashboard"]) == 0
    assert house.house().join_code == "blue heron"

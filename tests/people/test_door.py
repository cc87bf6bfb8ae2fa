"""The door of a class: who comes in as whom, and who does not."""

from __future__ import annotations

import stat

import pytest

from made.base.errors import MadeError
from made.people import door
from made.people.door import Attempts, by_address, join
from made.people.house import House
from made.people.persons import MAX_NAME_LENGTH

HOUSE = House(mode="class", join_code="blue heron", teacher_code="grey owl")
pytestmark = pytest.mark.usefixtures("no_worker")


def come(code="blue heron", name="Ada", word="sesame", attempts=None, **values):
    return join(HOUSE, code, name, word, attempts=attempts or Attempts(), **values)


def test_a_code_and_a_name_let_in_and_the_teachers_code_makes_a_teacher() -> None:
    ada, teacher = come(), come("grey owl", word="")
    assert (ada.name, ada.is_teacher, ada.is_in) == ("Ada", False, True)
    assert teacher.is_teacher
    assert teacher.key != ada.key


@pytest.mark.parametrize("code", ["", "Blue heron", "blue heron x", "blue", "ü", "\ud800"])
def test_no_other_code_does(code) -> None:
    with pytest.raises(MadeError, match="not that of the class"):
        come(code)


def test_an_empty_code_of_the_settings_lets_nobody_in() -> None:
    with pytest.raises(MadeError, match="not that of the class"):
        join(House(mode="class", teachers=("t@x.org",)), "", "Ada", "sesame", attempts=Attempts())


def test_a_name_is_one_persons_by_the_word_that_they_chose(tmp_path) -> None:
    ada = come()
    assert come(name="  ada ") == ada.__class__(ada.key, "ada")
    for word in ("sesam", "sesame "):
        with pytest.raises(MadeError, match="has this name already"):
            come(word=word)
    kept = tmp_path / door.FILE
    assert "sesame" not in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    door.forget("Ada")
    assert come(word="another").key == ada.key


@pytest.mark.parametrize(
    ("name", "word", "said"),
    [
        ("", "sesame", "your name"),
        ("x" * 41, "sesame", "your name"),
        ("a\x00b", "sesame", "your name"),
        ("\ufdfa" * 40, "sesame", "your name"),  # a letter whose key has eighteen
        ("Ada", "abc", "word of your own"),
    ],
)
def test_what_is_missing_is_said(name, word, said) -> None:
    with pytest.raises(MadeError, match=said):
        come(name=name, word=word)


def test_wrong_codes_are_slowed_down_and_the_right_one_with_them(monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(door.time, "monotonic", lambda: now[0])
    attempts = Attempts()
    for _ in range(door.WRONG_ALLOWED):
        with pytest.raises(MadeError, match="not that"):
            come("wrong", attempts=attempts, address="10.0.0.7")
    with pytest.raises(MadeError, match="wait 60 seconds"):
        come(attempts=attempts, address="10.0.0.7")
    assert come(attempts=attempts, address="10.0.0.8").is_in  # others come in
    now[0] += door.WRONG_SECONDS + 1
    assert come(attempts=attempts, address="10.0.0.7").is_in


def test_guesses_of_a_word_are_slowed_down_wherever_they_come_from() -> None:
    come()
    attempts = Attempts()
    for number in range(door.NAME_ALLOWED):
        with pytest.raises(MadeError, match="already"):
            come(word=f"guess {number}", attempts=attempts, address=str(number))
    with pytest.raises(MadeError, match="too often"):
        come(attempts=attempts, address="new")


def test_one_browser_of_a_school_locks_neither_the_others_out_nor_a_name() -> None:
    come()
    attempts = Attempts()
    eve, ada = {"visitor": "eve", "address": "school"}, {"visitor": "ada", "address": "school"}
    for _ in range(door.WRONG_ALLOWED):
        with pytest.raises(MadeError, match="already"):
            come(word="guess", attempts=attempts, **eve)
    with pytest.raises(MadeError, match="too often"):
        come(attempts=attempts, **eve)
    assert come(attempts=attempts, **ada).is_in
    for number in range(door.ADDRESS_ALLOWED):
        with pytest.raises(MadeError):
            come("wrong", attempts=attempts, address="school", visitor=f"another {number}")
    with pytest.raises(MadeError, match="too often"):
        come("grey owl", attempts=attempts, **ada)


def test_members_of_any_name_are_read_again(tmp_path) -> None:
    longest = "\U0001f468" * MAX_NAME_LENGTH
    come(name=longest)
    one = len((tmp_path / door.FILE).read_bytes())
    assert one * door.MAX_MEMBERS < door.LIMIT


def test_people_who_log_in_are_known_by_their_address() -> None:
    house = House(mode="class", teachers=("T@School.org",), members=("@school.org", "guest@x.de"))
    assert by_address(house, "t@school.org", "Ms T").is_teacher
    assert not by_address(house, "ada@school.org", "Ada").is_teacher
    assert by_address(house, "guest@x.de", "").name == "guest@x.de"
    for address in ("ada@evil-school.org.x", "", "x@x.de"):
        with pytest.raises(MadeError, match="not of this class"):
            by_address(house, address, "Ada")


def test_an_unreadable_list_of_members_is_said_and_not_overwritten(tmp_path) -> None:
    (tmp_path / door.FILE).write_text("{")
    with pytest.raises(MadeError, match="cannot be read"):
        come()
    assert (tmp_path / door.FILE).read_text() == "{"

"""Mine, class and exhibit on the pages, without a browser: the door, and whose runs are whose."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from compared_runs import make_run
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button
from train_page import ROUTER, checked, open_page, press, sentences, train_button

from made import runs
from made.people import acting, acts, door, house
from made.people.persons import STRANGER, Owner, Person, write_owner
from made.runs import bin
from made.runs.folder import Run
from made.runs.notes import Notes
from made.setups.config import ExperimentConfig
from pages.shared import entrance, person
from pages.shared.plain_text import plain
from pages.train import live, manage, stepping

pytestmark = pytest.mark.usefixtures("no_worker", "fresh")

ADA, BEN = Person("name:ada", "Ada"), Person("name:ben", "Ben")
TEACHER = Person("teacher:t", "Ms T", is_teacher=True)
JOIN, TEACH = "blue heron", "grey owl"


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is in yet, and nobody has typed a wrong code."""
    monkeypatch.setattr(person, "_persons", person.Kept())
    monkeypatch.setattr(person, "_cookies", person.Kept())
    monkeypatch.setattr(door, "ATTEMPTS", door.Attempts())
    monkeypatch.setattr(acting, "_who", person.who)


@pytest.fixture
def in_class(no_worker: None) -> None:
    house.write(mode="class", join_code=JOIN, teacher_code=TEACH)


@pytest.fixture
def as_person(monkeypatch: pytest.MonkeyPatch):
    """Whoever opens a page from now on is this person."""
    return lambda someone: monkeypatch.setattr(acting, "_who", lambda: someone)


def join(page: AppTest, code: str = JOIN, name: str = "Ada", word: str = "sesame") -> AppTest:
    for key, value in (("code", code), ("name", name), ("word", word)):
        page.text_input(key=f"entrance_{key}").set_value(value)
    return press(page, "Join")


def forged(page: AppTest, button: Button) -> AppTest:
    """The page after a message that its browser would not send: a press of what is off."""
    assert button.disabled
    button.proto.disabled = False
    return checked(button.click().run())


def open_other(name: str) -> AppTest:
    page = AppTest.from_file(str(ROUTER.parent / name / "page.py"), default_timeout=60)
    return checked(page.run())


def adas_run(state: str = "stopped") -> Run:
    run = make_run("Ada's run", state)
    write_owner(run.path, Owner(ADA.key, ADA.name))
    return run


def test_mine_has_no_door() -> None:
    page = open_page()
    assert not train_button(page).disabled
    assert not [button for button in page.button if button.label == "Join"]


@pytest.mark.usefixtures("in_class")
def test_a_class_is_joined_by_its_code_and_a_name() -> None:
    page = open_page()
    assert not [button for button in page.button if button.key == "train"]
    join(page, code="wrong one")
    assert "not that of the class" in sentences(page)
    join(page)
    press(page, "Train")
    (run,) = runs.list_runs()
    assert run.owner == Owner("name:ada", "Ada")


@pytest.mark.usefixtures("in_class")
def test_who_leaves_is_out() -> None:
    page = join(open_page())
    press(open_other("classroom"), "Leave")
    checked(page.run())
    assert [button.label for button in page.button if button.label == "Join"]


def test_the_run_of_another_is_looked_at_and_copied_and_nothing_else(in_class, as_person) -> None:
    run = adas_run("paused")
    before = run.path.joinpath("status.json").read_bytes()
    as_person(BEN)
    page = open_page(run=run.id)
    for key in ("resume", "stop", "step", "epoch", "reset"):
        button = page.button(key=f"{key}-{run.id}")
        assert button.disabled, key
        assert "Only Ada and the teacher" in button.help
        forged(page, button)
        assert run.path.joinpath("status.json").read_bytes() == before
    page = open_page(run=run.id, dataset="digits8")
    checked(page.button(key="use-set-up").click().run())
    assert page.session_state["valid_setup"] == run.config
    as_person(ADA)
    assert not open_page(run=run.id).button(key=f"resume-{run.id}").disabled


def test_a_button_that_should_have_been_off_is_refused_in_a_sentence(
    in_class, as_person, monkeypatch
) -> None:
    for module in (live, stepping, manage):
        monkeypatch.setattr(module, "why_not", lambda act, thing=None: None)
    run = adas_run("paused")
    before = run.path.joinpath("status.json").read_bytes()
    as_person(BEN)
    for key in ("resume", "stop", "step", "epoch", "reset"):
        page = open_page(run=run.id)
        checked(page.button(key=f"{key}-{run.id}").click().run())
        assert "Only Ada and the teacher" in sentences(page), key
        assert run.path.joinpath("status.json").read_bytes() == before
        assert runs.list_runs() == [run]
    page = open_page(run=run.id)
    page.text_input(key=f"name-{run.id}").set_value("mine")
    for label in ("Rename", "Yes, delete it"):
        press(page, label)
        assert "Only Ada and the teacher" in sentences(page)
    assert Run.open(run.id).label == "Ada's run"


def test_train_says_the_limit_that_it_would_break(in_class, as_person) -> None:
    house.write(limits={"runs": 1})
    as_person(ADA)
    run = adas_run("training")
    with run.lock():
        page = open_page()
        assert train_button(page).disabled
        assert "one may have here at once" in sentences(page)
        forged(page, train_button(page))
        assert runs.list_runs() == [run]


def test_an_exhibit_refuses_to_train_in_a_sentence_and_the_other_pages_work(as_person) -> None:
    house.write(mode="exhibit")
    page = open_page()
    assert train_button(page).disabled
    assert plain(acts.EXHIBIT) in sentences(page)
    assert not page.error
    assert "press Train" not in page.markdown[0].value
    forged(page, train_button(page))
    assert runs.list_runs() == []
    run = make_run("pinned")
    runs.annotate(run, Notes(tags=("pinned",)))
    as_person(STRANGER)
    assert runs.list_runs() == [run]
    for name in ("explore", "compare", "learn", "data"):
        open_other(name)


def test_a_deleted_run_comes_back_from_below_the_table() -> None:
    run = adas_run("finished")
    make_run("other")
    runs.delete(run)
    page = open_other("compare")
    checked(page.button(key=f"restore_{run.id}").click().run())
    assert Run.open(run.id).label == "Ada's run"
    assert bin.deleted_runs() == []


def test_settings_that_cannot_be_read_open_nothing(tmp_path) -> None:
    (tmp_path / "made.toml").write_text('mode = "school"')
    page = open_page()
    assert not page.button
    assert "settings of this dashboard" in sentences(page)


def test_the_teacher_pauses_all(in_class, as_person) -> None:
    run = adas_run("training")
    with run.lock():
        as_person(TEACHER)
        press(open_other("classroom"), "Pause all")
        assert (run.path / "request").read_text() == "pause"


def test_a_set_up_of_the_class_is_the_one_that_is_typed(in_class, as_person) -> None:
    as_person(ADA)
    page = open_page(hidden_sizes="4000,4000")
    assert "parameters" in sentences(page)
    assert isinstance(page.session_state["valid_setup"], ExperimentConfig)
    assert train_button(page).disabled


def test_who_logs_in_by_openid_connect_is_known_by_the_address(monkeypatch, tmp_path) -> None:
    (tmp_path / "made.toml").write_text(
        'mode = "class"\nteachers = ["t@school.org"]\nmembers = ["@school.org"]\n'
    )
    claims: dict[str, object] = {"is_logged_in": False}
    user = SimpleNamespace(to_dict=lambda: claims, get=claims.get)
    monkeypatch.setattr(person.st, "user", user)
    monkeypatch.setattr(person, "uses_login", lambda: True)
    page = open_page()
    assert [button.label for button in page.button] == ["Log in"]
    assert not page.text_input
    with monkeypatch.context() as bare:
        bare.setattr(entrance, "CAN_LOG_IN", False)
        page = open_page()
        assert page.button[0].disabled
        assert "Authlib is not installed" in page.error[0].value
    claims |= {"is_logged_in": True, "email": "x@elsewhere.org", "name": "X"}
    assert "not of this class" in open_page().info[0].value
    claims |= {"email": "ada@school.org", "name": "Ada L", "email_verified": False}
    assert "not of this class" in open_page().info[0].value
    claims |= {"email_verified": True}
    press(open_page(), "Train")
    (run,) = runs.list_runs()
    assert run.owner == Owner("mail:ada@school.org", "Ada L")


def test_a_forgotten_word_is_chosen_anew(in_class, as_person) -> None:
    door.join(house.house(), JOIN, "Ada", "sesame")
    as_person(BEN)
    assert not [button for button in open_other("classroom").button if "another" in button.label]
    as_person(TEACHER)
    page = open_other("classroom")
    page.text_input(key="forgetful_name").set_value("Ada")
    press(checked(page.run()), "Let them choose another")
    assert door.join(house.house(), JOIN, "Ada", "another").key == ADA.key


def test_the_table_of_runs_says_whose_they_are(in_class, as_person) -> None:
    adas_run()
    as_person(BEN)
    (table,) = [frame.value for frame in open_other("compare").dataframe if "By" in frame.value]
    assert list(table["By"]) == ["Ada"]

"""Who may do what: the whole table, and that every act of the library looks it up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import pytest

from made import datasets, runs
from made.base.errors import MadeError
from made.datasets.uploads import bin as uploads_bin
from made.datasets.uploads.store import keep_joint
from made.people import acting, acts, house
from made.people.acts import HANDLING, STARTING, TEACHING, may
from made.people.persons import STRANGER, Owner, Person
from made.runs import archive, bin, changing, held, jobs, store
from made.runs.ending import end_process
from made.runs.folder import Run
from made.runs.notes import Notes
from made.runs.quarantine import quarantine
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.studies import control
from made.studies.conductor import Conductor
from made.studies.folder import StoredStudy
from made.studies.study import Study
from made.views import data_views, upload_views

ADA, BEN = Person("name:ada", "Ada"), Person("name:ben", "Ben")
TEACHER = Person("teacher:t", "Ms T", is_teacher=True)
ADAS = Owner("name:ada", "Ada")
SMALL = ExperimentConfig.from_flat({"dataset": "digits8", "hidden_sizes": (8,), "epochs": 1})
pytestmark = pytest.mark.usefixtures("no_worker")

# By mode and person: what begins, what is done with Ada's, with nobody's, and what is for all.
TABLE = {
    ("mine", STRANGER): "yes yes yes yes",
    ("mine", ADA): "yes yes yes yes",
    ("class", STRANGER): "no no no no",
    ("class", ADA): "yes yes no no",
    ("class", BEN): "yes no no no",
    ("class", TEACHER): "yes yes yes yes",
    ("exhibit", STRANGER): "no no no no",
    ("exhibit", TEACHER): "no no no no",
}


@pytest.mark.parametrize(("mode", "person"), TABLE)
def test_the_table(mode, person) -> None:
    groups = [(STARTING, None), (HANDLING, ADAS), (HANDLING, None), (TEACHING, None)]
    for wanted, (group, owner) in zip(TABLE[mode, person].split(), groups, strict=True):
        for act in group:
            reason = may(mode, person, act, owner)
            assert (reason is None) == (wanted == "yes"), (act, reason)
            assert reason is None or reason.endswith(".")


def test_a_refusal_says_whose_it_is_and_what_can_be_done_instead() -> None:
    said = may("class", BEN, "stop", ADAS)
    assert said == "Only Ada and the teacher can stop this; look at it, and copy its set-up."
    assert may("class", BEN, "delete", None).startswith("Only the teacher can delete")


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Callable[[Person | None], None]:
    """Says who is before the dashboard of a class."""
    house.write(mode="class", join_code="blue heron", teacher_code="grey owl")
    monkeypatch.setattr(acting, "_who", lambda: None)
    return lambda person: acting.ask(lambda: person)


def left(run: Run) -> bytes:
    return b"".join(
        str(path.relative_to(run.path)).encode() + path.read_bytes()
        for path in sorted(run.path.rglob("*"))
        if path.is_file()
    )


ACTS: dict[str, Callable[[Run], object]] = {
    "stop": jobs.stop,
    "pause": jobs.pause,
    "resume": jobs.resume,
    "go on": lambda run: changing.go_on(run, 99),
    "hold": lambda run: held.ask(run, "hold"),
    "resume held": held.resume,
    "change": lambda run: changing.change(run, {"epochs": 3}),
    "rename": lambda run: runs.rename(run, "mine now"),
    "note": lambda run: runs.annotate(run, Notes(words="mine now")),
    "delete": runs.delete,
    "quarantine": quarantine,
    "end its process": end_process,
}


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("state", ["training", "paused"])
def test_nobody_touches_the_run_of_another(before, name, state) -> None:
    before(ADA)
    run = jobs.create(SMALL, "Ada's")
    assert run.owner == ADAS
    RunWriter(run).update(state=state)
    untouched = left(run)
    for person in (BEN, STRANGER):
        before(person)
        held_by_worker = run.lock() if state == "training" else nullcontext()
        with held_by_worker, pytest.raises(MadeError) as refused:
            ACTS[name](run)
        assert str(refused.value).startswith(("Only Ada", "Join the class"))
        assert left(run) == untouched


def test_the_owner_and_the_teacher_do_as_they_like(before) -> None:
    for person in (ADA, TEACHER):
        before(ADA)
        run = jobs.create(SMALL, "Ada's")
        RunWriter(run).update(state="paused")
        before(person)
        runs.rename(run, "renamed")
        jobs.stop(run)
        assert (run.label, run.recorded.state) == ("renamed", "stopped")
        runs.delete(run)
        assert bin.restore(run.id) == run


def test_the_bin_shows_each_their_own(before) -> None:
    before(ADA)
    run = jobs.create(SMALL, "Ada's")
    RunWriter(run).update(state="stopped")
    runs.delete(run)
    before(BEN)
    assert bin.deleted_runs() == []
    with pytest.raises(MadeError, match="Only Ada"):
        bin.restore(run.id)
    assert bin.empty() == 0
    before(TEACHER)
    assert [one.run.id for one in bin.deleted_runs()] == [run.id]


def test_what_was_there_before_the_class_is_the_teachers(before) -> None:
    run = store.create(SMALL, "old")
    RunWriter(run).update(state="stopped")
    before(ADA)
    with pytest.raises(MadeError, match="Only the teacher"):
        runs.delete(run)
    before(TEACHER)
    runs.delete(run)


def test_an_exhibit_refuses_everything_and_shows_what_ships_or_is_pinned(before) -> None:
    plain, pinned = (store.create(SMALL, name) for name in ("plain", "pinned"))
    runs.annotate(pinned, Notes(tags=(store.PINNED,)))
    house.write(mode="exhibit")
    assert runs.list_runs() == [pinned, plain]
    before(STRANGER)
    assert runs.list_runs() == [pinned]
    for act in (lambda: jobs.start(SMALL), lambda: runs.rename(pinned, "x")):
        with pytest.raises(MadeError, match="exhibit"):
            act()
    assert acting.refusal("upload") == acts.EXHIBIT


def test_a_person_has_so_many_runs_at_once_and_no_larger_ones(before) -> None:
    house.write(limits={"runs": 2, "parameters": 100_000, "minutes": 1})
    before(ADA)
    made = [jobs.start(SMALL) for _ in range(2)]
    with pytest.raises(MadeError, match="2 runs that wait or train"):
        jobs.start(SMALL)
    RunWriter(made[0]).update(state="paused")
    third = jobs.start(SMALL)
    with pytest.raises(MadeError, match="wait or train"):
        jobs.resume(made[0])
    RunWriter(third).update(state="stopped")
    with pytest.raises(MadeError, match="parameters"):
        jobs.start(SMALL.replace(hidden_sizes=(2000, 2000)))
    with pytest.raises(MadeError, match="fewer epochs"):
        jobs.start(SMALL.replace(epochs=100_000))
    with pytest.raises(MadeError, match="fewer epochs"):
        changing.change(made[1], {"epochs": 100_000})
    before(BEN)
    jobs.start(SMALL)
    before(TEACHER)
    for _ in range(3):
        jobs.start(SMALL)


class Nothing:
    def launch(self, stored: StoredStudy) -> None:
        pass


def test_a_study_and_what_it_starts_belong_to_who_made_it(before) -> None:
    house.write(limits={"study_runs": 4})
    study = Study.make(None, SMALL, {"encoding": ["raw", "one-hot"]}, range(2), "both")
    before(BEN)
    left_by_ben = jobs.create(next(iter(study.cells()[0].configs.values())), "Ben's")
    RunWriter(left_by_ben).update(state="paused")
    before(ADA)
    stored = control.same_or_new(study)
    control.start(stored, launcher=Nothing())
    assert stored.owner == ADAS
    assert left_by_ben.id not in stored.run_ids  # what Ben has paused stays paused
    before(BEN)
    for act in (control.pause, control.stop, control.delete):
        with pytest.raises(MadeError, match="Only Ada"):
            act(stored)
    own = control.same_or_new(study)
    assert own.id != stored.id
    assert own.owner.name == "Ben"
    larger = Study.make(None, SMALL, {"encoding": ["raw", "one-hot"]}, range(3), "both")
    with pytest.raises(MadeError, match="6 new runs"):
        control.start(control.same_or_new(larger), launcher=Nothing())


def test_the_teacher_pauses_all(before) -> None:
    before(ADA)
    run = jobs.create(SMALL)
    with run.lock():
        RunWriter(run).update(state="training")
        with pytest.raises(MadeError, match="only the teacher"):
            control.pause_all()
        before(TEACHER)
        control.pause_all()
        assert jobs.requested(run) == "pause"


class Launched:
    """A launcher that only notes what it is given."""

    def launch(self, run: Run) -> int | None:
        return None


def test_the_process_that_conducts_a_study_makes_runs_of_its_owner(before) -> None:
    before(ADA)
    stored = control.create(Study.make(None, SMALL, {"encoding": ["raw", "one-hot"]}, [0], "both"))
    before(None)
    Conductor(stored, Launched()).step()
    assert [run.owner for run in runs.list_runs()] == [ADAS] * len(runs.list_runs())
    assert runs.list_runs()


def test_data_are_kept_counted_and_deleted_by_their_owner(before) -> None:
    house.write(limits={"uploads": 1})

    def kept(values: int) -> str:
        joint = np.full((values, values), 1 / values**2)
        return upload_views.kept(
            lambda label: keep_joint(joint, label=label, description="flat"), "flat"
        )[0]

    before(ADA)
    name = kept(4)
    with pytest.raises(MadeError, match="no more than 1"):
        kept(5)
    before(BEN)
    assert kept(4) == name  # the same data are Ada's still, under her label
    with pytest.raises(MadeError, match="Only Ada"):
        datasets.delete_upload(name)
    assert upload_views.deletion(name)[1] is False
    of_ben = kept(5)
    before(TEACHER)
    datasets.delete_upload(name)
    before(BEN)
    assert uploads_bin.deleted_uploads() == []
    with pytest.raises(MadeError, match="Only Ada"):
        uploads_bin.restore(name)
    assert uploads_bin.empty() == 0
    before(ADA)
    assert [one.label for one in uploads_bin.deleted_uploads()] == ["flat"]
    uploads_bin.restore(name)
    assert datasets.upload_names() == [name, of_ben]
    house.write(mode="exhibit")
    before(STRANGER)
    with pytest.raises(MadeError, match="exhibit"):
        kept(6)


def test_an_exhibit_lists_the_data_of_its_runs_alone(before) -> None:
    before(ADA)
    shown, other = (
        keep_joint(np.full((size, size), 1 / size**2), label="flat", description="flat")
        for size in (4, 5)
    )
    for name, tags in ((shown, (store.PINNED,)), (other, ())):
        run = runs.create(ExperimentConfig.from_flat({"dataset": name}))
        runs.annotate(run, Notes(tags=tags))
    assert data_views.names()[-2:] == [shown, other]
    house.write(mode="exhibit")
    before(STRANGER)
    assert data_views.members(data_views.OWN) == [shown]
    assert data_views.names()[-1] == shown
    assert other not in data_views.names()


def test_import_is_the_teachers(before, tmp_path) -> None:
    before(BEN)
    opened = archive.new_run("20260101-000000-abcdef")
    with pytest.raises(MadeError, match="only the teacher can import"), opened:
        pass

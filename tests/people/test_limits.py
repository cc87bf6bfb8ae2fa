"""No way round what a person in a class may have: bins, studies, changes, uploads at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import numpy as np
import pytest
from upload_files import npy

from made import datasets, runs
from made.base.errors import MadeError
from made.datasets.uploads import bin as uploads_bin
from made.datasets.uploads import store
from made.people import acting, house
from made.people.persons import Owner, Person, write_owner
from made.runs import allowance, bin, changing, jobs
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.studies import control, folder
from made.studies.study import Study
from made.views import upload_views

ADA, BEN = Person("name:ada", "Ada"), Person("name:ben", "Ben")
TEACHER = Person("teacher:t", "Ms T", is_teacher=True)
SMALL = ExperimentConfig.from_flat({"dataset": "digits8", "hidden_sizes": (8,), "epochs": 1})
pytestmark = pytest.mark.usefixtures("no_worker")


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Callable[[Person | None], None]:
    """Says who is before the dashboard of a class."""
    house.write(mode="class", join_code="blue heron", teacher_code="grey owl")
    monkeypatch.setattr(acting, "_who", lambda: None)
    return lambda person: acting.ask(lambda: person)


def at_rest() -> runs.Run:
    run = jobs.create(SMALL)
    RunWriter(run).update(state="paused")
    return run


def kept(size: int) -> str:
    content = npy(np.eye(size))
    return upload_views.kept(
        lambda label: store.save_upload("t.npy", content, kind="joint", label=label), "Mine"
    )[0]


def test_whose_name_cannot_be_read_again_keeps_nothing(tmp_path) -> None:
    with pytest.raises(MadeError, match="join by another"):
        write_owner(tmp_path, Owner("k" * 401, "Ada"))
    assert not list(tmp_path.iterdir())


def test_runs_come_back_from_the_bin_as_far_as_there_is_room(before) -> None:
    house.write(limits={"kept_runs": 2})
    before(ADA)
    gone = [at_rest(), at_rest()]
    for run in gone:
        runs.delete(run)
    mine = [at_rest(), at_rest()]
    with pytest.raises(MadeError, match="as many as one may keep"):
        bin.restore(gone[0].id)
    runs.delete(mine[0])
    bin.restore(mine[0].id)
    assert len(allowance.own_runs()) == 2


def test_the_bin_keeps_as_many_runs_of_one_person_as_they_may_keep(before) -> None:
    house.write(limits={"kept_runs": 2})
    before(BEN)
    of_ben = at_rest()
    runs.delete(of_ben)
    before(ADA)
    ids = []
    for _ in range(4):
        ids.append(at_rest().id)
        runs.delete(runs.Run.open(ids[-1]))
    assert [one.run.id for one in bin.deleted_runs()] == ids[:1:-1]
    before(BEN)
    assert [one.run.id for one in bin.deleted_runs()] == [of_ben.id]


def test_data_come_back_from_the_bin_as_far_as_there_is_room(before) -> None:
    house.write(limits={"uploads": 1})
    before(ADA)
    name = kept(4)
    datasets.delete_upload(name)
    kept(5)
    with pytest.raises(MadeError, match="no more than 1"):
        uploads_bin.restore(name)


def test_the_bin_of_data_is_emptied_at_the_cost_of_who_fills_it(before, monkeypatch) -> None:
    before(BEN)
    of_ben = kept(4)
    datasets.delete_upload(of_ben)
    before(ADA)
    mine = [kept(size) for size in (5, 6, 7)]
    size = max(path.stat().st_size for path in datasets.uploads_folder().glob("*.json"))
    monkeypatch.setattr(uploads_bin.quota, "most_bytes", lambda: 3 * 2 * size)
    for name in mine:
        datasets.delete_upload(name)
    before(TEACHER)
    left = [one.name for one in uploads_bin.deleted_uploads()]
    assert of_ben in left
    assert mine[-1] in left
    assert mine[0] not in left


def test_two_uploads_at_once_do_not_both_find_the_last_place_free(before) -> None:
    house.write(limits={"uploads": 1})
    before(ADA)
    ready, said = Barrier(4), []

    def bring(size: int) -> None:
        ready.wait()
        try:
            said.append(kept(size))
        except MadeError as error:
            said.append(str(error))

    threads = [Thread(target=bring, args=(size,)) for size in range(4, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("no more than 1" in one for one in said) == 3


def test_what_all_uploads_may_take_counts_those_of_all(before, monkeypatch) -> None:
    before(ADA)
    kept(4)
    before(BEN)
    monkeypatch.setenv("MADE_MAX_UPLOADS_MB", "0")
    with pytest.raises(MadeError, match="were uploaded or drawn here take"):
        kept(5)


def test_who_brings_the_teachers_data_again_does_not_own_them(before) -> None:
    before(None)
    name = store.save_upload("t.npy", npy(np.eye(4)), kind="joint", label="Of the teacher")
    before(ADA)
    assert kept(4) == name
    assert store.Belonging(name).owner is None
    with pytest.raises(MadeError, match="Only the teacher"):
        datasets.delete_upload(name)


def test_a_study_counts_as_the_runs_that_it_brings(before) -> None:
    house.write(limits={"kept_runs": 3})
    before(ADA)
    at_rest()
    study = Study.make(None, SMALL, {"encoding": ["raw", "one-hot", "bits"]}, [5], "both")
    said = "You have 1 run and this study brings 3 more"
    assert said in (control.refusal(study) or "")
    with pytest.raises(MadeError, match=said):
        control.create(study)
    assert not [stored for stored in folder.list_studies() if not stored.is_shipped]


def test_changes_of_a_waiting_run_add_up(before) -> None:
    house.write(limits={"minutes": 1})
    before(ADA)
    run = jobs.start(SMALL)
    most = max(
        epochs
        for epochs in (10, 20, 40, 80, 160, 320, 640, 1280)
        if allowance.too_large(SMALL.replace(epochs=epochs)) is None
    )
    changing.change(run, {"epochs": most})
    with pytest.raises(MadeError, match="fewer epochs"):
        changing.change(run, {"batch_size": 1})
    assert changing.wanted(run) == {"epochs": most}


def test_a_run_that_cannot_be_asked_keeps_no_other_from_being_paused(before) -> None:
    before(ADA)
    older, newer = jobs.create(SMALL), jobs.create(SMALL)
    (newer.path / "request").mkdir()
    before(TEACHER)
    with older.lock(), newer.lock():
        for run in (older, newer):
            RunWriter(run).update(state="training")
        with pytest.raises(MadeError, match="cannot be written"):
            control.pause_all()
        assert jobs.requested(older) == "pause"


def test_a_run_that_was_told_to_stop_makes_room_for_the_next(before) -> None:
    house.write(limits={"runs": 1})
    before(ADA)
    run = jobs.start(SMALL)
    with run.lock():
        RunWriter(run).update(state="training", pid=1)
        with pytest.raises(MadeError, match="wait or train"):
            jobs.start(SMALL)
        jobs.stop(run)
        assert jobs.start(SMALL).owner is not None

"""A study trains what it lacks, whatever happens meanwhile: pause, stop, kill, delete."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from compared_runs import make_run
from fake_training import NUM_CORES
from worker_process import BIG, FAKE, Held, hold, settings, wait_for, wait_for_end

from made import runs
from made.base.errors import MadeError
from made.base.places import PROJECT
from made.runs import jobs, worker
from made.runs.store import new_id
from made.runs.writer import RunWriter
from made.studies import conductor, control
from made.studies import folder as studies
from made.studies.conductor import conduct
from made.studies.progress import progress
from made.studies.study import Study

pytestmark = pytest.mark.usefixtures("folder", "in_process")


class Here:
    """Executes a run in this process, before the launch is over."""

    def launch(self, run):
        worker.execute(run)


HERE = Here()


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conductor, "POLL_SECONDS", 0.02)


def make_study(*encodings: str, seeds=(0,), **values) -> Study:
    return Study.make("encodings", settings(**values), {"encoding": encodings}, seeds)


def wait_for_conductor(stored) -> None:
    wait_for(lambda: not stored.is_alive, "the end of the conductor")


def test_a_study_trains_what_it_lacks_and_takes_what_is_there() -> None:
    taken = jobs.start(settings(encoding="raw"), launcher=HERE)
    stored = control.create(make_study("raw", "bits", "one-hot"))
    assert stored.record.taken == (taken.id,)
    assert progress(stored).state == "new"
    assert conduct(stored, launcher=HERE) == "ended"
    labels = [run.label for run in stored.runs()]
    assert labels == [taken.label, "digits8 · bits", "digits8 · one-hot"]
    assert {run.state for run in stored.runs()} == {"finished"}
    assert len(runs.list_runs()) == 3
    assert progress(stored).state == "finished"
    conduct(stored, launcher=HERE)
    assert len(runs.list_runs()) == 3


def test_few_runs_are_in_line_at_a_time() -> None:
    stored = control.create(make_study("raw", "bits", "one-hot", seeds=(0, 4)))
    most = 0

    def look() -> None:
        nonlocal most
        most = max(most, progress(stored).living)

    assert conduct(stored, launcher=FAKE, on_look=look) == "ended"
    assert 1 <= most <= conductor.places_in_line(settings()) < 6
    assert progress(stored).finished == 6


def test_a_study_trains_as_many_small_runs_at_once_as_there_are_slots() -> None:
    stored = control.create(make_study("raw", "bits", "one-hot", seeds=(0, 4)))
    together = []

    def look() -> None:
        """Let the first two go on when both train, and all others from then on."""
        states = [run.state for run in stored.runs()]
        if states.count("training") == NUM_CORES and "queued" in states:
            together.append(sorted(states))
        for run in stored.runs() if together else ():
            hold(run, 0)

    assert conduct(stored, launcher=Held(15), on_look=look) == "ended"
    assert together[0] == ["queued", "training", "training"]
    assert progress(stored).finished == 6


def test_of_large_runs_one_is_in_line_behind_the_one_that_trains() -> None:
    assert conductor.places_in_line(settings(**BIG)) == 2
    assert conductor.places_in_line(settings()) == NUM_CORES + 1


def test_what_a_study_starts_is_recorded_before_it_is_launched() -> None:
    stored = control.create(make_study("raw", "bits"))
    seen = []

    class Looking:
        def launch(self, run):
            seen.append((run.id, stored.record.started))
            raise OSError("no room")

    with pytest.raises(MadeError, match="no room"):
        conduct(stored, launcher=Looking())
    ((id, started),) = seen
    assert started == (id,)
    assert progress(stored).state == "failed"
    assert "no room" in progress(stored).message
    assert conduct(stored, launcher=HERE) == "ended"
    assert [run.state for run in stored.runs()] == ["finished", "finished"]
    assert stored.run_ids[0] == id


def test_a_start_that_was_killed_half_way_goes_on_when_started_again() -> None:
    """Killed once after a run was noted, and once after its folder was made."""
    stored = control.create(make_study("raw", "bits"))
    lost = runs.create(settings(encoding="raw"), "made, but never launched")
    stored.write(taken=(), started=[new_id(), lost.id])
    assert lost.state == "starting"
    RunWriter(lost).update(launched=0.0)
    assert lost.state == "interrupted"
    assert conduct(stored, launcher=HERE) == "ended"
    assert progress(stored).state == "finished"
    assert sorted(stored.record.started) == sorted(run.id for run in runs.list_runs())
    assert len(runs.list_runs()) == 2


@pytest.mark.parametrize(("word", "ask"), [("paused", control.pause), ("stopped", control.stop)])
def test_a_study_is_paused_or_stopped_with_its_runs_and_goes_on_later(word, ask) -> None:
    stored = control.create(make_study("raw", "bits", "one-hot", seeds=(0, 4)))
    asked = []

    def look() -> None:
        living = [run for run in stored.runs() if run.state == "training"]
        if living and not asked:
            asked.append(ask(stored))

    assert conduct(stored, launcher=Held(15), on_look=look) == word
    for run in stored.runs():
        assert wait_for_end(run) == word
        hold(run, 0)
    assert progress(stored).state == word
    assert len(stored.runs()) < 6
    stored.withdraw()
    assert conduct(stored, launcher=FAKE) == "ended"
    assert progress(stored).state == "finished"
    assert len(runs.list_runs()) == 6


def test_runs_that_others_train_are_not_paused_with_the_study() -> None:
    other = jobs.start(settings(encoding="raw"), launcher=Held(15))
    wait_for(lambda: other.state == "training", "training")
    stored = control.create(make_study("raw", "bits"))
    control.pause(stored)
    assert jobs.requested(other) is None
    hold(other, 0)
    assert wait_for_end(other) == "finished"


def test_a_run_that_fails_is_tried_once_and_the_others_go_on() -> None:
    stored = control.create(make_study("raw", "bits", seeds=(0, 2)))
    assert conduct(stored, launcher=HERE) == "ended"
    found = progress(stored)
    assert (found.state, found.finished, found.failed) == ("incomplete", 2, 2)
    assert "2 failed" in found.said()


def test_a_study_outlives_the_kill_of_the_process_that_conducts_it() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from worker_process import Held\n"
        "from made.studies import conductor\n"
        "from made.studies.folder import StoredStudy\n"
        "conductor.POLL_SECONDS = 0.02\n"
        "conductor.conduct(StoredStudy.open(sys.argv[1]), launcher=Held(15))\n"
    )
    stored = control.create(make_study("raw", "bits", "one-hot"))
    process = subprocess.Popen([sys.executable, "-c", code, stored.id], cwd=PROJECT)
    wait_for(lambda: any(run.state == "training" for run in stored.runs()), "training")
    assert progress(stored).state == "training"
    with pytest.raises(MadeError, match="stop it first"):
        control.delete(stored)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for_conductor(stored)
    assert progress(stored).state == "interrupted"
    begun = stored.runs()
    for run in begun:
        hold(run, 0)
    assert conduct(stored, launcher=HERE) == "ended"
    assert {run.id for run in begun} <= set(stored.run_ids)
    assert len(runs.list_runs()) == 3
    assert progress(stored).state == "finished"


def test_two_processes_do_not_conduct_one_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conductor, "LOCK_SECONDS", 0.1)
    stored = control.create(make_study("raw", "bits"))
    with stored.lock(), pytest.raises(MadeError, match="another process"):
        conduct(stored, launcher=HERE)
    assert runs.list_runs() == []


class Launched:
    """Counts how often a conductor would have been started."""

    def __init__(self) -> None:
        self.times = 0

    def launch(self, stored) -> None:
        self.times += 1


def test_a_double_click_starts_one_conductor() -> None:
    stored, launched = control.create(make_study("raw", "bits")), Launched()
    control.start(stored, launcher=launched)
    control.start(stored, launcher=launched)
    assert launched.times == 1
    assert progress(stored).state == "starting"


def test_a_started_study_is_conducted_by_a_process_of_its_own() -> None:
    stored = control.create(make_study("raw", "bits"))
    for cell in stored.study.cells():
        for config in cell.configs.values():
            jobs.start(config, launcher=HERE)
    control.start(stored)
    wait_for(lambda: stored.status.state == "ended", "the end of the conductor")
    assert len(stored.record.taken) == 2
    assert progress(stored).state == "finished"


def test_deleting_a_study_deletes_the_runs_that_it_has_started_alone() -> None:
    taken = jobs.start(settings(encoding="raw"), launcher=HERE)
    stored = control.create(make_study("raw", "bits", "one-hot"))
    conduct(stored, launcher=HERE)
    other = control.create(make_study("bits", "fourier"))
    control.delete(stored)
    assert studies.list_studies() == [other]
    assert [run.label for run in runs.list_runs()] == ["digits8 · bits", taken.label]


def test_a_broken_study_can_be_deleted_and_its_runs_stay() -> None:
    run = make_run()
    stored = studies.create(make_study("raw", "bits"), taken=[run.id])
    (stored.path / "study.json").write_text("{}")
    control.delete(stored)
    assert studies.list_studies() == []
    assert runs.list_runs() == [run]


def test_a_study_from_which_nothing_can_be_learned_is_refused() -> None:
    with pytest.raises(MadeError, match="nothing to compare"):
        control.create(make_study("raw", "bits", model="marginals"))
    assert studies.list_studies() == []


def test_a_conductor_that_has_said_its_last_word_counts_as_ended_while_it_holds_its_lock() -> None:
    jobs.start(settings(encoding="raw"), launcher=HERE)
    jobs.start(settings(encoding="bits"), launcher=HERE)
    stored = control.create(make_study("raw", "bits"))
    conduct(stored, launcher=HERE)
    with stored.lock():
        assert progress(stored).state == "finished"

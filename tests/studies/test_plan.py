"""What a study takes of what is there, what it lacks, and the cost of that."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from compared_runs import RINGS, make_run

from made import datasets
from made.runs.folder import Run
from made.setups import estimate
from made.studies.plan import START_SECONDS, plan
from made.studies.study import Study

pytestmark = pytest.mark.usefixtures("folder", "two_cores")
STUDY = Study.make("encodings", RINGS, {"encoding": ("raw", "bits")}, (0, 1), "both")
SEED_ONE = {"seed": 1, "data_seed": 1}


def test_without_runs_everything_is_missing_and_costs_what_the_estimate_says() -> None:
    found = plan(STUDY)
    assert [(one.values, one.seed) for one in found.waiting] == [
        (("raw",), 0),
        (("bits",), 0),
        (("raw",), 1),
        (("bits",), 1),
    ]
    assert found.waiting[2].label == "rings · raw · seed 1"
    costs = [estimate.estimate(one.config, datasets.info(one.config.data)) for one in found.waiting]
    each = [START_SECONDS + cost.seconds for cost in costs]
    # Small ones, two at a time: the third begins when the first one is over.
    assert found.seconds == pytest.approx(max(each[0] + each[2], each[1] + each[3]))
    assert found.memory_bytes == 2 * max(cost.memory_bytes for cost in costs)


def test_large_runs_cost_the_time_of_one_after_another_and_the_memory_of_one() -> None:
    large = Study.make(
        "widths", RINGS.replace(hidden_sizes=(2048,) * 3), {"encoding": ("raw", "bits")}
    )
    found = plan(large)
    costs = [estimate.estimate(one.config, datasets.info(one.config.data)) for one in found.waiting]
    assert found.seconds == pytest.approx(sum(START_SECONDS + cost.seconds for cost in costs))
    assert found.memory_bytes == max(cost.memory_bytes for cost in costs)


def test_runs_that_differ_in_the_device_alone_are_taken_and_others_are_not() -> None:
    taken = make_run(encoding="raw", device="cpu", **SEED_ONE)
    make_run(encoding="raw", epochs=3)
    found = plan(STUDY)
    assert found.found == (taken,)
    assert len(found.waiting) == 3


def test_a_finished_run_is_taken_before_a_living_one_and_that_before_one_at_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    states = ("finished", "paused", "training")
    same = {state: make_run(state=state, encoding="bits") for state in states}
    monkeypatch.setattr(Run, "state", property(lambda run: run.recorded.state))
    for state in ("finished", "training", "paused"):
        listed = [run for run in same.values() if run.path.exists()]
        (one,) = (one for one in plan(STUDY, listed).wanted if one.run is not None)
        assert (one.state, one.run) == (state, same[state])
        assert one.waits == (state == "paused")
        shutil.rmtree(same[state].path)


def test_among_equals_a_run_is_taken_that_the_study_has_already() -> None:
    first, second = make_run(encoding="bits"), make_run(encoding="bits")
    assert plan(STUDY, [second, first]).found == (second,)
    assert plan(STUDY, [second, first], own={first.id}).found == (first,)


def test_a_shipped_run_is_taken_where_it_is_finished_and_never_resumed(
    nothing_shipped: Path,
) -> None:
    for name, state in (("finished", "finished"), ("stopped", "stopped")):
        encoding = "raw" if state == "finished" else "bits"
        run = make_run(state=state, id=f"shipped-{name}", encoding=encoding)
        shutil.move(run.path, nothing_shipped / run.id)
    assert [run.id for run in plan(STUDY).found] == ["shipped-finished"]


def test_what_does_not_fit_into_the_memory_is_left_out_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = make_run(encoding="raw")
    monkeypatch.setattr(estimate.devices, "free_bytes", lambda name: 1000)
    found = plan(STUDY)
    assert [one.run for one in found.wanted] == [there]
    assert all("are free" in one.reason for one in found.left_out)
    assert found.seconds == 0

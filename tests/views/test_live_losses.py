"""The curve of a run that trains: only what is new is read, and nothing old outlives its run."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made import plots, runs
from made.runs import records
from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.views import live_losses, run_views
from made.views.live_losses import COMPARED, thinned


@pytest.fixture(autouse=True)
def runs_here(tmp_path: Path, nothing_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many losses each reading of the disk has brought."""
    counts: list[int] = []
    losses = Run.losses

    def counted(run: Run, *bounds: int) -> np.ndarray:
        found = losses(run, *bounds)
        counts.append(len(found))
        return found

    monkeypatch.setattr(Run, "losses", counted)
    return counts


def some(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(10, 1, count).astype(np.float32)


def check(run: Run) -> None:
    """What is known is what the file says, to the last bit."""
    found, whole = thinned(run), plots.thin(run.losses())
    for field in dataclasses.fields(whole):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(whole, field.name))


def new_run(count: int) -> tuple[Run, RunWriter]:
    run = runs.create(ExperimentConfig())
    writer = RunWriter(run)
    writer.append_losses(some(count, 0))
    check(run)
    return run, writer


def test_a_refresh_reads_what_is_new_and_little_more(read: list[int]) -> None:
    run, writer = new_run(2_000_000)
    for count in (0, 1, 700, 2000):
        writer.append_losses(some(count, count))
        read.clear()
        run_views.curve(run).option()
        assert sum(read) == count + COMPARED
        check(run)


def test_what_has_grown_out_of_all_proportion_is_read_part_by_part(
    read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_losses, "_PART", 1000)
    run, writer = new_run(990)
    writer.append_losses(some(50_000, 1))
    read.clear()
    thinned(run)
    assert max(read) == 1000
    check(run)


def test_larger_buckets_are_made_of_the_whole_record() -> None:
    run, writer = new_run(990)
    for seed in range(30):
        writer.append_losses(some(150, seed))
        check(run)


@pytest.mark.parametrize("kept", [0, 100, 1400, 1499, 1500])
@pytest.mark.parametrize("further", [0, 50, 100, 400])
def test_a_run_that_went_back_shows_where_it_went_on_to(kept: int, further: int) -> None:
    run, writer = new_run(1500)
    writer.truncate(steps=kept, epochs=0)
    writer.append_losses(some(further, 1))
    check(run)


@pytest.mark.parametrize("kept", [0, 1400, 1499])
def test_going_back_is_seen_in_the_same_place_of_the_disk(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_losses, "_file", lambda run: 7)
    run, writer = new_run(1500)
    writer.truncate(steps=kept, epochs=0)
    writer.append_losses(some(400, 1))
    check(run)


def test_a_torn_loss_is_read_once_it_is_whole() -> None:
    run, _ = new_run(1200)
    content = some(1, 5).tobytes()
    for part in (content[:3], content[3:]):
        with (run.path / "losses.f32").open("ab") as file:
            file.write(part)
        check(run)
    assert len(thinned(run)) == 1201


def test_runs_are_not_mixed_up_and_not_remembered_for_ever(monkeypatch) -> None:
    monkeypatch.setattr(live_losses, "_MOST_KEPT", 2)
    several = [new_run(count)[0] for count in (10, 20, 30, 40)]
    assert [len(thinned(run)) for run in several] == [10, 20, 30, 40]
    assert len(live_losses._last_looks) <= 2
    missing = several[0]
    (missing.path / "losses.f32").unlink()
    assert len(thinned(missing)) == 0


def test_an_epoch_is_understood_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run, writer = new_run(10)
    seen: list[bytes] = []
    parse = records.parse_object

    def counted(content: bytes) -> dict[str, Any]:
        if b'"understood once"' in content:
            seen.append(content)
        return parse(content)

    monkeypatch.setattr(records, "parse_object", counted)
    for epoch in range(5):
        figures = {"validation_nll": 10.0 - epoch, "note": "understood once"}
        writer.append_epoch({"epoch": epoch, "step": 2 * epoch, "is_best": True, **figures})
        assert len(run_views.curve(run).validation_nll) == epoch + 1
    assert len(seen) == 5

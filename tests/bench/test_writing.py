"""The time of writing is that of the files of a training."""

from __future__ import annotations

from collections import Counter

import pytest

from made import runs
from made.base.errors import MadeError
from made.bench import cases as bench
from made.bench import rounds as bench_rounds
from made.bench import writing as bench_writing
from made.density import evaluation
from made.runs import recorder, worker
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig

pytestmark = pytest.mark.usefixtures("same_threads")


def writing(**values) -> tuple[bench_rounds.Side, bench_rounds.Side]:
    case = bench.CASES["writing"]
    config = ExperimentConfig.from_flat(dict(case.settings) | {"hidden_sizes": (4,)} | values)
    return bench_writing.writing(config, case.quick, "cpu")


class HandClock:
    """Stands for the module `time` in the bench: it goes on only when it is told to."""

    def __init__(self) -> None:
        self.now, self.first = 0, None

    def perf_counter(self) -> int:
        self.first = self.now if self.first is None else self.first
        return self.now


@pytest.fixture
def hand_clock(monkeypatch) -> HandClock:
    clock = HandClock()
    monkeypatch.setattr(bench_writing, "time", clock)
    return clock


def test_the_time_of_writing_is_that_of_all_files_but_the_first(monkeypatch, hand_clock) -> None:
    seen, slow = [], {"append_epoch", "write_samples", "append_losses"}

    def delayed(name: str):
        right = getattr(RunWriter, name)

        def write(self, *arguments) -> None:
            seen.append((name, self.run.path.parent))
            hand_clock.now += 1
            right(self, *arguments)

        return write

    for name in slow:
        monkeypatch.setattr(RunWriter, name, delayed(name))
    folder = runs.runs_folder()
    bare, with_files = writing()
    assert bare() == 0
    assert seen == []
    hand_clock.first = None
    seconds = with_files()
    # What is written of the untrained model comes before the first event; then two epochs.
    before, after = seen[: hand_clock.first], seen[hand_clock.first :]
    assert {name for name, _ in before} == {"append_epoch", "write_samples"}
    assert seconds == len(after)
    counts = Counter(name for name, _ in after)
    assert counts["append_epoch"] == counts["write_samples"] == 2
    assert counts["append_losses"] >= 2
    assert counts.keys() == slow
    (place,) = {place for _, place in seen}
    assert place != folder
    assert not place.exists()
    assert runs.runs_folder() == folder


def test_both_trainings_are_the_same_and_measure_the_model(monkeypatch, hand_clock) -> None:
    nll, measure, seen = evaluation.mean_nll, evaluation.measure, []

    def slow_nll(*arguments, **options) -> float:
        seen.append(nll(*arguments, **options))
        hand_clock.now += 1
        return seen[-1]

    def slow_measure(*arguments) -> evaluation.Evaluation:
        found = measure(*arguments)
        seen.append(found.figures)
        hand_clock.now += 1
        return found

    bare, with_files = writing()
    monkeypatch.setattr(evaluation, "mean_nll", slow_nll)
    monkeypatch.setattr(evaluation, "measure", slow_measure)
    # After either epoch, and on the test split at the end.
    assert (bare(), with_files()) == (3, 3)
    half = len(seen) // 2
    assert seen[:half] == seen[half:]


def test_a_run_that_cannot_be_written_stops_the_bench(monkeypatch) -> None:
    _, with_files = writing()

    def full(*arguments) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorder, "save_tensors", full)
    with pytest.raises(MadeError, match="The training with its files is failed"):
        with_files()


def test_whoever_stops_the_run_stops_the_bench(monkeypatch) -> None:
    _, with_files = writing()
    monkeypatch.setattr(worker.jobs, "requested", lambda run: "stop")
    with pytest.raises(KeyboardInterrupt):
        with_files()

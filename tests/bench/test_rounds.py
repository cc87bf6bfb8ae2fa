"""Textbook and engine take turns on the same data."""

from __future__ import annotations

import pytest

from made.bench import cases as bench
from made.bench import rounds as bench_rounds

pytestmark = pytest.mark.usefixtures("same_threads")


def test_the_same_data_and_weights_every_time() -> None:
    size = bench.CASES["train"].quick
    first, second = bench_rounds.synthetic(size, 50), bench_rounds.synthetic(size, 50)
    assert (first.train == second.train).all()
    assert first.train.max() == 1
    assert len(first.train) == 50


def test_reference_and_engine_take_turns() -> None:
    turns = []

    def prepare(config, size, device):
        def side(name: str, seconds: list[float]):
            def once() -> float:
                turns.append(name)
                return seconds.pop(0)

            return once

        return side("reference", [4.0, 90.0, 6.0]), side("engine", [2.0, 1.0, 80.0])

    size = bench_rounds.Size(num_variables=3, hidden_sizes=(4,), num=5, rounds=3)
    case = bench_rounds.Case(
        title="{num} turns", per="turn", prepare=prepare, full=size, quick=size
    )
    result = bench_rounds.run(case, "cpu", is_quick=True)
    assert turns == ["reference", "engine"] * 3
    assert (result["reference"], result["engine"]) == (6.0, 2.0)
    assert result["ratio"] == 3.0
    assert result["title"] == "5 turns"

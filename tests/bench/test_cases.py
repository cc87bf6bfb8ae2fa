"""The cases of the bench compare what they time, and full and quick differ in size alone."""

from __future__ import annotations

import pytest
import torch

from made.base.errors import MadeError
from made.bench import cases as bench
from made.bench import rounds as bench_rounds
from made.density import evaluation, sampling
from made.setups.config import ExperimentConfig

pytestmark = pytest.mark.usefixtures("same_threads")


def test_quick_and_full_differ_in_size_alone() -> None:
    for name, case in bench.CASES.items():
        config = ExperimentConfig.from_flat(dict(case.settings))
        assert config.training.optimizer == "Adam", name
        assert case.quick.num * case.quick.num_variables < case.full.num * case.full.num_variables


def test_other_samples_from_the_same_numbers_stop_the_bench(monkeypatch) -> None:
    right = sampling.draw

    def wrong(*arguments) -> torch.Tensor:
        return 1 - right(*arguments)

    monkeypatch.setattr(sampling, "draw", wrong)
    with pytest.raises(MadeError, match="same uniform numbers"):
        bench_rounds.run(bench.CASES["sample-100"], "cpu", is_quick=True)


def test_another_likelihood_stops_the_bench(monkeypatch) -> None:
    monkeypatch.setattr(evaluation, "mean_nll", lambda *arguments: 1.0)
    with pytest.raises(MadeError, match="NLL is 1 nats"):
        bench_rounds.run(bench.CASES["nll"], "cpu", is_quick=True)


@pytest.mark.parametrize("name", ["train", "train-wide"])
def test_bfloat16_is_of_the_same_size_and_held_against_float32(name: str) -> None:
    case = bench.CASES[f"{name}-bfloat16"]
    assert (case.full, case.quick) == (bench.CASES[name].full, bench.CASES[name].quick)
    assert case.settings == bench.CASES[name].settings | {"precision": "bfloat16"}
    config = ExperimentConfig.from_flat(dict(case.settings) | {"hidden_sizes": (4,)})
    model = bench.build_network(config, bench_rounds.synthetic(case.quick, 1).info)
    assert model.precision == torch.bfloat16
    plain = bench.textbook(config.model, model)
    assert {weight.dtype for weight in plain.parameters()} == {torch.float32}
    assert case.baseline.endswith("float32")

"""What is taken from run folders, one by one and over their seeds."""

from __future__ import annotations

import json

import pytest
from finished_runs import KL, MIXTURE, MNIST, ORDERINGS, SINGLE, TURING, finished

from made import runs
from made.base.errors import MadeError
from made.commands import main
from made.setups.config import ExperimentConfig
from made.studies import results
from made.studies.errors import Mean, mean_of
from made.studies.result_tables import to_markdown
from made.studies.results import read_result

pytestmark = pytest.mark.usefixtures("folder")


def test_a_single_pass_is_the_test_nll_of_its_run() -> None:
    run = finished(MNIST, SINGLE)
    row = read_result(run)
    assert (row.single, row.mixture, row.figure) == (88.9244, None, 88.9244)
    assert (row.validation_nll, row.best_epoch, row.seconds) == (89.7834, 32, 592.4)
    assert row.command == run.config.to_command()


def test_a_mixture_stands_beside_its_single_passes() -> None:
    row = read_result(finished(ORDERINGS, MIXTURE))
    assert (row.single, row.mixture, row.num_mask_sets) == (88.7, 86.512, 8)
    assert "86.51 (8 mask sets)" in to_markdown([row])


def test_where_the_truth_is_known_the_figure_is_the_exact_kl() -> None:
    row = read_result(finished(TURING, KL))
    assert (row.single, row.mixture) == (0.02277, None)
    assert "0.0228" in to_markdown([row])
    mixed = read_result(finished(TURING, KL | {"num_mask_sets": 2, "single_pass_nll_nats": 10.6}))
    assert (mixed.single, mixed.mixture) == (None, 0.02277)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (MNIST, "2000, raw"),
        (
            {**MNIST, "direct_connections": True, "dropout": 0.4, "degrees": "even"},
            "2000, raw, direct connections, dropout 0.4, even degrees",
        ),
        ({**ORDERINGS, "num_connectivities": 0}, "2000, raw, 8 random orderings, fresh conn"),
        ({**MNIST, "ordering": "reversed", "head": "bernoulli"}, "reversed ordering, bernoulli h"),
        ({**MNIST, "hidden_sizes": (), "dropout": 0.4}, "no hidden layer, raw"),
        ({**TURING, "num_samples": 1_000_000}, "512-512, one-hot, 1,000,000 samples"),
        ({**TURING, "model": "marginals", "dropout": 0.1}, "product of the marginals"),
        ({**TURING, "model": "naive"}, "naive p(x1) p(x2 | x1), 512-512"),
    ],
)
def test_a_model_is_said_in_words_without_what_has_no_effect(settings: dict, text: str) -> None:
    said = read_result(finished(settings, SINGLE)).model
    assert said.startswith(text) or text in said
    assert "dropout" not in said or "dropout" in text


def test_what_has_no_figure_to_show_is_left_out_or_refused_by_name() -> None:
    plain = finished({**MNIST, "autoregressive": False}, {"reconstruction_nats": 50.0})
    begun = runs.create(ExperimentConfig.from_flat(MNIST))
    broken = finished(MNIST, SINGLE)
    (broken.path / "config.json").write_text("{")
    assert results.read_results(runs.list_runs()) == []
    for run, reason in ((plain, "no likelihood"), (begun, "finish first"), (broken, "config.json")):
        with pytest.raises(MadeError, match=reason):
            read_result(run)


def test_the_command_shows_every_finished_run_or_those_named(capsys) -> None:
    first, second = finished(MNIST, SINGLE, "first"), finished(TURING, KL, "second")
    runs.create(ExperimentConfig())
    assert main(["results", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert {row["id"] for row in content["runs"]} == {first.id, second.id}
    assert {row["dataset"] for row in content["published"]} == {"turing-joint", "binarized-mnist"}
    assert main(["results", "first", first.id, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["runs"]
    assert (row["nll"], row["name"]) == (88.9244, "first")
    assert main(["results"]) == 0
    text = capsys.readouterr().out
    assert "88.92" in text
    assert "exact KL" in text
    assert main(["results", "second", "--markdown"]) == 0
    assert capsys.readouterr().out == to_markdown([read_result(second)]) + "\n"


def test_without_a_finished_run_the_command_says_how_to_make_one(capsys) -> None:
    assert main(["results"]) == 1
    assert "python -m made train --preset digits8" in capsys.readouterr().err


def test_the_error_of_a_single_run_is_that_of_its_test_examples() -> None:
    single = read_result(finished(MNIST, SINGLE | {"nll_standard_error": 0.23}))
    assert str(results.mean_figure([single], "single")) == "88.92 ± 0.23"
    errors = {"nll_standard_error": 0.2, "single_pass_standard_error": 0.3}
    mixed = read_result(finished(ORDERINGS, MIXTURE | errors))
    assert str(results.mean_figure([mixed], "mixture")) == "86.51 ± 0.20"
    assert str(results.mean_figure([mixed], "single")) == "88.70 ± 0.30"
    assert results.mean_figure([mixed], "validation_nll").error is None


def test_an_exact_kl_has_no_error_over_a_test_set() -> None:
    exact = read_result(finished(TURING, KL | {"nll_standard_error": 0.0035}))
    assert results.mean_figure([exact], "figure") == Mean(0.02277, None, 1)


def test_a_run_of_an_older_version_is_shown_without_an_error() -> None:
    older = read_result(finished(MNIST, SINGLE))
    assert (older.nll_error, older.num_seen_test_rows) == (None, None)
    assert str(results.mean_figure([older], "figure")) == "88.92"


def test_runs_that_differ_in_seeds_alone_are_one_mean() -> None:
    seeds = [{"seed": 1}, {"data_seed": 2}, {"mask_seed": 3}, {"device": "cpu", "seed": 4}]
    alike = [
        read_result(finished({**TURING, **seed}, KL | {"kl_nats": kl}))
        for seed, kl in zip(seeds, (0.01, 0.02, 0.03, 0.04), strict=True)
    ]
    other = read_result(finished({**TURING, "encoding": "raw"}, KL))
    assert results.repetitions([*alike, other]) == [alike, [other]]
    assert results.mean_figure(alike, "figure") == mean_of([0.01, 0.02, 0.03, 0.04])


def test_a_run_of_the_same_seeds_repeats_no_draw() -> None:
    """Twice the same number would look like a certainty."""
    first, second = (read_result(finished(TURING, KL)) for _ in range(2))
    third = read_result(finished({**TURING, "seed": 1}, KL))
    assert results.repetitions([first, second, third]) == [[first, third], [second]]

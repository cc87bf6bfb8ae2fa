"""The table of results: what it takes from run folders, what stands beside it, where it is put."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from made import datasets, runs
from made.base.errors import MadeError
from made.base.files import to_json
from made.commands import main
from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.studies import results
from made.studies.published import NOTES, PUBLISHED
from made.studies.results import END, START, read_result, to_markdown

MNIST = {"dataset": "binarized-mnist", "encoding": "raw", "hidden_sizes": (2000,)}
SINGLE = {"nll_nats": 88.9244, "num_mask_sets": 1}
MIXTURE = {"nll_nats": 86.512, "single_pass_nll_nats": 88.7, "num_mask_sets": 8}
TURING = {"dataset": "turing-joint"}
KL = {"nll_nats": 10.5415, "kl_nats": 0.02277, "num_mask_sets": 1}
ORDERINGS = {**MNIST, "ordering": "random", "num_orderings": 8}

pytestmark = pytest.mark.usefixtures("folder")


def finished(settings: dict, figures: dict, label: str | None = None, device: str = "cpu") -> Run:
    """A run folder as a worker leaves it, without any training."""
    run = runs.create(ExperimentConfig.from_flat(settings), label)
    common = {"validation_nll": 89.7834, "best_epoch": 32, "num_parameters": 3_753_440}
    writer = RunWriter(run)
    writer.update(state="finished", device=device)
    writer.write("result.json", to_json(common | figures | {"training_seconds": 592.4}).encode())
    return run


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


def test_the_best_stands_first_and_published_figures_below() -> None:
    rows = [read_result(finished(MNIST, {**SINGLE, "nll_nats": nll})) for nll in (90.0, 88.0)]
    rows.append(read_result(finished(TURING, KL)))
    text = to_markdown(rows)
    order = ["Turing portrait", "0.0228", "0.0053", "10.5198", "Binarized MNIST", "88.00", "90.00"]
    order += ["| 88.40 |", "| 86.64 |", "| 88.33 |", "| 85.10 |", "| 84.13 |"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert text.count("Germain et al. 2015") == 5


def test_every_row_of_a_table_has_as_many_cells_and_the_commands_repeat_the_runs() -> None:
    settings = {**TURING, "model": "naive"}
    runs_made = [finished(settings, KL, device="cuda:0"), finished(MNIST, SINGLE)]
    text = to_markdown(list(map(read_result, runs_made)))
    lines = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {len(results.HEADERS) + 1}
    assert "592 s on cuda:0" in text
    for run in runs_made:
        assert f"\n{run.config.to_command()}\n" in text


def test_published_figures_and_notes_are_of_known_datasets() -> None:
    known = set(datasets.names())
    assert {row.dataset for row in PUBLISHED} | NOTES.keys() <= known
    assert all((row.single is None) != (row.mixture is None) for row in PUBLISHED)


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


def test_a_pivot_has_a_cell_for_two_settings_and_shows_the_best_on_validation(capsys) -> None:
    for encoding, head, kl, validation in [
        ("raw", "categorical", 0.03, 10.56),
        ("raw", "categorical", 0.02, 10.57),
        ("one-hot", "categorical", 0.04, 10.58),
        ("one-hot", "logistics", 0.01, 10.53),
    ]:
        figures = KL | {"kl_nats": kl, "validation_nll": validation}
        finished({**TURING, "encoding": encoding, "head": head}, figures)
    assert main(["results", "--pivot", "encoding", "head"]) == 0
    found = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()]
    heads = found[0][1:]
    cells = {
        (line[0], head): cell
        for line in found[2:]
        for head, cell in zip(heads, line[1:], strict=False)
    }
    assert cells["raw", "categorical"] == "0.0300"
    assert cells["one-hot", "categorical"] == "0.0400"
    assert cells["one-hot", "logistics"] == "0.0100"
    assert not cells.get(("raw", "logistics"), "").strip()
    finished(MNIST, SINGLE)
    assert main(["results", "--pivot", "encoding", "head"]) != 0
    assert "several datasets" in capsys.readouterr().err
    assert main(["results", "--pivot", "colour", "head"]) != 0
    assert "There is no setting 'colour'" in capsys.readouterr().err


def test_without_a_finished_run_the_command_says_how_to_make_one(capsys) -> None:
    assert main(["results"]) == 1
    assert "python -m made train --preset digits8" in capsys.readouterr().err


def test_a_readme_is_filled_between_its_markers_and_nowhere_else(tmp_path: Path, capsys) -> None:
    finished(MNIST, SINGLE, "first")
    readme = tmp_path / "README.md"
    readme.write_text(f"# Title\n\n{START}\nold\n{END}\n\nThe end — naïve.\n", encoding="utf-8")
    texts = []
    for _ in range(2):
        assert main(["results", "first", "--readme", str(readme)]) == 0
        texts.append(readme.read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    assert texts[0].startswith(f"# Title\n\n{START}\n\n**Binarized MNIST")
    assert texts[0].endswith(f"```\n\n{END}\n\nThe end — naïve.\n")
    assert "old" not in texts[0]


@pytest.mark.parametrize("text", ["", START, f"{END}\n{START}", f"{START}\n{END}\n" * 2])
def test_a_file_without_its_two_markers_is_left_alone(tmp_path: Path, capsys, text: str) -> None:
    finished(MNIST, SINGLE, "first")
    readme = tmp_path / "README.md"
    readme.write_text(text)
    assert main(["results", "--readme", str(readme)]) == 1
    assert START in capsys.readouterr().err
    assert readme.read_text() == text


def test_the_readme_of_the_project_has_its_markers() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "new" in results.fill(text, "new")

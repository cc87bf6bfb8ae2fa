"""Tables of results: what stands in them, what stands beside them, where they are put."""

from __future__ import annotations

from pathlib import Path

import pytest
from finished_runs import KL, MNIST, SINGLE, TURING, finished

from made import datasets, runs
from made.base.errors import MadeError
from made.commands import main
from made.setups.config import ExperimentConfig
from made.studies import control, result_tables
from made.studies.folder import Record
from made.studies.published import NOTES, PUBLISHED
from made.studies.result_tables import to_markdown
from made.studies.results import read_result
from made.studies.study import Study

START, END = result_tables.markers()

pytestmark = pytest.mark.usefixtures("folder")


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
    assert {line.count("|") for line in lines} == {len(result_tables.HEADERS) + 1}
    assert "592 s on cuda:0" in text
    for run in runs_made:
        assert f"\n{run.config.to_command()}\n" in text


def test_published_figures_and_notes_are_of_known_datasets() -> None:
    known = set(datasets.names())
    assert {row.dataset for row in PUBLISHED} | NOTES.keys() <= known
    assert all((row.single is None) != (row.mixture is None) for row in PUBLISHED)


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
    assert "new" in result_tables.fill(text, "new")


def test_seeds_are_one_line_with_their_mean_error_and_command() -> None:
    rows = [
        read_result(finished({**TURING, "seed": seed, "data_seed": seed}, KL | {"kl_nats": kl}))
        for seed, kl in ((1, 0.0205), (2, 0.0204), (3, 0.0207))
    ]
    text = to_markdown(rows)
    assert "| 512-512, one-hot, 3 seeds | 0.020533 ± 0.000088 |" in text
    assert "± one standard error over the runs of a line with several seeds\n" in text
    assert "# 512-512, one-hot; --data-seed 1, 2, 3; --seed 1, 2, 3\n" in text
    assert text.count("python -m made train") == 1


def test_a_single_run_has_the_error_of_its_test_and_rows_it_was_trained_on_are_named() -> None:
    figures = SINGLE | {"nll_standard_error": 0.2289, "num_seen_test_rows": 62}
    text = to_markdown([read_result(finished(MNIST, figures))])
    assert "| 88.92 ± 0.23 |" in text
    assert "± one standard error over the test examples\n" in text
    assert "\n62 test rows equal a training row.\n" in text
    assert "training row" not in to_markdown([read_result(finished(MNIST, SINGLE))])


def test_the_best_mean_stands_first_and_two_figures_never_look_alike() -> None:
    settings = [{"seed": 0}, {"seed": 1}, {"encoding": "raw"}, {"encoding": "bits"}]
    kls = (0.01, 0.04, 0.020048, 0.020049)
    rows = [
        read_result(finished({**TURING, **values}, KL | {"kl_nats": kl}))
        for values, kl in zip(settings, kls, strict=True)
    ]
    text = to_markdown(rows)
    places = [text.index(part) for part in ("| 0.020048 |", "| 0.020049 |", "| 0.025 ± 0.015 |")]
    assert places == sorted(places)


def test_a_pivot_shows_means_over_seeds(capsys) -> None:
    for seed, kl in ((0, 0.02), (1, 0.03)):
        finished({**TURING, "seed": seed}, KL | {"kl_nats": kl})
    finished({**TURING, "encoding": "raw"}, KL | {"kl_nats": 0.04})
    assert main(["results", "--pivot", "encoding", "head"]) == 0
    out = capsys.readouterr().out
    assert "| one-hot | 0.0250 ± 0.0050 |" in out
    assert "| raw | 0.0400 |" in out


def test_a_place_of_a_text_has_a_name() -> None:
    text = "<!-- a:start --><!-- a:end --> <!-- b:start --><!-- b:end -->"
    filled = result_tables.fill(text, "new", "b")
    assert filled.startswith("<!-- a:start --><!-- a:end --> <!-- b:start -->\n\nnew\n")
    with pytest.raises(MadeError, match="needs one '<!-- c:start -->'"):
        result_tables.fill(text, "new", "c")


def test_a_study_is_one_line_a_value_with_the_command_that_makes_it() -> None:
    study = Study.make(
        "a", ExperimentConfig.from_flat(TURING), {"encoding": ("raw", "bits")}, (0, 1), "both"
    )
    kls = {("raw", 0): 0.03, ("raw", 1): 0.04, ("bits", 0): 0.021, ("bits", 1): 0.022}
    found = [
        read_result(finished(config.flat(), KL | {"kl_nats": kls[cell.values[0], seed]}))
        for cell in study.cells()[::-1]
        for seed, config in cell.configs.items()
    ]
    text = result_tables.to_study(study, found)
    lines = ["| bits | 2 | 0.02150 ± 0.00050 | 32 |", "| raw | 2 | 0.0350 ± 0.0050 | 32 |"]
    assert "\n".join(lines) in text
    assert text.startswith("Exact KL to the truth, nats / example; ± one standard error over the")
    assert text.endswith(f"```sh\n{study.to_command()}\n```")


def test_a_study_of_two_settings_is_a_table_of_both(tmp_path: Path, capsys) -> None:
    vary = {"encoding": ("raw", "bits"), "num_samples": (1000, 2000)}
    study = Study.make("both", ExperimentConfig.from_flat(TURING), vary)
    for cell in study.cells():
        finished(cell.configs[0].flat(), KL | {"kl_nats": cell.values[1] / 1e5})
    stored = control.create(study)
    record = Record(definition=study, taken=tuple(run.id for run in runs.list_runs()))
    (stored.path / "study.json").write_bytes(record.to_json())
    assert main(["study", "show", stored.id, "--markdown"]) == 0
    table = capsys.readouterr().out
    assert "| raw | 0.0100 | 0.0200 |\n| bits | 0.0100 | 0.0200 |" in table
    readme = tmp_path / "README.md"
    readme.write_text("<!-- a:start -->old<!-- a:end -->", encoding="utf-8")
    assert main(["study", "show", stored.id, "--readme", str(readme), "a"]) == 0
    assert readme.read_text(encoding="utf-8") == f"<!-- a:start -->\n\n{table}\n<!-- a:end -->"

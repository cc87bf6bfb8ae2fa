"""study on the command line: ask, see the cost, train, show, rest, delete."""

from __future__ import annotations

import json
from html import unescape

import pytest
from compared_runs import RINGS, make_run
from told_runs import BASE, told_run

from made.commands import main
from made.runs import jobs, worker
from made.studies import conductor, control, folder
from made.studies.study import Study

SET_UP = "--dataset digits8 --hidden-sizes 4 --epochs 2 --device cpu --learning-rate 0.000001"


@pytest.fixture(autouse=True)
def _here(folder, in_process, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are trained in this process, by a trainer of a few lines."""
    monkeypatch.setattr(conductor, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(
        jobs.LocalLauncher, "launch", lambda launcher, run: worker.execute(run) and None
    )


def call(capsys, line: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(line.split())
    return (code, *capsys.readouterr())


def test_the_cost_is_shown_and_nothing_trained(capsys) -> None:
    taken = make_run(encoding="raw")
    flags = "--dataset rings --grid-size 8 --num-samples 1000 --hidden-sizes 4 --epochs 2"
    code, text, _ = call(capsys, f"study new --vary encoding raw bits {flags} --dry-run")
    assert code == 0
    assert "2 runs, 1 of them there already" in text
    assert f"rings · raw: finished, {taken.id}" in text
    assert folder.list_studies() == []
    line = f"study new degrees {flags} --dry-run"
    assert "nothing to compare" in call(capsys, line)[2]
    line = f"study new --vary encoding raw bits {flags} --dry-run --json"
    cost = json.loads(call(capsys, line)[1])
    assert [run["status"] for run in cost["runs"]] == ["finished", None]


def test_a_study_is_trained_and_shown_in_every_form(capsys) -> None:
    new = f"study new --vary encoding raw bits --seeds 0,4 --seed-of weights {SET_UP}"
    code, text, _ = call(capsys, new)
    assert code == 0
    (stored,) = folder.list_studies()
    assert stored.study.seeds == (0, 4)
    assert stored.study.base.training.epochs == 2
    assert text.startswith(f"digits8 · input encoding ({stored.id})")
    assert "±" in text
    assert call(capsys, new)[0] == 0
    assert folder.list_studies() == [stored]

    (listed,) = json.loads(call(capsys, "study list --json")[1])
    assert (listed["status"], listed["finished"], listed["number"]) == ("finished", 4, 4)
    assert "finished" in call(capsys, "study list")[1]
    csv = call(capsys, f"study show {stored.id[:8]} --csv")[1].splitlines()
    assert csv[0].startswith("encoding,seed,mask_seed,data_seed,id,label,state")
    assert len(csv) == 5
    shown = json.loads(call(capsys, f"study show {stored.id} --json")[1])
    assert [row["num_runs"] for row in shown["summary"]] == [2, 2]
    assert len(shown["runs"]) == 4

    assert call(capsys, f"study delete {stored.id}")[0] == 0
    assert folder.list_studies() == []


def test_a_study_is_started_in_the_background_and_asked_to_rest(capsys, monkeypatch) -> None:
    launched = []
    monkeypatch.setattr(
        control.LocalLauncher, "launch", lambda launcher, stored: launched.append(stored.id)
    )
    code, text, _ = call(capsys, f"study new encodings {SET_UP} --title mine --detach")
    assert (code, text.strip()) == (0, launched[0])
    stored = folder.find_study("mine")
    with stored.lock():
        assert call(capsys, "study pause mine")[0] == 0
        assert stored.requested == "pause"
        assert call(capsys, "study stop mine")[0] == 0
        assert stored.requested == "stop"
    code, text, _ = call(capsys, "study resume mine")
    assert code == 0
    assert "6" in call(capsys, "study list")[1]


def told_study() -> folder.StoredStudy:
    """A study whose two runs have their curves and the pictures of their epochs."""
    kl = {"raw": [0.4, 0.2, 0.3], "bits": [0.3, 0.25, 0.1]}
    ids = [told_run(kl[name], encoding=name, has_pictures=True).id for name in kl]
    study = Study.make("told", BASE, {"encoding": ("raw", "bits")})
    return folder.create(study, taken=ids)


def test_a_report_is_the_html_file_of_the_page_at_the_epoch_that_is_asked_for(
    capsys, tmp_path, monkeypatch
) -> None:
    stored = told_study()
    path = tmp_path / "report.html"
    code, text, _ = call(capsys, f"study report told --out {path}")
    assert (code, text.strip()) == (0, str(path))
    best = path.read_text()
    assert "At the best epoch on validation" in best
    assert stored.study.to_command() in unescape(best)
    said = json.loads(call(capsys, f"study report told --at last --out {path} --json")[1])
    assert said == {"id": stored.id, "path": str(path)}
    assert "Learned by epoch 3" in path.read_text()
    monkeypatch.chdir(tmp_path)
    assert call(capsys, f"study report {stored.id} --at 2")[:2] == (0, f"{stored.id}.html\n")
    assert "After epoch 2 of 3" in (tmp_path / f"{stored.id}.html").read_text()


def test_a_study_goes_out_and_comes_back(capsys, tmp_path, monkeypatch) -> None:
    stored, path = told_study(), tmp_path / "study.zip"
    said = json.loads(call(capsys, f"study export told {path} --json")[1])
    assert said == {"id": stored.id, "path": str(path), "left_out": []}
    assert call(capsys, f"import {path}")[0] == 1
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "elsewhere"))
    assert call(capsys, f"import {path}")[:2] == (0, f"told ({stored.id})\n")
    (listed,) = json.loads(call(capsys, "study list --json")[1])
    assert (listed["status"], listed["finished"]) == ("finished", 2)
    assert call(capsys, f"study report told --out {tmp_path / 'there.html'}")[0] == 0
    assert (tmp_path / "there.html").read_text().count("data:image/png") == 3


def test_a_report_that_cannot_be_is_refused_in_one_sentence(capsys, tmp_path) -> None:
    told_study()
    empty = folder.create(Study.make("empty", BASE, {"epochs": (1, 2)}))
    for flags, said in (
        ("told --at 4", "no epoch '4': name best, last, or a number from 1 to 3"),
        ("told --out report.pdf", "a name in .html is needed"),
        (f"told --out {tmp_path / 'none' / 'report.html'}", "There is no folder"),
        ("empty", f"has no runs yet: `python -m made study resume {empty.id}`"),
    ):
        code, _, error = call(capsys, f"study report {flags}")
        assert code in (1, 2)
        assert said in error
        assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("study new", "Name one of the ready-made studies (encodings,"),
        ("study new encodings --vary encoding raw", "Name one of the ready-made studies"),
        ("study new colours", "no ready-made study 'colours'"),
        ("study new --vary colour red blue", "no setting 'colour'"),
        ("study new --vary seed 0 1", "seeds are given as seeds"),
        ("study new --vary epochs 1 many", "no study: epochs: should be a whole number"),
        ("study new encodings --seeds 0", "one seed at least"),
        ("study new encodings --seeds few", "no number of seeds"),
        ("study show nothing", "`python -m made study list` lists them"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(capsys, line, said) -> None:
    code, _, error = call(capsys, line)
    assert code in (1, 2)
    assert said in error
    assert len(error.strip().splitlines()) == 1


def test_a_reference_that_may_be_several_studies_is_refused(capsys) -> None:
    study = Study.make("twice", RINGS, {"encoding": ("raw", "bits")})
    folder.create(study)
    folder.create(study)
    assert "any of 2 studies" in call(capsys, "study show twice")[2]


def test_ready_made_studies_are_listed(capsys) -> None:
    assert "1 … 32 mask sets" in call(capsys, "study ready")[1]
    assert "encodings" in json.loads(call(capsys, "study ready --json")[1])

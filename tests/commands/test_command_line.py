"""The command line, from training to export, and how it says no."""

import json
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import made
from made import runs
from made.base import places
from made.commands import main
from made.setups.config import FIELDS, ExperimentConfig, field_help, field_title
from made.views.progress_bar import TrainingBar

JOINT = "--dataset gaussians --grid-size 8 --num-samples 1000 --hidden-sizes 16 --device cpu"
DIGITS = "--dataset digits8 --hidden-sizes 16 --device cpu"
ENGINE = "cpu · float32 · one mask set, products below the staircase only · no graph"


# What is set up once for all of them is set up on one worker.
pytestmark = pytest.mark.xdist_group("command line")


@pytest.fixture(scope="module")
def runs_folder(tmp_path_factory):
    """One run on a small joint, "joint", and one on digits, "digits"."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_RUNS_DIR", str(folder))
        patch.setattr(places, "shipped_folder", lambda: folder / "nothing shipped")
        assert main(f"train {JOINT} --epochs 2 --label joint".split()) == 0
        assert main(f"train {DIGITS} --epochs 1 --label digits".split()) == 0
        yield folder


@pytest.fixture
def trained(runs_folder):
    return {run.label: run for run in runs.list_runs()}


@pytest.fixture
def folder(runs_folder, tmp_path, monkeypatch):
    """An empty runs folder for one test."""
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def call(capsys):
    """Run a command line; returns the exit code, stdout and stderr."""

    def run(*arguments):
        capsys.readouterr()
        code = main(arguments[0].split() if len(arguments) == 1 else arguments)
        return (code, *capsys.readouterr())

    return run


def test_help_and_lists_do_not_wait_for_torch():
    code = (
        "import sys; from made.commands import main;"
        "[main(a.split()) for a in ('--help', 'train --help', 'runs --json', 'datasets --json',"
        " 'presets', 'results --json')];"
        "assert 'torch' not in sys.modules, 'torch'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


COMMANDS = (
    "datasets", "runs", "presets", "train", "resume", "evaluate", "sample", "results", "export",
    "bench",
)  # fmt: skip


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(call, command):
    code, out, err = call(*command.split(), "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: python -m made {command}".rstrip())


def test_train_has_a_flag_with_its_explanation_for_every_field(call):
    _, out, _ = call("train --help")
    words = " ".join(out.split())
    for name in FIELDS:
        assert f"--{name.replace('_', '-')}" in words
        # Long words of an explanation may be broken at their hyphens.
        explained = f"{field_title(name)}: {field_help(name)}"
        assert explained.replace(" ", "") in words.replace(" ", "")


@pytest.mark.usefixtures("no_worker")
def test_flags_and_file_make_the_configuration(call, tmp_path):
    file = tmp_path / "config.json"
    base = ExperimentConfig.from_flat({"dataset": "digits8", "epochs": 3, "dropout": 0.5})
    file.write_text(base.model_dump_json())
    flags = "--epochs 9 --hidden-sizes 32,16 --direct-connections --no-autoregressive"
    code, out, _ = call(f"train --config {file} {flags} --label mine --detach")
    (run,) = runs.list_runs()
    assert code == 0
    assert run.label == "mine"
    assert out == f"{run.id}\n"
    assert run.config == base.replace(
        epochs=9, hidden_sizes=(32, 16), direct_connections=True, autoregressive=False
    )


@pytest.mark.usefixtures("no_worker")
def test_flat_file_makes_the_configuration(call, tmp_path):
    file = tmp_path / "flat.json"
    file.write_text('{"dataset": "digits8", "training": {"epochs": 4}}')
    code, out, _ = call(f"train --config {file} --detach --json")
    assert code == 0
    run = runs.Run.open(json.loads(out)["id"])
    assert run.config == ExperimentConfig.from_flat({"dataset": "digits8", "epochs": 4})


def test_trained_run_lies_where_the_dashboard_looks(trained):
    run = trained["joint"]
    assert run.state == "finished"
    assert {path.name for path in run.path.iterdir()} >= {
        "config.json",
        "label.json",
        "status.json",
        "losses.f32",
        "epochs.jsonl",
        "samples",
        "best.safetensors",
        "last.safetensors",
        "result.json",
    }


def test_train_prints_json_alone_on_stdout(call, folder):
    code, out, err = call(f"train {JOINT} --epochs 1 --json")
    figures = json.loads(out)
    assert code == 0
    assert figures["status"] == "finished"
    assert figures["id"] == runs.list_runs()[0].id
    assert figures.keys() >= {"path", "nll_nats", "bits_per_dim", "kl_nats", "best_epoch"}
    assert "epoch 1 of 1" in err
    assert re.search(r"loss [\d.]+, validation NLL [\d.]+ nats, [\d.]+[kMG]? ex/s", err)


def test_train_says_which_way_it_computes_in_one_line_of_its_own(call, folder):
    _, out, err = call(f"train {DIGITS} --epochs 1 --num-connectivities 3")
    line = ENGINE.replace("one mask set, products below the staircase only", "cycle of 3 mask sets")
    assert line in err.splitlines()
    assert line not in out


def test_keyboard_stops_training_and_resume_ends_it(call, folder, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(TrainingBar, "event", lambda bar, event: signal.raise_signal(signal.SIGINT))
        code, _, err = call(f"train {JOINT} --epochs 2")
    run = runs.list_runs()[0]
    assert code == 130
    assert run.state == "stopped"
    assert run.checkpoints() == ["best", "last"]
    assert f"resume {run.id}" in err
    code, out, _ = call(f"resume {run.id} --json")
    assert code == 0
    assert json.loads(out)["status"] == "finished"
    assert [record["epoch"] for record in run.epochs()] == [0, 1, 2]


def test_evaluate_gives_the_figures_of_the_run(call, trained):
    code, out, _ = call("evaluate joint --split test --json")
    figures = json.loads(out)
    result = trained["joint"].result
    assert code == 0
    assert figures["num_examples"] == 100
    assert figures["num_mask_sets"] == 1
    for name in ("nll_nats", "bits_per_dim", "kl_nats"):
        assert figures[name] == pytest.approx(result[name], rel=1e-9)


def test_evaluate_without_a_truth_has_no_kl(call, trained):
    _, out, _ = call(f"evaluate {trained['digits'].id} --split validation --json")
    figures = json.loads(out)
    assert "kl_nats" not in figures
    assert figures["split"] == "validation"
    nll = trained["digits"].best_epoch["validation_nll"]
    assert figures["nll_nats"] == pytest.approx(nll, rel=1e-9)


def test_evaluate_prints_a_table_with_units(call, trained):
    code, out, _ = call("evaluate joint --checkpoint last --num-mask-sets 1")
    assert code == 0
    assert re.search(r"^NLL \(nats / example\) +\d+\.\d+ ± 0\.\d+$", out, re.MULTILINE)
    assert re.search(r"^exact KL \(nats\) +\d+\.\d+$", out, re.MULTILINE)


def test_runs_lists_every_run(call, trained):
    _, out, _ = call("runs --json")
    by_name = {row["name"]: row for row in json.loads(out)}
    assert by_name.keys() == {"joint", "digits"}
    assert by_name["joint"]["kl_nats"] == trained["joint"].best_epoch["kl_nats"]
    assert by_name["digits"]["kl_nats"] is None
    assert by_name["digits"]["device"] == "cpu"
    assert by_name["digits"]["engine"] == ENGINE
    _, out, _ = call("runs")
    assert all(run.id in out and run.label in out for run in trained.values())


def test_runs_lists_a_broken_run_with_its_problem(call, folder):
    run = runs.create(ExperimentConfig())
    (run.path / "config.json").write_text("{")
    code, out, _ = call("runs --json")
    assert code == 0
    assert json.loads(out)[0]["status"] == "broken"
    assert (
        "config.json is not valid: The configuration: invalid JSON" in json.loads(out)[0]["problem"]
    )
    shown = call("runs")[1]
    assert "broken" in shown
    assert json.loads(out)[0]["problem"] in shown


def test_empty_list_says_how_to_make_a_run(call, folder):
    assert "python -m made train" in call("runs")[1]
    assert call("runs --json")[1] == "[]\n"


def test_datasets_are_listed(call):
    _, out, _ = call("datasets --json")
    digits = next(row for row in json.loads(out) if row["name"] == "digits8")
    assert (digits["num_variables"], digits["num_categories"]) == (64, 2)
    assert digits["image_shape"] == [8, 8]
    assert "digits8" in call("datasets")[1]


def test_samples_are_kept_as_arrays(call, trained, tmp_path):
    file = tmp_path / "samples.npz"
    arrays = []
    for seed in (1, 1, 2):
        code, out, _ = call(f"sample digits --num-samples 7 --seed {seed} --out {file} --json")
        assert code == 0
        assert json.loads(out)["path"] == str(file)
        with np.load(file) as content:
            arrays.append(content["samples"])
    assert arrays[0].shape == (7, 64)
    assert np.array_equal(arrays[0], arrays[1])
    assert not np.array_equal(arrays[0], arrays[2])


def test_samples_keep_what_was_observed(call, trained, tmp_path):
    file = tmp_path / "samples.npz"
    code, _, _ = call(f"sample digits --observed 0=1,1=0 --mask-set 0 --out {file}")
    assert code == 0
    with np.load(file) as content:
        assert (content["samples"][:, :2] == [1, 0]).all()


@pytest.mark.parametrize("name", ["digits", "joint"])
def test_samples_are_drawn_as_a_picture(call, trained, tmp_path, name):
    file = tmp_path / "samples.png"
    assert call(f"sample {name} --out {file}")[0] == 0
    with Image.open(file) as picture:
        assert min(picture.size) >= 300
        low, high = picture.convert("L").getextrema()
        assert low < high


def test_exported_run_is_evaluated_like_the_run(call, trained, tmp_path):
    file = tmp_path / "joint.zip"
    assert call(f"export joint {file}") == (0, f"{file}\n", "")
    shutil.unpack_archive(file, tmp_path / "unpacked")
    place = tmp_path / "unpacked" / trained["joint"].id
    assert {path.name for path in place.iterdir()} >= {
        "README.txt",
        "best.safetensors",
        "config.json",
        "epochs.csv",
        "losses.f32",
        "result.json",
        "test_log_probs.npy",
    }
    lines = (place / "epochs.csv").read_text().splitlines()
    assert "validation_nll" in lines[0]
    assert len(lines) == 1 + len(trained["joint"].epochs())
    outputs = [call("evaluate", name, "--json")[1] for name in ("joint", str(place))]
    assert outputs[0] == outputs[1]
    assert made.load_run(place).run.label == "joint"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("", "required: COMMAND"),
        ("dance", "invalid choice: 'dance'"),
        ("train --epochs 0", "--epochs: should be greater than 0"),
        ("train --encoding two-hot", "--encoding: unknown encoding 'two-hot': import the module"),
        ("train --encoding-width 1", "--encoding-width: should be at least 2"),
        ("train --hidden-sizes 5,x", "--hidden-sizes"),
        ("train --epoch 3", "unrecognized arguments: --epoch"),
        ("evaluate", "required: RUN"),
        ("evaluate joint --split exam", "invalid choice: 'exam'"),
        ("evaluate joint --num-mask-sets 0", "at least 1"),
        ("sample joint --out picture.gif", ".npz or .png"),
        ("sample joint --observed 0", "as in 0=1,1=0"),
        ("sample joint --observed 0=1,0=2", "each variable once"),
        ("sample joint --seed -1", "--seed"),
        ("export joint file.tar", ".zip"),
        ("train --preset nope", "there is no preset 'nope': choose one of digits8, "),
        ("train --preset digits8 --config x.json", "not allowed with argument --preset"),
        ("results --json --markdown", "not allowed with argument"),
    ],
)
def test_wrong_usage_is_one_sentence_and_code_2(call, arguments, sentence):
    code, out, err = call(*arguments.split())
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("evaluate nothing", "There is no run 'nothing'"),
        ("evaluate 2", "any of 2 runs"),
        ("evaluate joint --num-mask-sets 2", "has one mask set"),
        ("evaluate joint --device cuda:77", "no device 'cuda:77'"),
        ("sample digits --observed 5=1 --out {tmp}/x.npz", "must come first in the ordering"),
        ("sample joint --mask-set 1 --out {tmp}/x.npz", "has one mask set"),
        ("sample joint --out {tmp}/missing/x.npz", "There is no folder"),
        ("export joint {tmp}/missing/x.zip", "There is no folder"),
        ("resume joint", "finished"),
        ("results nothing", "There is no run 'nothing'"),
        ("results --readme {tmp}/missing.md", "missing.md' cannot be read"),
        ("results --readme {tmp}/list.json", "one '<!-- results:start -->'"),
        ("train --dataset nowhere", "There is no dataset 'nowhere'"),
        ("train --dataset digits8 --model naive", "Choose MADE or a 2-D joint"),
        ("train --degree-low 5 --degree-high 3", "lowest degree (5) is above the highest (3)"),
        ("train --config {tmp}/missing.json", "missing.json' cannot be read"),
        ("train --config {tmp}/list.json", "must hold one JSON object"),
        ("train --config {tmp}/unknown.json", "no setting 'colour'"),
    ],
)
def test_failure_is_one_sentence_and_code_1(call, trained, tmp_path, arguments, sentence):
    (tmp_path / "list.json").write_text("[1, 2]")
    (tmp_path / "unknown.json").write_text('{"colour": "red"}')
    code, out, err = call(*arguments.format(tmp=tmp_path).split())
    assert (code, out) == (1, "")
    assert sentence in err
    assert err.count("\n") == 1
    assert not list(tmp_path.glob("*x.*"))
    assert len(runs.list_runs()) == 2


def test_reader_that_leaves_early_is_no_error(trained):
    process = subprocess.Popen(
        [sys.executable, "-m", "made", "datasets"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1

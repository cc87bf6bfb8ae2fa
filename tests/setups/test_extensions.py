"""What is registered from outside trains like the rest, here and in a worker of its own."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from worker_process import wait_for_end

import made
from made import runs
from made.commands import main
from made.datasets.settings import DataConfig
from made.model.encodings import Fixed
from made.model.heads import Categorical
from made.model.orderings import ORDERINGS
from made.runs import jobs
from made.setups import extensions, presets
from made.setups.checks import misfit
from made.setups.config import ExperimentConfig, field_option_title, field_options
from made.setups.estimate import estimate

SMALL = {"hidden_sizes": 8, "epochs": 1, "device": "cpu", "progress": False}
BINARY = {**SMALL, "dataset": "stripes", "num_samples": 1000}
ALL = (*extensions.REGISTRIES.values(), presets.PRESETS)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Whatever a test registers is gone after it."""
    yield
    for registry in ALL:
        for name in list(registry.origins):
            registry.forget(name)
    sys.modules.pop("outside_things", None)


@pytest.fixture
def outside() -> None:
    importlib.import_module("outside_things")


@pytest.mark.usefixtures("outside", "folder")
@pytest.mark.parametrize(
    "choice",
    [
        {"encoding": "half"},
        {"head": "softmax"},
        {"dataset": "stripes"},
        {"ordering": "odd-first"},
        {"ordering": "rotated", "num_orderings": 3},
    ],
    ids=lambda choice: next(iter(choice.values())),
)
def test_a_thing_from_outside_trains_to_a_density(choice: dict) -> None:
    loaded = made.train(**BINARY | choice)
    assert loaded.run.result["nll_nats"] > 0
    states = torch.cartesian_prod(*[torch.arange(2)] * 9)
    with torch.no_grad():
        assert loaded.model.log_prob(states).double().exp().sum().item() == pytest.approx(1)
    assert made.load_run(loaded.run.id).config == loaded.config


@pytest.mark.usefixtures("outside", "folder")
def test_a_preset_from_outside_is_listed_and_trained(capsys: pytest.CaptureFixture) -> None:
    assert main(["presets"]) == 0
    assert "Stripes from outside" in capsys.readouterr().out
    loaded = made.train(preset="striped", epochs=1, device="cpu", progress=False)
    assert loaded.config.model.encoding == "half"
    assert presets.preset_of(presets.find_preset("striped").config).name == "striped"


@pytest.mark.usefixtures("outside")
def test_pages_and_command_line_offer_what_is_there_now(capsys: pytest.CaptureFixture) -> None:
    for field in ("encoding", "head", "ordering"):
        registry = extensions.REGISTRIES[field]
        assert set(registry) <= set(field_options(field))
        for name in registry.origins:
            assert field_option_title(field, name) == registry[name].title
    assert main(["train", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("half", "softmax", "odd-first", "rotated"))
    assert main(["datasets"]) == 0
    assert "stripes" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_a_worker_imports_what_its_run_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    module = tmp_path / "lab" / "my_encodings.py"
    module.parent.mkdir()
    source = Path(__file__).parents[1] / "outside_things.py"
    module.write_text(source.read_text("utf-8"), "utf-8")
    monkeypatch.syspath_prepend(str(module.parent))
    importlib.import_module("my_encodings")
    values = {name: value for name, value in BINARY.items() if name != "progress"}
    config = ExperimentConfig.from_flat(values | {"encoding": "half"})
    run = jobs.start(config, "half")
    recorded = json.loads((run.path / extensions.FILE).read_text("utf-8"))
    assert recorded == {"modules": ["my_encodings"]}
    assert wait_for_end(run) == "finished", run.status().message
    assert made.load_run(run).config.model.encoding == "half"
    sys.modules.pop("my_encodings")


@pytest.mark.usefixtures("folder")
def test_what_a_run_folder_names_is_not_imported_for_looking_at_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "evil.py").write_text("raise SystemExit('imported')", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    run = runs.create(ExperimentConfig(), "half")
    (run.path / extensions.FILE).write_text('{"modules": ["evil"]}', "utf-8")
    text = (run.path / "config.json").read_text("utf-8")
    (run.path / "config.json").write_text(text.replace('"one-hot"', '"half"'), "utf-8")
    assert extensions.recorded(run.path) == ["evil"]
    said = r"unknown encoding 'half': import the module.*it was made with evil"
    assert re.search(said, run.problem)
    assert "delete" not in run.problem
    assert runs.list_runs()
    assert "evil" not in sys.modules


def in_a_notebook(registry: str, name: str, thing: object) -> None:
    thing.__module__ = "__main__"
    getattr(made, f"register_{registry}")(name)(thing)


@pytest.mark.usefixtures("folder")
def test_a_class_of_a_notebook_trains_here_but_not_in_a_process_of_its_own() -> None:
    class Third(Fixed):
        width = 1

        def __init__(self, num_categories, width=16):
            self.num_categories = num_categories

        def __call__(self, x, table=None):
            return x.float() / 3

    in_a_notebook("encoding", "third", Third)
    settings = {**SMALL, "dataset": "digits8", "encoding": "third"}
    loaded = made.train(**settings)
    assert loaded.run.state == "finished"
    assert not (loaded.run.path / extensions.FILE).exists()
    count = len(runs.list_runs())
    with pytest.raises(made.MadeError, match="encoding 'third' is defined in this notebook"):
        jobs.start(loaded.config)
    assert len(runs.list_runs()) == count


@pytest.mark.usefixtures("folder")
def test_a_missing_module_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv(extensions.VARIABLE, "no_such_module")
    assert main(["runs"]) == 1
    assert "'no_such_module', which registers what is needed here" in capsys.readouterr().err
    monkeypatch.setenv(extensions.VARIABLE, " outside_things ,")
    assert main(["runs"]) == 0
    assert "half" in field_options("encoding")


@pytest.mark.parametrize("field", ["encoding", "head", "ordering"])
def test_an_unknown_name_says_to_import_its_module(field: str) -> None:
    sentence = f"{field}: unknown {field} 'nope': import the module that registers it"
    with pytest.raises(made.MadeError, match=sentence):
        ExperimentConfig.from_flat({field: "nope"})


class Bare:
    """What every head must have, and nothing more."""

    log_prob, log_probs = Categorical.log_prob, Categorical.log_probs
    sample, marginal_parameters = Categorical.sample, Categorical.marginal_parameters

    def __init__(self, num_categories, num_components=5):
        self.num_categories = self.num_parameters = num_categories


def test_a_head_that_inherits_nothing_is_estimated_as_the_one_that_it_copies(tiny_info) -> None:
    made.register_head("bare")(Bare)
    found = [
        estimate(ExperimentConfig.from_flat({"head": head}), tiny_info(3, 2))
        for head in ("bare", "categorical")
    ]
    assert found[0] == found[1]


class NoWidth(Fixed):
    def __init__(self, num_categories, width=16):
        pass

    def __call__(self, x, table=None):
        return x


class NoHead:
    def __init__(self, num_categories, num_components=5):
        self.num_categories, self.num_parameters = num_categories, 1


class Shy:
    def __init__(self, num_categories, num_components=5):
        raise made.MadeError("No.")


class Unfinished(made.datasets.Family):
    pass


@pytest.mark.parametrize(
    ("kind", "thing", "sentence"),
    [
        ("encoding", NoWidth, "The encoding 'mine' lacks width: inherit from"),
        ("encoding", int, "The encoding 'mine' lacks|cannot be built"),
        ("encoding", 3, "cannot be built for 8 categories"),
        ("head", NoHead, "The head 'mine' lacks log_prob, log_probs, sample"),
        ("head", Shy, "The head 'mine' refuses 2, 3, 17, 256 categories"),
        ("dataset", Unfinished, "The dataset 'mine' cannot be made .* define info and load"),
        ("dataset", lambda colour: None, "asks for colour: its function may take num_samples"),
        ("dataset", lambda: [[0.5, 1]] * 20, "holds 0.5, which is not a whole number"),
        ("dataset", lambda: 1 / 0, "function of the dataset 'mine' failed: ZeroDivisionError"),
        ("dataset", 3, "must be a subclass of made.datasets.Family or a function"),
        ("ordering", [2, 1, 0], "must be a function of the number of variables"),
        ("preset", {"epoch": 3}, "There is no setting 'epoch'"),
        ("preset", 3, "The preset 'mine' must be settings by their names"),
    ],
)
def test_what_lacks_something_is_refused_when_it_is_registered(kind, thing, sentence) -> None:
    with pytest.raises(made.MadeError, match=sentence):
        getattr(made, f"register_{kind}")("mine")(thing)
    assert not any("mine" in registry for registry in ALL)


TAKEN = {
    "encoding": "raw",
    "head": "bernoulli",
    "dataset": "rings",
    "ordering": "natural",
    "preset": "dna",
}


@pytest.mark.parametrize("kind", TAKEN)
def test_the_names_of_the_project_stay_its_own(kind: str) -> None:
    taken = TAKEN[kind]
    with pytest.raises(made.MadeError, match=f"There is an? {kind} '{taken}' already"):
        getattr(made, f"register_{kind}")(taken)(lambda *arguments: None)


@pytest.mark.parametrize("wrong", [[0, 0, 1], [0, 1], [1, 2, 3], [[0, 1, 2]], None, ["a", 1, 2]])
def test_an_ordering_that_is_no_permutation_is_a_misfit(wrong: object, tiny_info) -> None:
    made.register_ordering("odd")(lambda num_variables, generator: wrong)
    with pytest.raises(made.MadeError, match="'odd' gives no permutation of 3 variables"):
        ORDERINGS["odd"](3, np.random.default_rng(0))
    config = ExperimentConfig.from_flat({"ordering": "odd"})
    assert "'odd' gives no permutation" in misfit(config, tiny_info(3, 2))


def test_a_dataset_registered_again_is_made_again() -> None:
    for value in (0, 1):
        define_constant(value)
        data = made.load_dataset("constant")
        assert (data.train == value).all()
    assert made.datasets.info(DataConfig(dataset="constant")).num_train == 16


def define_constant(value: int) -> None:
    @made.register_dataset("constant")
    def constant():
        return np.full((20, 4), value)

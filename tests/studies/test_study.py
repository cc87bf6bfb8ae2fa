"""What a study is: its cells, its seeds, what it leaves out and why, and its JSON."""

from __future__ import annotations

import shlex
from itertools import pairwise

import pytest
from compared_runs import RINGS

from made import datasets
from made.base.errors import MadeError
from made.commands import build_parser, studies
from made.model.encodings import ENCODINGS
from made.runs.records import MAX_LABEL_LENGTH
from made.setups.config import ExperimentConfig
from made.studies import study as study_module
from made.studies.study import SEED_FIELDS, WITHIN_A_CELL, Study, comparable

DIGITS = ExperimentConfig.from_flat({"dataset": "digits8", "hidden_sizes": (8,), "epochs": 1})


def make(base=RINGS, seeds=(0,), seed_of="weights", **vary) -> Study:
    return Study.make("a study", base, vary, seeds, seed_of)


def test_runs_differ_in_the_varied_fields_and_the_seeds_alone() -> None:
    study = make(seeds=(0, 1, 2), seed_of="both", encoding=list(ENCODINGS), dropout=(0.0, 0.5))
    cells = study.cells()
    assert [cell.values for cell in cells[:2]] == [("raw", 0.0), ("raw", 0.5)]
    assert len(cells) == 2 * len(ENCODINGS)
    for cell in cells:
        assert list(cell.configs) == [0, 1, 2]
        for seed, config in cell.configs.items():
            assert (config.model.encoding, config.model.dropout) == cell.values
            assert config.training.seed == config.data.data_seed == seed
            assert set(config.differences(RINGS)) <= {"encoding", "dropout"} | WITHIN_A_CELL
    assert not study.left_out()
    assert study.problem() is None


def test_a_study_is_judged_once_and_again_when_its_data_change(monkeypatch) -> None:
    judged: list[ExperimentConfig] = []
    misfit, info = study_module.misfit, datasets.info
    monkeypatch.setattr(
        study_module, "misfit", lambda config, known: judged.append(config) or misfit(config, known)
    )
    along = {"encoding": {"dataset": ("rings", "moons")}}
    study = Study.make("judged", RINGS, {"encoding": ("raw", "bits")}, along=along)
    first = study.cells()
    assert study.cells() == first
    assert not study.left_out()
    assert len(judged) == 2

    def without_moons(config):
        if config.dataset == "moons":
            raise MadeError("The moons have set.")
        return info(config)

    monkeypatch.setattr(datasets, "info", without_moons)
    assert study.cells() == first[:1]
    assert [one.reason for one in study.left_out()] == ["The moons have set."]
    monkeypatch.setattr(datasets, "info", info)
    assert study.cells() == first


@pytest.mark.parametrize(
    ("seeds", "seed_of", "vary"),
    [
        ((0, 1, 2), "both", {"encoding": ("raw", "one-hot")}),
        ((7,), "data", {"num_samples": (1000, 2000), "hidden_sizes": ((8,), (8, 4))}),
        ((0, 3), "weights", {"direct_connections": (True, False)}),
    ],
)
def test_the_command_of_a_study_makes_the_same_study(seeds, seed_of, vary) -> None:
    """In a shell; its flags are the study, with nothing said twice."""
    base = RINGS.replace(encoding="bits", data_seed=4, seed=5, dropout=0.25)
    study = Study.make(None, base, vary, seeds, seed_of)
    words = shlex.split(study.to_command())
    assert words[:3] == ["python", "-m", "made"]
    asked = studies._asked(build_parser().parse_args(words[3:]))
    assert [(cell.values, cell.configs) for cell in asked.cells()] == [
        (cell.values, cell.configs) for cell in study.cells()
    ]
    assert (asked.seeds, asked.seed_of, asked.axes) == (study.seeds, study.seed_of, study.axes)
    said_by_study = {*vary, *SEED_FIELDS[seed_of]}
    assert not {f"--{name.replace('_', '-')}" for name in said_by_study} & set(words)


def test_each_configuration_of_a_study_is_another_one() -> None:
    study = make(DIGITS, (0, 1), "both", ordering=("natural", "random"), num_orderings=(1, 2, 4))
    configs = [comparable(config) for cell in study.cells() for config in cell.configs.values()]
    assert len(set(configs)) == len(configs) == 8


def test_what_repeats_an_earlier_cell_is_left_out_with_the_reason() -> None:
    study = make(DIGITS, ordering=("natural", "random"), num_orderings=(1, 2, 4))
    kept = [cell.values for cell in study.cells()]
    assert kept == [("natural", 1), ("random", 1), ("random", 2), ("random", 4)]
    assert [one.values for one in study.left_out()] == [("natural", 2), ("natural", 4)]
    reason = study.left_out()[0].reason
    assert "only one natural ordering" in reason
    assert "repeat natural ordering, 1 ordering" in reason


def test_what_does_not_fit_is_left_out_with_the_reason() -> None:
    study = make(head=("auto", "bernoulli"))
    assert [cell.values for cell in study.cells()] == [("auto",)]
    assert "2 categories" in study.left_out()[0].reason
    study = make(RINGS.replace(residual_connections=True), hidden_sizes=((4, 4), (4, 5)))
    assert "one size" in study.left_out()[0].reason


def test_a_study_whose_settings_change_nothing_says_so() -> None:
    problem = make(RINGS.replace(model="marginals"), encoding=list(ENCODINGS)).problem()
    assert "no input" in problem
    assert "nothing to compare by 'Input encoding'" in problem
    assert "2 categories" in make(encoding=list(ENCODINGS), head=("bernoulli",)).problem()
    gone = make(RINGS.replace(dataset="nowhere"), encoding=("raw", "bits"))
    assert "no dataset 'nowhere'" in gone.problem()


def test_seeds_without_effect_stay_and_make_no_runs_of_their_own() -> None:
    study = make(DIGITS, (3, 4), "data", encoding=("raw", "bits"))
    assert [list(cell.configs) for cell in study.cells()] == [[3], [3]]
    assert all(cell.configs[3].data.data_seed == 0 for cell in study.cells())
    assert "fixed split" in study.left_out()[0].reason
    weights = make(DIGITS, (3, 4), "both", encoding=("raw", "bits")).cells()[0].configs
    assert [config.training.seed for config in weights.values()] == [3, 4]
    assert {config.data.data_seed for config in weights.values()} == {0}


def test_a_study_reads_back_from_its_json() -> None:
    study = make(hidden_sizes=((4,), (4, 4), ()), num_samples=(1000, 2000), seeds=(1, 0))
    assert Study.model_validate_json(study.model_dump_json()) == study
    assert study.axes[0].values == ((4,), (4, 4), ())


def test_values_are_read_as_their_field_reads_them_and_stand_once() -> None:
    study = make(hidden_sizes=("8, 8", 4, (8, 8)), learning_rate=("0.1", 0.1, 1e-3))
    assert study.axes[0].values == ((8, 8), (4,))
    assert study.axes[1].values == (0.1, 0.001)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"vary": {"colour": ("red",)}}, "no setting 'colour'"),
        ({"vary": {"seed": (0, 1)}}, "seeds are given as seeds"),
        ({"vary": {"device": ("cpu",)}}, "device"),
        ({"vary": {"encoding": ("raw", "nonsense")}}, "unknown encoding 'nonsense'"),
        ({"vary": {"encoding": ()}}, "encoding|values"),
        ({"vary": {"dropout": (0.1,), "encoding": ("raw",), "ordering": ("natural",)}}, "axes"),
        ({"vary": {}}, "axes"),
        ({"vary": {"epochs": range(1, 1001)}, "seeds": (0, 1)}, "at most 1,000 runs, not 2,000"),
        ({"vary": {"encoding": ("raw",)}, "seeds": (1, 1)}, "twice"),
        ({"vary": {"encoding": ("raw",)}, "seed_of": "luck"}, "seed_of"),
        ({"vary": {"encoding": ("raw",)}, "title": "two\nlines"}, "printable"),
    ],
)
def test_what_is_no_study_is_refused_in_one_sentence(values, said) -> None:
    with pytest.raises(MadeError, match=said):
        Study.make(**({"title": "a study", "base": RINGS} | values))


def test_the_label_of_a_run_says_what_differs() -> None:
    study = make(seeds=(0, 1), encoding=("raw", "fourier"), num_samples=(1000, 20_000))
    assert study.label(("fourier", 20_000), 1) == "rings · fourier · 20,000 samples · seed 1"
    assert make(encoding=("raw",)).label(("raw",), 0) == "rings · raw"
    assert make(dataset=("rings", "digits8")).label(("digits8",), 0) == "digits8"
    assert (
        make(seeds=(0, 1), seed_of="data", dropout=(0.5,))
        .label((0.5,), 1)
        .endswith("dropout 0.5 · data seed 1")
    )


def test_labels_of_one_study_tell_its_runs_apart_however_long_they_are() -> None:
    sizes = [tuple([8] * depth) for depth in (1, 60, 61)]
    study = make(RINGS.replace(dataset="x" * 200), (0, 1), hidden_sizes=sizes)
    labels = [study.label((size,), seed) for size in sizes for seed in study.seeds]
    assert all(len(label) <= MAX_LABEL_LENGTH for label in labels)
    assert all(first != second for first, second in pairwise(labels))

"""Fields that go along with what is compared."""

from __future__ import annotations

import shlex

import pytest
from compared_runs import RINGS

from made.base.errors import MadeError
from made.commands import main, studies
from made.studies.folder import Record
from made.studies.study import WITHIN_A_CELL, Study

NUMBERS, BATCHES = (1_000, 10_000), (10, 100)


def make(along: list[dict], **other) -> Study:
    axes = [
        {"field": "encoding", "values": ["raw", "bits"]},
        {"field": "num_samples", "values": NUMBERS, "along": along},
    ]
    content = {"title": "as many steps", "base": RINGS.model_dump(), "axes": axes} | other
    return Record.from_json(Record.model_validate({"definition": content}).to_json()).definition


def test_what_goes_along_with_an_axis_has_its_value_in_every_cell_and_is_no_axis() -> None:
    study = make([{"field": "batch_size", "values": BATCHES}], seeds=[0, 1], seed_of="both")
    assert study.fields == ("encoding", "num_samples")
    cells = study.cells()
    assert [cell.values for cell in cells] == [
        (encoding, number) for encoding in ("raw", "bits") for number in NUMBERS
    ]
    for cell in cells:
        for config in cell.configs.values():
            assert config.data.num_samples == cell.values[1]
            assert config.training.batch_size == cell.values[1] // 100
            varied = {"encoding", "num_samples", "batch_size"}
            assert set(config.differences(RINGS)) <= varied | WITHIN_A_CELL


def test_a_study_without_anything_along_reads_as_before() -> None:
    axes = [{"field": "encoding", "values": ["raw", "bits"]}]
    study = Study.model_validate({"title": "older", "axes": axes})
    assert study.axes[0].along == ()
    assert study == Study.make("older", study.base, {"encoding": ("raw", "bits")})


@pytest.mark.parametrize(
    ("along", "reason"),
    [
        ([{"field": "batch_size", "values": [10]}], "needs one value for each of its 2, not 1"),
        ([{"field": "encoding", "values": ["raw", "bits"]}], "'encoding' is varied twice"),
        ([{"field": "num_samples", "values": NUMBERS}], "'num_samples' is varied twice"),
        ([{"field": "batch", "values": BATCHES}], "there is no setting 'batch'"),
    ],
)
def test_what_cannot_go_along_is_refused(along: list[dict], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        make(along)


def test_a_value_that_does_not_fit_its_field_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_size"):
        make([{"field": "batch_size", "values": [10, 0]}])


def test_the_command_of_a_study_makes_the_same_study(monkeypatch: pytest.MonkeyPatch) -> None:
    study = make([{"field": "batch_size", "values": BATCHES}], seeds=[0, 1], seed_of="both")
    assert "--along num-samples batch-size 10 100" in study.to_command()
    asked = []
    monkeypatch.setattr(studies, "_show_cost", lambda study, as_json: asked.append(study) or 0)
    words = shlex.split(study.to_command())[3:]
    assert main([*words, "--title", study.title, "--dry-run"]) == 0
    assert [one.cells() for one in asked] == [study.cells()]


def test_nothing_goes_along_with_what_is_not_varied() -> None:
    along = {"num_samples": {"batch_size": BATCHES}}
    with pytest.raises(MadeError, match="along with 'num_samples': it is not varied"):
        Study.make("a study", RINGS, {"encoding": ("raw", "bits")}, along=along)

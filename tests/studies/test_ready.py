"""Ready-made studies: each varies what it says, of any set-up, and nothing else."""

from __future__ import annotations

import pytest
from compared_runs import RINGS

from made.base.errors import MadeError
from made.model.encodings import ENCODINGS
from made.model.orderings import ORDERINGS
from made.setups.config import ExperimentConfig
from made.studies import ready
from made.studies.study import WITHIN_A_CELL

DIGITS = ExperimentConfig.from_flat({"dataset": "digits8", "hidden_sizes": (8,), "epochs": 1})


@pytest.mark.parametrize("name", ready.READY)
def test_a_ready_made_study_varies_its_fields_alone(name: str) -> None:
    made, base = ready.READY[name], RINGS if name == "encodings-samples" else DIGITS
    study = made(base, (0, 1))
    assert study.problem() is None
    first, *others = (config for cell in study.cells() for config in cell.configs.values())
    assert others
    for other in others:
        assert set(first.differences(other)) <= {*study.fields, *WITHIN_A_CELL}
    assert study.title.startswith(f"{base.data.dataset} · ")
    assert made.question.endswith("?")


def test_all_encodings_are_all_that_are_registered() -> None:
    cells = ready.READY["encodings"](RINGS).cells()
    assert [cell.values for cell in cells] == [(name,) for name in ENCODINGS]


def test_orderings_of_an_image_are_left_out_where_there_is_none() -> None:
    study = ready.READY["orderings"](RINGS)
    kept = {cell.values[0] for cell in study.cells()}
    left = {one.values[0] for one in study.left_out()}
    assert {"natural", "reversed", "random"} <= kept
    assert kept | left == set(ORDERINGS) - {"given"}
    given = ready.READY["orderings"](DIGITS.replace(permutation=(3, 1)))
    assert ("given",) in [cell.values for cell in given.cells()]


def test_mask_sets_are_orderings_where_these_are_random_and_connectivities_elsewhere() -> None:
    assert ready.READY["mask-sets"](DIGITS).fields == ("num_connectivities",)
    study = ready.READY["mask-sets"](DIGITS.replace(ordering="random", ensemble_size=2))
    assert study.fields == ("num_orderings",)
    assert study.base.masks.ensemble_size == max(study.axes[0].values) == 32


def test_a_range_of_degrees_is_compared_where_the_set_up_has_one() -> None:
    assert ready.READY["degrees"](DIGITS).axes[0].values == ("uniform", "even")
    bounded = ready.READY["degrees"](DIGITS.replace(degree_low=3))
    assert bounded.axes[0].values == ("uniform", "even", "range")


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(MadeError, match="encodings, encodings-samples, orderings"):
        ready.find("colours")


def test_samples_are_a_study_of_joints_alone() -> None:
    study = ready.READY["encodings-samples"](DIGITS)
    assert "sampled" in study.problem()

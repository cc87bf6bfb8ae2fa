"""Mixtures of mask sets are densities, no worse than their parts; averaged logits are none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from made.base.errors import MadeError
from made.base.threads import torch_threads
from made.density import likelihood
from made.density.density import Density
from made.lessons import many_masks as lesson
from made.lessons.agnostic_training import (
    NUM_SETS,
    NUM_VARIABLES,
    STATES,
    Agnostic,
    answers,
    pixel_rows,
    trained,
)
from made.lessons.many_masks import averaged_logits, mixing, mixture

pytestmark = pytest.mark.xdist_group("many-masks")  # networks that are trained once

SETTINGS = [Agnostic(), Agnostic(8), Agnostic(32, is_fixed=False)]
each_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)


@each_setting
def test_every_mixture_sums_to_one_over_all_states(setting):
    assert np.exp(answers(setting).log_joint).sum(axis=1) == pytest.approx(1, abs=1e-9)
    assert mixing(setting).total == pytest.approx(1, abs=1e-9)


@each_setting
def test_a_mixture_is_no_worse_than_the_mean_of_its_parts(setting):
    found = mixing(setting)
    means = np.cumsum(found.nll) / np.arange(1, NUM_SETS + 1)
    assert np.all(found.mixed <= means + 1e-12)
    assert found.gain == pytest.approx(means - found.mixed)
    assert found.gain_error[0] == 0


@each_setting
def test_averaged_logits_are_a_density_of_one_mask_set_alone(setting):
    totals = mixing(setting).averaged_total
    assert totals[0] == pytest.approx(1, abs=1e-9)
    assert np.all(np.abs(totals[1:] - 1) > 1e-3)
    assert mixing(setting).normalised[0] == pytest.approx(mixing(setting).nll[0])


def test_the_sum_of_averaged_logits_is_that_of_the_plain_loop():
    asked = answers(Agnostic(8))
    total = 0.0
    for state, logits in zip(STATES, asked.logits_of_states[:8].mean(axis=0), strict=True):
        chances = 1 / (1 + np.exp(-logits))
        total += np.prod(np.where(state == 1, chances, 1 - chances))
    assert mixing(Agnostic(8)).averaged_total[7] == pytest.approx(total)
    assert total > 1.5


def test_the_figures_are_those_of_the_library_and_the_same_every_time():
    with torch_threads(1):
        network = trained(Agnostic(8)).double()
    _, test = pixel_rows()
    rows = torch.from_numpy(test)
    found = mixing(Agnostic(8))
    for number in (1, 3, 32):
        density = Density(network, range(number))
        log_prob = density.log_prob(rows).detach()
        assert found.mixed[number - 1] == pytest.approx(-float(log_prob.mean()))
    joint = likelihood.log_joint(network, range(3)).ravel()
    assert mixture(answers(Agnostic(8)).log_joint)[2] == pytest.approx(joint)


def test_only_orderings_of_training_are_understood():
    alone, many = mixing(Agnostic()), mixing(Agnostic(32, is_fixed=False))
    assert np.all(alone.nll[1:] > alone.nll[0] + 1)
    assert many.nll.max() < alone.nll[0] + 1
    assert many.mixed[-1] < many.nll.min()
    few = mixing(Agnostic(8))
    assert few.nll[:8].max() + 1 < few.nll[8:].min()


def test_training_goes_through_the_first_orderings_of_those_asked():
    fixed, own = Agnostic(8).bank(), Agnostic(8, is_fixed=False).bank()
    assert fixed.cycle == own.cycle == NUM_SETS
    one, other = fixed.mask_set(1), own.mask_set(1)
    assert np.array_equal(one.ordering.position, other.ordering.position)
    assert np.array_equal(one.degrees[0], fixed.mask_set(9).degrees[0])
    assert not np.array_equal(other.degrees[0], own.mask_set(9).degrees[0])


def test_errors_are_of_the_mean_over_rows_and_paired():
    log_prob = np.log([[0.5, 0.25], [0.25, 0.5]])
    assert mixture(log_prob)[1] == pytest.approx(np.log([0.375, 0.375]))
    assert lesson._errors(log_prob) == pytest.approx([np.log(2) / 2] * 2)


def test_averaging_equal_logits_changes_nothing():
    rows = np.array([[1, 0]])
    logits = np.array([[[0.3, -1.0]], [[0.3, -1.0]]])
    one, two = averaged_logits(rows, logits)
    assert one == pytest.approx(two)
    assert one == pytest.approx(-np.log1p(np.exp(-0.3)) - np.log1p(np.exp(-1.0)))


def test_the_drawing_gets_orderings_and_figures_as_they_are():
    found = mixing(Agnostic(8))
    sent = lesson.content(found, mixing(Agnostic()))
    assert [one["trained"] for one in sent["sets"]] == [True] * 8 + [False] * 24
    assert all(sorted(one["places"]) == list(range(1, NUM_VARIABLES + 1)) for one in sent["sets"])
    assert {one["total"] for one in sent["mixtures"]} == {"1.000"}
    assert sent["reference"] == mixing(Agnostic()).nll[0]
    assert lesson.content(mixing(Agnostic()), mixing(Agnostic()))["reference"] is None


@pytest.mark.parametrize(
    "told", [None, 3, {"mixed": 0}, {"mixed": 33}, {"mixed": "x", "opened": 99}, {"opened": []}]
)
def test_what_a_browser_cannot_mean_changes_nothing(told):
    before = {"mixed": 4, "opened": None, "is_averaged": True}
    assert lesson.many_told(told, before) == before


def test_facts_say_what_one_more_would_bring():
    found = mixing(Agnostic(8))
    worst = int(found.nll.argmax())
    facts = lesson.many_facts(found, {"mixed": 8, "opened": worst, "is_averaged": True})
    assert facts["opened_worst"] is (not facts["opened_trained"]) is True
    assert facts["next_gain"] == found.mixed[7] - found.mixed[8]
    assert facts["total"] == found.averaged_total[7]
    last = lesson.many_facts(found, {"mixed": 32, "opened": None, "is_averaged": False})
    assert (last["next_gain"], last["opened_worst"]) == (0, False)


def test_a_network_that_is_not_there_is_said():
    with pytest.raises(MadeError, match="trained on '5' orderings"):
        Agnostic(5)
    with pytest.raises(MadeError, match="true or false"):
        Agnostic(8, is_fixed=3)

"""The 3-4-3 network: what its masks prove, what is measured, and what it learns."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from made.base.errors import MadeError
from made.lessons.cross_entropy import CANDIDATES, TARGET, bill, cheaper
from made.lessons.lesson import lessons
from made.lessons.numbers import probability, slope
from made.lessons.opened import badge, figures, loss_line, opened
from made.lessons.orders import ORDERS, checked_degrees, position_in
from made.lessons.reader import Reader, copying_facts, masks_facts, reader_told
from made.lessons.rules import functions
from made.lessons.small_network import Setting, SmallNetwork
from made.lessons.small_training import trained
from made.lessons.three_bits import STATES, entropy, probabilities, state_index

DEGREES = list(product((1, 2), repeat=4))
ORDERINGS = list(permutations(range(3)))
OFF = Setting(is_masked=False)


def with_any_weights(setting: Setting) -> SmallNetwork:
    """Weights far from those that training finds, where the masks leave them."""
    draw = np.random.default_rng(1).normal
    first, second = setting.mask_set().layer_masks()
    return SmallNetwork(
        setting,
        draw(size=first.shape) * first,
        draw(size=len(first)),
        draw(size=second.shape) * second,
        draw(size=len(second)),
    )


def test_the_data_are_what_they_are_said_to_be():
    p = probabilities()
    x = STATES.astype(bool)
    assert p.sum() == pytest.approx(1)
    assert p[x[:, 0]].sum() == pytest.approx(0.6)
    assert p[x[:, 1] == x[:, 0]].sum() == pytest.approx(0.8)
    assert p[x[:, 2] == (x[:, 0] ^ x[:, 1])].sum() == pytest.approx(0.85)
    assert entropy() == pytest.approx(1.5961, abs=1e-4)
    assert [state_index(tuple(map(int, state))) for state in STATES] == list(range(8))


def test_the_worked_example_has_the_masks_that_its_own_rule_gives():
    first, second = trained(Setting()).masks
    assert first.T.astype(int).tolist() == [[1, 1, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0]]
    assert second.T.astype(int).tolist() == [[0, 1, 1], [0, 0, 1], [0, 1, 1], [0, 0, 1]]
    assert trained(Setting()).paths.tolist() == [[0, 0, 0], [2, 0, 0], [4, 2, 0]]
    assert functions(trained(Setting())) == (
        r"$\hat x_1 = f_1(),\quad \hat x_2 = f_2(x_1),\quad \hat x_3 = f_3(x_1, x_2)$"
    )


@pytest.mark.parametrize("position", ORDERINGS)
@pytest.mark.parametrize("degrees", DEGREES)
def test_masks_make_a_density_of_any_weights_and_its_jacobian_agrees(degrees, position):
    network = with_any_weights(Setting(degrees, position))
    assert network.is_autoregressive_by_masks
    assert network.is_autoregressive_as_measured
    assert network.total == pytest.approx(1, abs=1e-12)
    assert network.loss >= entropy()
    for output in range(3):
        moved = np.abs(network.jacobian(STATES)[:, output]).max(axis=0)
        assert np.flatnonzero(moved).tolist() == network.depends(output)


def test_without_masks_it_is_no_density_by_proof_and_by_measurement():
    network = with_any_weights(OFF)
    assert not network.is_autoregressive_by_masks
    assert not network.is_autoregressive_as_measured
    assert abs(network.total - 1) > 1e-3


def test_the_jacobian_is_that_of_the_outputs():
    network = with_any_weights(OFF)
    step = 1e-6
    for j in range(3):
        nudge = step * np.eye(3)[j]
        measured = network.outputs(STATES + nudge) - network.outputs(STATES - nudge)
        np.testing.assert_allclose(
            network.jacobian(STATES)[:, :, j], measured / (2 * step), atol=1e-8
        )


def test_trained_with_masks_it_is_the_data_and_its_loss_their_entropy():
    network = trained(Setting())
    assert network.outputs(STATES)[state_index((1, 0, 1))].round(2).tolist() == [0.6, 0.8, 0.85]
    assert network.loss == pytest.approx(entropy(), abs=1e-9)
    np.testing.assert_allclose(np.exp(network.log_product(STATES)), probabilities(), atol=1e-6)


@pytest.mark.parametrize("position", ORDERINGS)
def test_every_ordering_can_learn_the_data(position):
    network = trained(Setting(position=position))
    assert network.loss == pytest.approx(entropy(), abs=1e-4)


def test_where_the_masks_hide_a_variable_the_loss_is_the_entropy_of_what_is_seen():
    network = trained(Setting((1, 1, 1, 1)))
    assert [network.depends(output) for output in range(3)] == [[], [0], [0]]
    p, x = probabilities(), STATES.astype(bool)
    hidden_cost = 0.0
    for first in (False, True):
        given = x[:, 0] == first
        one = p[given & x[:, 2]].sum() / p[given].sum()
        hidden_cost -= p[given].sum() * (one * np.log(one) + (1 - one) * np.log(1 - one))
    known = -(0.85 * np.log(0.85) + 0.15 * np.log(0.15))
    assert network.loss - entropy() == pytest.approx(hidden_cost - known, abs=1e-4)
    assert "what the masks hide" in loss_line(network)


def test_trained_without_masks_it_copies_and_its_products_sum_to_far_more_than_one():
    network = trained(OFF)
    assert network.num_copied == 8
    assert network.loss < 0.01 < entropy()
    assert network.total > 7
    assert "no probability" in loss_line(network)
    assert not badge(network)["isGood"]
    assert figures(network)[1][1] == f"{network.total:.3f}"


@pytest.mark.parametrize("setting", [Setting(), OFF, Setting((2, 1, 1, 2), (2, 0, 1))])
def test_every_weight_says_what_the_masks_do_with_it(setting):
    network = trained(setting)
    shown = opened(network)
    for layer, mask in zip(("first", "second"), network.masks, strict=True):
        kept = np.array([[weight["kept"] for weight in row] for row in shown[layer]])
        assert (kept == mask.T).all()
        for weight in (weight for row in shown[layer] for weight in row):
            assert (weight["verdict"] == "Removed") == (not weight["kept"])
            assert ("does not hold" in weight["formula"]) == (not weight["kept"])


def test_a_removed_weight_names_its_rule_and_the_answer_it_would_read():
    weight = opened(trained(Setting()))["second"][1][1]
    assert weight["formula"] == "$d = 2 > m(2) = 2$ does not hold"
    assert weight["words"] == (
        r"$h_2$ has seen $x_2$. Through this weight $\hat x_2$ would read its own answer."
    )


def test_every_sum_that_is_shown_comes_out_at_the_value_that_is_shown():
    shown = opened(trained(OFF))
    for layer in ("h", "o"):
        for sums, values in zip(shown["sums"][layer], shown["values"][layer], strict=True):
            for line, value in zip(sums, values, strict=True):
                assert line.endswith(f"= {value}$")


def test_what_an_answer_costs_by_hand():
    by_hand = [-np.log(0.9), -np.log(1 - 0.15), -np.log(0.95)]
    assert bill((1, 0, 1), (0.9, 0.15, 0.95)).terms == pytest.approx(by_hand)
    assert sorted(round(bill(TARGET, one).cost, 3) for one in CANDIDATES.values()) == [0.106, 1.692]
    assert cheaper() == "B"


def test_numbers_never_read_as_what_they_are_not():
    assert (probability(0.9999), probability(1e-9), probability(0.6)) == ("0.999", "0.001", "0.60")
    assert (slope(0.0), slope(1e-9), slope(-0.16), slope(0.004)) == ("0", ".001", "-.16", ".004")


def test_orderings_and_degrees_from_outside_are_checked():
    assert position_in("natural") == (0, 1, 2)
    assert position_in("reversed") == (2, 1, 0)
    drawn = {position_in("random", draw) for draw in range(4)}
    assert len(drawn) == 4
    assert drawn.isdisjoint({(0, 1, 2), (2, 1, 0)})
    assert checked_degrees([1, 2.0, 1, 2]) == (1, 2, 1, 2)
    for wrong in ([1, 2, 1], [0, 1, 1, 1], [1, 2, 3, 1], "1212", None, ["a"] * 4):
        with pytest.raises(MadeError, match="four hidden units"):
            checked_degrees(wrong)
    with pytest.raises(MadeError, match=", ".join(ORDERS)):
        position_in("sideways")


def test_what_a_browser_cannot_mean_leaves_the_reader_as_it_was():
    before = Reader()
    nonsense = {"x": [1, 2, 3], "selected": 9, "opened": "h9", "tried": [99], "chosen": "C"}
    assert reader_told(nonsense | {"flipped": "all"}, before) == before
    assert reader_told("hello", before) == before
    told = reader_told({"x": [0, 0, 1], "selected": 2, "opened": "h2-o2", "tried": [5, 1]}, before)
    assert (told.x, told.selected, told.opened, told.tried) == ((0, 0, 1), 2, "h2-o2", (1, 5))


def test_the_steps_of_both_chapters_wait_for_what_they_ask_for():
    off, masked = trained(OFF), trained(Setting())
    strongest = int(np.abs(off.first[:, 1]).argmax()) + 1
    done = [
        copying_facts(off, Reader(flipped=(2,), selected=2)),
        copying_facts(off, Reader(opened=f"h{strongest}")),
        copying_facts(off, Reader(chosen=cheaper())),
        copying_facts(off, Reader(tried=tuple(range(8)))),
    ]
    steps = lessons()["copying"].steps
    assert [step.is_done(facts) for step, facts in zip(steps, done, strict=True)] == [True] * 4
    assert not any(step.is_done(copying_facts(off, Reader())) for step in steps)
    assert not steps[2].is_done(copying_facts(off, Reader(chosen="A")))
    done = [
        masks_facts(masked, Reader(selected=2)),
        masks_facts(masked, Reader(opened="h2-o2")),
        masks_facts(trained(Setting((1, 1, 1, 1))), Reader()),
        masks_facts(trained(Setting(position=(2, 1, 0))), Reader(selected=3)),
        masks_facts(off, Reader(selected=1)),
    ]
    steps = lessons()["masks"].steps
    assert [step.is_done(facts) for step, facts in zip(steps, done, strict=True)] == [True] * 5
    assert not any(step.is_done(masks_facts(masked, Reader())) for step in steps)
    assert not steps[1].is_done(masks_facts(masked, Reader(opened="h1-o2")))

"""The figures of the chapter of uses are those of the shipped model, whoever asks for them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from made import datasets, runs
from made.base.errors import MadeError
from made.lessons.compression import COMPRESSORS
from made.lessons.lesson import lessons
from made.runs import loading
from made.views import uses
from made.views.uses_content import about_line, content, uses_facts, uses_told

RUN = "shipped-binarized-mnist"


@pytest.fixture
def model():
    return loading.load_run(runs.Run.open(RUN)).model


def asked(**told):
    return uses.uses(RUN, uses_told(told, None))


def exact_bits(model, rows: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return -model.log_prob(rows.astype(np.int64)).double().numpy() / np.log(2)


def test_a_map_sums_to_what_the_density_says_of_the_row(model):
    costs = asked().costs
    assert np.allclose(costs.bits.sum(axis=1), exact_bits(model, costs.rows), rtol=1e-5)


@pytest.mark.parametrize("change", ["none", "mirror", "blank"])
def test_the_code_is_that_long_and_gives_the_digit_back(model, change):
    found = asked(change=change, digit=3)
    (exact,) = exact_bits(model, found.row[None])
    assert exact - 1e-2 <= len(found.code.bits) <= exact + 2.01
    assert found.code.is_same
    assert uses_facts(found)["coded"] == len(found.code.bits)


def test_what_the_model_never_expects_costs_more_than_raw_bits_and_is_coded_all_the_same():
    found = asked(change="invert")
    assert uses_facts(found)["bits"] > 784
    assert found.code.is_same
    assert len(found.code.bits) < found.bits.sum()  # no count is below one in 2^32
    assert "32 bits" in content(found)["code"]["why"]


def test_its_code_is_the_smallest_of_a_digit_and_not_of_its_opposite():
    assert uses_facts(asked(picked="MADE"))["picked_smallest"]
    assert not uses_facts(asked(picked="zlib"))["picked_smallest"]
    assert not uses_facts(asked(picked="MADE", change="invert"))["picked_smallest"]


def test_the_half_that_comes_first_is_completed_exactly_and_the_last_one_with_less_trust():
    top, bottom = asked(given="top"), asked(given="bottom")
    assert uses_facts(top)["trust"] == "Exact"
    assert uses_facts(bottom)["trust"] != "Exact"
    for found, part in ((top, np.s_[:392]), (bottom, np.s_[392:])):
        assert np.all(found.answer.rows[:, part] == found.row[part])


def test_without_the_data_its_draws_are_shown_and_said_to_suit_it(monkeypatch):
    monkeypatch.setattr(datasets, "is_available", lambda name: False)
    found = asked()
    assert found.digits.shown.title == "Draw"
    assert "its own entropy" in about_line(found)
    assert len(found.digits.bits) == 64


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"digit": -1, "change": "melt", "levels": {"noise": 99}, "given": "all", "picked": "rar"},
        {"digit": "2", "change": ["none"], "levels": 3, "given": {}, "picked": 0},
        {"digit": 64, "change": None, "levels": {"noise": None, "mirror": 1}},
    ],
)
def test_what_cannot_be_is_not_taken_from_the_browser(told):
    assert uses_told(told, {"digit": 2}) == uses_told({"digit": 2}, None)


def test_each_bar_says_what_it_is_and_lesson_files_are_checked():
    bars = {bar["name"]: bar for bar in content(asked())["bars"]}
    assert list(bars) == ["raw", *COMPRESSORS, "MADE"]
    assert bars["raw"]["alone"] == bars["raw"]["together"] == 784
    assert all(bar["why"] for bar in bars.values())
    with pytest.raises(MadeError, match="cannot be read at digit"):
        lessons()["uses"].model_copy(update={"start": {"digit": 3}}).begins(uses.Start)

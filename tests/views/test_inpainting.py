"""Inpainting asks what was brushed, goes the best way that is open, and tells what to trust."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from made import library
from made.base.errors import MadeError
from made.density.bayes import conditionals, divergences
from made.density.known_first import AGNOSTIC, EXACT, MONTE_CARLO, known_first, open_ways
from made.runs import loading
from made.runs.folder import Run
from made.views import inference, inpainting, inpainting_content, joint_slices, sample_views
from made.views.inpainting import Question

TINY = {"dataset": "digits8", "hidden_sizes": (16,), "epochs": 1, "progress": False}
KINDS = {
    "natural": {},
    "three": {"ordering": "random", "num_orderings": 3},
    "fresh": {"ordering": "random", "num_orderings": 0, "ensemble_size": 2},
    "plain": {"autoregressive": False},
    "rings": {"dataset": "rings", "grid_size": 8, "num_samples": 1000},
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    """One small run of each kind."""
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_RUNS_DIR", str(tmp_path_factory.mktemp("runs")))
        yield {
            kind: library.train(**{**TINY, **settings}, label=kind).run
            for kind, settings in KINDS.items()
        }
    torch.set_num_threads(threads)


def question(run: Run, known: range | list[int], **values) -> Question:
    about = sample_views.subject(run)
    row = inpainting.original(about, "best", 0)
    is_known = tuple(variable in known for variable in range(len(row)))
    return Question(row=0, values=tuple(row.tolist()), is_known=is_known, **values)


def test_known_first_goes_exactly_and_a_hole_by_particles(trained) -> None:
    run = trained["natural"]
    top = inpainting.ask(run.id, "best", question(run, range(32)))
    assert (top.way, top.num_families, top.num_resamplings) == (EXACT, pytest.approx(256), 0)
    hole = inpainting.ask(run.id, "best", question(run, [*range(20), *range(44, 64)]))
    assert hole.way == MONTE_CARLO
    assert 1 <= hole.num_families <= hole.sample_size < 256
    assert hole.sample_sizes.shape == (64,)
    about = sample_views.subject(run)
    kept = inpainting.original(about, "best", 0)
    for answer, known in ((top, range(32)), (hole, [*range(20), *range(44, 64)])):
        assert answer.rows.shape == (20, 64)
        assert (answer.rows[:, list(known)] == kept[list(known)]).all()
        assert ((answer.mean >= 0) & (answer.mean <= 1 + 1e-9)).all()


def test_the_mean_of_the_page_is_that_of_the_exact_conditional(trained) -> None:
    """All but two variables known: 4 states, listed one by one."""
    run = trained["natural"]
    asked = question(run, [v for v in range(64) if v not in (40, 41)], num_particles=4_096)
    answer = inpainting.ask(run.id, "best", asked)
    model = loading.load_run(run).model
    states = torch.tensor([asked.values] * 4)
    states[:, 40:42] = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
    exact = model.log_prob(states).detach().double().softmax(0).numpy()
    assert answer.mean[40] == pytest.approx(
        exact[2:].sum(), abs=4 * inpainting.largest_error(answer)
    )
    assert answer.mean[41] == pytest.approx(
        exact[1::2].sum(), abs=4 * inpainting.largest_error(answer)
    )


def test_a_run_of_fresh_orderings_is_completed_by_one_that_is_built(trained) -> None:
    run = trained["fresh"]
    answer = inpainting.ask(run.id, "best", question(run, range(32, 64)))
    assert answer.way == AGNOSTIC
    assert answer.num_families == pytest.approx(256)
    about = sample_views.subject(run)
    asked = question(run, range(32, 64))
    found = inpainting.ways(about, asked)
    assert found.ways == (AGNOSTIC, MONTE_CARLO)
    assert "built with the given pixels first" in inpainting.way_line(about, found, AGNOSTIC)
    wanted = inpainting.ask(run.id, "best", question(run, range(32, 64), way=MONTE_CARLO))
    assert wanted.way == MONTE_CARLO


def test_an_ordering_of_the_run_that_begins_with_the_known_is_found(trained) -> None:
    run = trained["three"]
    about = sample_views.subject(run)
    first = loading.bank_of(run, about.info).ordering(1).sequence[:3].tolist()
    found = inpainting.ways(about, question(run, first))
    assert found.agnostic == (1,)
    assert inpainting.ask(run.id, "best", question(run, first)).way == AGNOSTIC
    closed = inpainting.ways(about, question(run, range(10)))
    assert closed.ways == (MONTE_CARLO,)
    assert "3 orderings that begins" in inpainting.way_line(about, closed, MONTE_CARLO)


def test_a_built_ordering_has_the_known_first(build) -> None:
    bank = build(9, 2, ordering="random", num_orderings=0).bank
    sequences = set()
    for seed in range(20):
        own = known_first(bank, [7, 2, 4], np.random.default_rng(seed))
        assert set(own.ordering.sequence[:3].tolist()) == {2, 4, 7}
        assert sorted(own.ordering.sequence.tolist()) == list(range(9))
        sequences.add(tuple(own.ordering.sequence.tolist()))
    assert len(sequences) == 20


def test_nothing_known_is_exact_under_any_ordering(build) -> None:
    for masks in ({}, {"ordering": "random", "num_orderings": 3}):
        bank = build(5, 2, **masks).bank
        assert open_ways(bank, bank.evaluation_indices(), []).exact


def answer_of(families: float, way: str = MONTE_CARLO) -> inpainting.Answer:
    return inpainting.Answer(
        rows=np.zeros((20, 4), np.uint8), mean=np.zeros(4), way=way, num_particles=256,
        sample_size=200.0, num_ancestors=100, num_families=families, num_resamplings=1,
        sample_sizes=np.full(4, 256.0), seconds=0.1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("families", "word", "error"),
    [(256, "High", "0.031"), (100, "High", "0.05"), (99, "Fair", "0.05"), (25, "Fair", "0.1"),
     (24.9, "Low", "0.1"), (1, "Low", "0.5")],
)  # fmt: skip
def test_trust_is_the_error_of_a_mean(families: float, word: str, error: str) -> None:
    trust = inpainting.trust(answer_of(families))
    assert trust.word == word
    assert f"±{error}" in trust.why
    assert ("more particles" in trust.why) == (word == "Low")
    assert inpainting.trust(answer_of(families, EXACT)).word == "Exact"


def said(asked: Question, **changed) -> dict:
    return {
        "row": asked.row, "values": list(asked.values), "known": list(asked.is_known),
        "way": asked.way, "particles": asked.num_particles, "seed": asked.seed,
    } | changed  # fmt: skip


def test_what_the_browser_says_is_checked(trained) -> None:
    run = trained["natural"]
    about, asked = sample_views.subject(run), question(run, range(10), seed=3)
    assert inpainting.heard(about, "best", said(asked)) == asked
    other = inpainting.heard(about, "best", said(asked, row=1, values=None))
    assert other.values == tuple(inpainting.original(about, "best", 1).tolist())
    for changed, words in (
        ({"values": [0] * 63}, "does not fit these data of 64"),
        ({"values": [2] * 64}, "values 0 … 1"),
        ({"known": [True]}, "does not fit"),
        ({"values": "<b>"}, "could not be read"),
        ({"seed": "x"}, "could not be read"),
        ({"particles": 10**9}, "Choose 256, 1024, 4096"),
    ):
        with pytest.raises(MadeError, match=words):
            inpainting.heard(about, "best", said(asked, **changed))
    with pytest.raises(MadeError, match="could not be read"):
        inpainting.heard(about, "best", None)


def test_the_drawings_get_what_was_asked(trained) -> None:
    run = trained["natural"]
    about = sample_views.subject(run)
    original = inpainting.original(about, "best", 0)
    asked = inpainting.beginning(about, original, 0)
    assert 0 < len(asked.known) < 64
    sheet = inpainting_content.sheet(about, asked, original)
    assert [way["isOpen"] for way in sheet["ways"]] == [False, False, True]
    assert all(way["why"] for way in sheet["ways"][:2])
    answer = inpainting.ask(run.id, "best", asked)
    content = inpainting_content.completions(about, asked, original, answer)
    assert len(content["rows"]) == 20
    assert [figure["title"] for figure in content["figures"]] == [
        "Effective sample size", "Distinct ancestors", "Resamplings"
    ]  # fmt: skip
    assert content["threshold"] == 128


def test_a_plain_autoencoder_completes_nothing(trained) -> None:
    run = trained["plain"]
    with pytest.raises(MadeError, match="no density"):
        inpainting.ask(run.id, "best", question(run, range(10)))


def test_both_conditionals_of_a_joint_are_those_of_bayes(trained, density) -> None:
    run = trained["rings"]
    joint = inference.exact_density(run.id)
    content = joint_slices.content(joint, joint_slices.truth(run))
    for given in (0, 1):
        table = np.frombuffer(base64.b64decode(content["given"][given]["model"]), "<f4")
        rows = table.reshape(8, 8)
        assert np.allclose(rows.sum(axis=1), 1, atol=1e-6)
        marginal = joint.sum(axis=1 - given)
        back = rows * marginal[:, None]
        assert np.allclose(back if given == 0 else back.T, joint, atol=1e-7)
        assert all(kl is None or kl >= 0 for kl in content["given"][given]["kl"])
    model = density(2, 5, hidden_sizes=(9,))
    joint = np.exp(model.log_joint())
    rows = torch.tensor([[a, 0] for a in range(5)])
    second = model.conditionals(rows)[:, 1].detach().exp().numpy()
    assert np.allclose(conditionals(joint, given=0), second, atol=1e-5)


def test_a_row_without_mass_is_uniform_and_differs_from_itself_by_nothing() -> None:
    table = conditionals(np.array([[0.0, 0.0], [0.5, 0.5]]), given=0)
    assert table.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert divergences(table, table).tolist() == [0, 0]

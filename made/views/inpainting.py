"""What Inpainting asks and says: which variables are known, how the others follow, what to trust.

The word for trust rests on one figure, the effective number of families among the particles (see
`made.density.particles`): means over the completions, a pixel's probability say, are off by at most
1 / (2 sqrt(families)), one standard error, at the pixel that is served worst. High is at most 0.05,
which no eye sees in a map of grey; fair at most 0.1; beyond that it is low. The effective sample
size alone would not do: after a resampling it is that of all particles, though they may descend
from a handful that all share the first pixels drawn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from made.base.errors import MadeError
from made.base.text import counted, noun, significant
from made.datasets.base import smallest_type
from made.density.known_first import AGNOSTIC, EXACT, MONTE_CARLO, Open, known_first, open_ways
from made.runs import loading
from made.runs.kept_models import opened, threads_for
from made.views import run_views
from made.views.sample_views import MAX_SEED, Subject

NUM_SHOWN = 20
NUM_PARTICLES = (256, 1_024, 4_096)
HIGH, FAIR = 0.05, 0.1  # the largest standard error of a mean for each word
WAY_TITLES = {EXACT: "Exact", AGNOSTIC: "Agnostic", MONTE_CARLO: "Monte Carlo"}
WIDEST = 40  # variables a line, where they are no picture


@dataclass(frozen=True, kw_only=True)
class Question:
    """Known and unknown variables of one row. The same question always has the same answer.

    row: the number of the row that was begun from. values: of all D variables, of which only those
    that are known count. way: the one that is wanted; where it is closed, the best open one is
    gone.
    """

    row: int
    values: tuple[int, ...]
    is_known: tuple[bool, ...]
    way: str = ""
    num_particles: int = NUM_PARTICLES[0]
    seed: int = 0

    @property
    def known(self) -> dict[int, int]:
        """Variable to value."""
        return {
            variable: value
            for variable, (value, is_known) in enumerate(
                zip(self.values, self.is_known, strict=True)
            )
            if is_known
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """Completions and how far they can be trusted.

    rows: integers (20, D). mean: float64 (D,), of each variable over all particles by weight, as a
    share of the largest value. way: the one that was gone. sample_sizes: along the ordering, empty
    where nothing was weighed. The figures are those of `made.density.particles.Particles`.
    """

    rows: np.ndarray
    mean: np.ndarray
    way: str
    num_particles: int
    sample_size: float
    num_ancestors: int
    num_families: float
    num_resamplings: int
    sample_sizes: np.ndarray
    seconds: float


@dataclass(frozen=True)
class Trust:
    """A word, and the sentence with the figures behind it."""

    word: str
    why: str


def shape(about: Subject) -> tuple[int, int]:
    """Rows and columns of the sheet: of the picture, or lines of variables in their order."""
    if about.info.image_shape is not None:
        return about.info.image_shape
    size = about.info.num_variables
    columns = min(math.ceil(math.sqrt(size)), WIDEST)
    return math.ceil(size / columns), columns


def num_rows(about: Subject) -> int:
    """How many rows there are to begin from: those the run kept, or as many draws of its model."""
    rows = run_views.reference(about.run).rows
    return NUM_SHOWN if rows is None or not len(rows) else len(rows)


def row_name(about: Subject, row: int) -> str:
    """What a row is, for the caption of what was hidden."""
    rows = run_views.reference(about.run).rows
    kind = "image" if about.info.image_shape else "row"
    if rows is None or not len(rows):
        return f"{kind} {row + 1} drawn by the model: the run kept no data"
    return f"training {kind} {row + 1} of {len(rows)}"


def original(about: Subject, checkpoint: str, row: int) -> np.ndarray:
    """The whole of a row to begin from, integers (D,); a draw of the model where none was kept."""
    rows = run_views.reference(about.run).rows
    if rows is not None and len(rows):
        return rows[row % len(rows)]
    with opened(about.run.id, checkpoint) as loaded, threads_for(1):
        return loaded.model.sample(1, seed=row).numpy()[0]


def beginning(about: Subject, values: np.ndarray, row: int) -> Question:
    """Before anybody has drawn: a row with a hole in its middle, a third as high and wide."""
    height, width = shape(about)
    is_known = np.ones((height, width), bool)
    top, left = height // 3, width // 3
    is_known[top : height - top, left : width - left] = False
    flat = is_known.ravel()[: about.info.num_variables]
    return Question(row=row, values=tuple(values.tolist()), is_known=tuple(flat.tolist()))


def heard(about: Subject, checkpoint: str, said: Any) -> Question:
    """What the drawing in the browser says, checked. Raises MadeError for what does not fit.

    Without values it asks for those of the row that it names.
    """
    size, highest = about.info.num_variables, about.info.num_categories - 1
    try:
        row = int(said["row"]) % num_rows(about)
        given = said["values"]
        values = original(about, checkpoint, row) if given is None else given
        question = Question(
            row=row,
            values=tuple(int(value) for value in values),
            is_known=tuple(bool(value) for value in said["known"]),
            way=str(said["way"]),
            num_particles=int(said["particles"]),
            seed=int(said["seed"]) % MAX_SEED,
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise MadeError("The drawing could not be read: reload the page.") from None
    fits = len(question.values) == len(question.is_known) == size
    if not fits or not all(0 <= value <= highest for value in question.values):
        raise MadeError(
            f"The drawing does not fit these data of {size} variables with the values 0 … "
            f"{highest}: reload the page."
        )
    if question.num_particles not in NUM_PARTICLES:
        raise MadeError(f"Choose {', '.join(map(str, NUM_PARTICLES))} particles.")
    return question


def ways(about: Subject, question: Question) -> Open:
    """Which ways are open, found without torch."""
    bank = loading.bank_of(about.run, about.info)
    return open_ways(bank, bank.evaluation_indices(), question.known)


def chosen_way(found: Open, question: Question) -> str:
    """The way that is gone: the one that was asked for, or the best that is open."""
    return question.way if question.way in found.ways else found.ways[0]


def ask(run_id: str, checkpoint: str, question: Question) -> Answer:
    """Complete: twenty rows to look at and the figures of all. Raises MadeError."""
    import torch

    from made.density.density import Density
    from made.density.particles import Particles, complete

    with opened(run_id, checkpoint) as loaded:
        model, info = loaded.model, loaded.info
        if not isinstance(model, Density):
            raise MadeError("A plain autoencoder has no density to complete anything from.")
        network, known = model.network, question.known
        found = open_ways(network.bank, model.mask_sets, known)
        way = chosen_way(found, question)
        generator = torch.Generator().manual_seed(question.seed)
        count = question.num_particles
        started = time.perf_counter()
        with threads_for(count):
            if way == EXACT or (way == AGNOSTIC and found.agnostic):
                density = model if way == EXACT else model.with_mask_sets(found.agnostic)
                particles = Particles.equal(density.sample(count, generator, observed=known))
            elif way == AGNOSTIC:
                own = known_first(network.bank, known, np.random.default_rng(question.seed))
                particles = complete(network, own, known, count, generator)
            else:
                particles = complete(network, model.mask_sets, known, count, generator)
            rows = particles.choose(NUM_SHOWN, generator)
        seconds = time.perf_counter() - started
    return Answer(
        rows=rows.numpy().astype(smallest_type(info.num_categories)),
        mean=particles.mean() / max(info.num_categories - 1, 1),
        way=way,
        num_particles=len(particles.rows),
        sample_size=particles.sample_size,
        num_ancestors=particles.num_ancestors,
        num_families=particles.num_families,
        num_resamplings=particles.num_resamplings,
        sample_sizes=particles.sample_sizes if way == MONTE_CARLO else np.empty(0),
        seconds=seconds,
    )


def largest_error(answer: Answer) -> float:
    """The standard error that the mean of a variable has at most, in units of its range."""
    return 1 / (2 * math.sqrt(answer.num_families))


def trust(answer: Answer, thing: str = "pixel") -> Trust:
    """How far the completions can be trusted, and why. thing: what a variable is called."""
    if answer.way != MONTE_CARLO:
        return Trust("Exact", "Each completion is an independent draw of what the model believes.")
    error = largest_error(answer)
    word = "High" if error <= HIGH else "Fair" if error <= FAIR else "Low"
    worth = significant(answer.num_families, 3)
    why = (
        f"Worth {worth} independent draws: the mean of a {thing} is off by at most "
        f"±{significant(error, 2)}, one standard error."
    )
    if word == "Low":
        why += " Take more particles, or hide less."
    return Trust(word, why)


def figures(answer: Answer) -> list[dict[str, str]]:
    """The figures beside the word: what each is called, the number, and of how many."""
    of = f"of {answer.num_particles:,}"
    return [
        {"title": "Effective sample size", "value": f"{answer.sample_size:,.1f}", "of": of},
        {"title": "Distinct ancestors", "value": f"{answer.num_ancestors:,}", "of": of},
        {"title": "Resamplings", "value": f"{answer.num_resamplings:,}", "of": ""},
    ]


def way_list(about: Subject, found: Open, way: str) -> list[Mapping[str, Any]]:
    """The three ways, which one is gone, and for a closed one why it is so."""
    closed = _why_closed(about)
    return [
        {
            "name": name,
            "title": title,
            "isOpen": name in found.ways,
            "isChosen": name == way,
            "why": "" if name in found.ways else closed[name],
        }
        for name, title in WAY_TITLES.items()
    ]


def way_line(about: Subject, found: Open, way: str) -> str:
    """Which way was gone, or what the closed ones would want, in one line."""
    things = noun(2, thing(about))
    if way == EXACT:
        return f"The given {things} come first in the ordering: the others are drawn exactly."
    if way == AGNOSTIC and found.agnostic:
        one = counted(len(found.agnostic), "ordering")
        return f"In {one} of the run the given {things} come first: exact under them."
    if way == AGNOSTIC:
        return f"An ordering was built with the given {things} first: exact under it."
    closed = [why for name, why in _why_closed(about).items() if name not in found.ways]
    return "; ".join(closed) + "." if closed else "Each particle is weighed by what is given."


def thing(about: Subject) -> str:
    """What a variable is called."""
    return "pixel" if about.info.image_shape else "variable"


def _why_closed(about: Subject) -> dict[str, str]:
    things = noun(2, thing(about))
    bank = loading.bank_of(about.run, about.info)
    many = bank.num_orderings
    wants = "agnostic a run trained on many orderings"
    if many > 1:
        wants = f"agnostic one of the run's {many} orderings that begins with them"
    return {EXACT: f"Exact wants the given {things} first in the ordering", AGNOSTIC: wants}

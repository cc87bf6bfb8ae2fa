"""What the two drawings of Inpainting get: the sheet that is brushed on, and its completions."""

from __future__ import annotations

from typing import Any

import numpy as np

from made.base.text import noun, significant
from made.density.known_first import MONTE_CARLO, RESAMPLE_BELOW
from made.plots.palette import SEQUENTIAL
from made.views import inpainting
from made.views.inpainting import NUM_PARTICLES, Answer, Question
from made.views.sample_views import Subject

TALLEST = 118  # pixels of a completion on the screen, so that four rows stand above the fold


def sheet(about: Subject, question: Question, original: np.ndarray) -> dict[str, Any]:
    """The sheet. original: the row as it was before anything was drawn, integers (D,)."""
    found = inpainting.ways(about, question)
    way = inpainting.chosen_way(found, question)
    things = noun(2, inpainting.thing(about))
    rows, columns = inpainting.shape(about)
    return {
        "sheet": f"{about.run.id}-{question.row}",
        "row": question.row,
        "columns": columns,
        "top": about.info.num_categories - 1,
        "original": original.tolist(),
        "values": list(question.values),
        "known": list(question.is_known),
        "ways": inpainting.way_list(about, found, way),
        "way": question.way,
        "line": inpainting.way_line(about, found, way),
        "seed": question.seed,
        "particles": question.num_particles,
        "particleCounts": list(NUM_PARTICLES),
        "things": things,
        "kind": "image" if about.info.image_shape else "row",
        "label": (
            f"Sheet of {rows} × {columns} {things}. Arrow keys move, Space uses the brush; "
            "H hides, G gives, I inks, E erases; [ and ] change its size."
        ),
    }


def completions(
    about: Subject, question: Question, original: np.ndarray, answer: Answer
) -> dict[str, Any]:
    """The pictures at the right, and the figures of trust under them."""
    rows, columns = inpainting.shape(about)
    thing = inpainting.thing(about)
    verdict = inpainting.trust(answer, thing)
    num_given = sum(question.is_known)
    is_binary = about.info.num_categories == 2
    return {
        "title": "Twenty completions",
        "things": noun(2, thing),
        "alt": (
            f"Twenty completions of a sheet of {rows} × {columns} {noun(2, thing)}, of which "
            f"{num_given} are given. Trust: {verdict.word.lower()}."
        ),
        "columns": columns,
        "tallest": TALLEST,
        "top": about.info.num_categories - 1,
        "known": list(question.is_known),
        "rows": answer.rows.tolist(),
        "mean": answer.mean.round(3).tolist(),
        "meanTitle": f"Mean of {answer.num_particles:,}",
        "meanUnit": "p(x = 1 | given)" if is_binary else "mean value, given",
        "colours": list(SEQUENTIAL),
        "original": original.tolist(),
        "origin": inpainting.row_name(about, question.row),
        "trust": {"word": verdict.word, "why": verdict.why},
        "figures": inpainting.figures(answer) if answer.way == MONTE_CARLO else [],
        "sizes": answer.sample_sizes.round(1).tolist(),
        "particles": answer.num_particles,
        "threshold": answer.num_particles * RESAMPLE_BELOW,
    }


def time_line(answer: Answer) -> str:
    """How many completions, by which way, in what time."""
    way = inpainting.WAY_TITLES[answer.way].lower()
    return f"{answer.num_particles:,} completions, {way}, in {significant(answer.seconds)} s"

"""One run through its epochs, as the matrix shows it: the data, then what the model had learned."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from made import datasets
from made.base.errors import MadeError
from made.plots.cells import data_address
from made.runs.folder import LIVING, Run
from made.studies.grid import Cell
from made.studies.readings import measure_of, read
from made.views import comparison
from made.views.cell_pictures import TITLES, Painter, kinds
from made.views.matrix import said, scale_of

LEAST = 2  # pictures that make a film
NUM_TILES, TILES_ACROSS = 64, 8


def has_film(run: Run) -> bool:
    """Whether a run at rest has kept the pictures of several epochs."""
    return run.state not in LIVING and len(run.sample_epochs()) >= LEAST


def film(run: Run) -> dict[str, Any]:
    """What the matrix component needs. Raises MadeError where the run cannot be read."""
    reading = read(run)
    info = None
    with suppress(MadeError):
        info = datasets.info(reading.config.data)
    known = comparison.reference(run)
    measure = measure_of([reading])
    cell = Cell(name="", column=0, row=0, readings=(reading,), measure=measure)
    painters = [
        Painter(kind=kind, info=info, known=known, num_tiles=NUM_TILES, tiles_across=TILES_ACROSS)
        for kind in kinds([reading], info, known)
        if kind != "ratio"
    ]
    truth = painters[0].truth()
    what = "exact KL" if measure.is_exact else f"validation {measure.title}"
    return {
        "isFilm": True,
        "columns": [TITLES[painter.kind] for painter in painters],
        "rows": [{"title": "", "notes": []}],
        "truth": None if truth is None else data_address(truth),
        "truthTitle": "Data",
        "measure": f"Through training: {what}, {measure.unit}",
        "isExact": measure.is_exact,
        "numSeeds": 1,
        "firstEpoch": reading.first_epoch,
        "lastEpoch": reading.num_epochs,
        "scale": scale_of(painters[0]),
        "cells": [_cell(cell, painter, place) for place, painter in enumerate(painters)],
        "ties": [],
        "curves": None,
    }


def _cell(cell: Cell, painter: Painter, place: int) -> dict[str, Any]:
    """One kind of picture through all epochs; the figure stands below the first."""
    painted = {epoch: painter.at(cell, epoch) for epoch in painter.epochs(cell)}
    pictures = {epoch: pixels for epoch, pixels in painted.items() if pixels is not None}
    at_best = painter.at_best(cell)
    (reading,) = cell.readings
    epochs = range(reading.first_epoch, cell.num_epochs + 1)
    figures = [said(cell.at(epoch)) if place == 0 else None for epoch in epochs]
    return {
        "column": place,
        "row": 0,
        "name": TITLES[painter.kind],
        "isBest": False,
        "chip": "",
        "hasMemorised": False,
        "isBeaten": False,
        "best": said(cell.at(cell.mean_best_epoch)) if place == 0 else None,
        "bestEpoch": cell.mean_best_epoch,
        "bestEpochs": str(cell.mean_best_epoch),
        "numEpochs": cell.num_epochs,
        "figures": figures,
        "kept": list(pictures),
        "pictures": [data_address(pixels) for pixels in pictures.values()],
        "bestPicture": None if at_best is None else data_address(at_best),
        "learning": None,
    }

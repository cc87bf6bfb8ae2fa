"""Densities, log-ratios, samples and digit grids, drawn afresh from several runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from made import plots
from made.base.errors import MadeError
from made.datasets import DatasetInfo
from made.runs.folder import Run
from made.views import comparison, comparison_pictures
from made.views.comparison import RunRow
from made.views.comparison_pictures import ACROSS, POINTS, ROWS, Drawing, density_rows, ratio_figure
from made.views.run_views import Reference
from pages.shared.pictures import show_picture
from pages.shared.plain_text import plain


def side_by_side(rows: Sequence[RunRow], known: Reference, key: str) -> None:
    """What the models of one group draw, from the same random numbers and on one scale."""
    info = rows[0].info
    if info is None:
        st.info(
            f"The data '{rows[0].config.data.dataset}' are gone, so nothing can be drawn of them.",
            icon=":material/image_not_supported:",
        )
        return
    if not rows[0].has_density:
        _reconstructions(rows, info, known)
    elif info.is_joint:
        _joints(rows, known, key)
    else:
        _samples(rows, info, known, key)


def _drawings(rows: Sequence[RunRow], number: int, seed: int) -> list[Drawing]:
    """What each run draws; those that cannot draw, and why, are named on the page."""
    drawings, waiting = [], []
    with st.spinner("Drawing from the models…"):
        for name, row in zip(comparison.short_names(rows), rows, strict=True):
            try:
                drawing = _drawing(name, row, number, seed)
            except (MadeError, OSError) as error:
                reason = error if isinstance(error, MadeError) else "Its folder has just gone."
                st.warning(plain(f"{name}: {reason}"), icon=":material/image_not_supported:")
                continue
            if drawing is None:
                waiting.append(name)
            else:
                drawings.append(drawing)
    if waiting:
        st.caption(
            f":material/hourglass_empty: Nothing to draw from yet: {plain(', '.join(waiting))}."
        )
    return drawings


def _controls(is_joint: bool, key: str) -> tuple[int, int]:
    options = POINTS if is_joint else ROWS
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.segmented_control(
            "Samples of each model",
            options,
            default=options[2],
            required=True,
            format_func=lambda count: f"{count:,}",
            key=f"compare_number_{key}",
            persist_state="session",
        )
        seed = st.number_input(
            "Seed",
            min_value=0,
            max_value=2**31 - 1,
            value=0,
            step=1,
            key=f"compare_seed_{key}",
            help="All models draw from the same random numbers: those of this seed.",
            width=140,
            persist_state="session",
        )
    return number, seed


def _drawing(name: str, row: RunRow, number: int, seed: int) -> Drawing | None:
    """What a run draws, or None before its first epoch. Raises MadeError, OSError."""
    run = Run.open(row.id)
    if row.has_density and not row.is_living:
        stamp = run.checkpoint_path("best").stat().st_mtime_ns
        return comparison_pictures.drawing(name, _drawn(row.id, stamp, number, seed))
    arrays, epoch = comparison_pictures.latest(run)
    return comparison_pictures.drawing(name, arrays, epoch) if arrays else None


@st.cache_data(max_entries=48, show_spinner=False)
def _drawn(run_id: str, stamp: int, number: int, seed: int) -> dict[str, np.ndarray]:
    """stamp: the time of the checkpoint, so that a newer one is drawn from anew."""
    return comparison_pictures.draw_best(run_id, number, seed)


def _joints(rows: Sequence[RunRow], known: Reference, key: str) -> None:
    exact = st.container()
    st.markdown("**Sampled histograms** of each model, on the same colour scale")
    number, seed = _controls(is_joint=True, key=key)
    drawings = _drawings(rows, number, seed)
    if not drawings:
        return
    truth = known.joint
    densities = density_rows(truth, drawings, "density")
    with exact:
        st.markdown("**Exact density** of each model, on one colour scale")
        for place, panels in enumerate(densities):
            figure = plots.density_panel(panels)
            _figure(figure, plots.density_alt(panels), f"compare_density_{key}_{place}")
        if truth is not None:
            st.markdown(
                "**Log-ratio to the truth**, log p(model) − log p(truth): orange (above zero) "
                "where the model gives too much mass, blue (below zero) where too little"
            )
            clip = comparison_pictures.common_clip(truth, drawings)
            for place, panels in enumerate(densities):
                figure, alt = ratio_figure(panels, clip), plots.log_ratio_alt(panels[1:], truth)
                _figure(figure, alt, f"compare_ratio_{key}_{place}")
    _say_training(drawings)
    for place, panels in enumerate(density_rows(truth, drawings, "histogram")):
        figure = plots.density_panel(panels)
        _figure(figure, plots.density_alt(panels), f"compare_histogram_{key}_{place}")


def _say_training(drawings: Sequence[Drawing]) -> None:
    if any(drawing.epoch is not None for drawing in drawings):
        st.caption(
            ":material/info: A run that has not ended shows what it drew after the epoch that is "
            "named, from the seed of its training; the number and the seed above hold for the "
            "others."
        )


def _figure(figure: go.Figure, alt: str, key: str) -> None:
    st.plotly_chart(figure, key=key, alt=alt, config={"displaylogo": False})


def _samples(rows: Sequence[RunRow], info: DatasetInfo, known: Reference, key: str) -> None:
    number, seed = _controls(is_joint=False, key=key)
    drawings = _drawings(rows, number, seed)
    _tiles(drawings, "samples", known, info, number)


def _reconstructions(rows: Sequence[RunRow], info: DatasetInfo, known: Reference) -> None:
    st.caption(
        "A plain autoencoder has no density to sample from: these are its reconstructions of "
        "validation rows."
    )
    drawings = _drawings(rows, 0, 0)
    _tiles(drawings, "reconstructions", known, info, ROWS[2])


def _tiles(
    drawings: Sequence[Drawing], kind: str, known: Reference, info: DatasetInfo, number: int
) -> None:
    if info.image_shape is None:
        st.caption("One row an example, one column a variable; black is the lowest category.")
    for pictures in comparison_pictures.tiles(drawings, kind, known.rows, info, number):
        for column, picture in zip(st.columns(ACROSS), pictures, strict=False):
            with column:
                show_picture(picture)

"""Samples: what a trained model draws, and how it completes an image that is begun."""

from __future__ import annotations

import streamlit as st

from made import plots
from made.runs.folder import Run
from made.views import inference, sample_pictures, sample_views
from made.views.film import has_film
from made.views.sample_views import Request, Subject
from pages.explore.sample_controls import request_controls
from pages.shared.film import show_film
from pages.shared.frame import Places, is_large, is_narrow, is_presenting
from pages.shared.pictures import show_picture
from pages.shared.session import shown_errors

FILM_SHARE = 0.25  # of the height of the window, for a picture: seen whole below what is drawn


def show(place: Places, run: Run) -> None:
    """The tool: what to draw at the left, what was drawn at the right."""
    about = request = reason = None
    with place.controls, shown_errors():
        about = sample_views.subject(run)
        reason = sample_views.why_none(run)
        if reason is None:
            request = request_controls(about)
    with place.picture, shown_errors():
        if about is not None and reason is not None:
            show_why_none(about, reason)
        elif about is not None and request is not None:
            show_samples(about, request)
        if has_film(run):
            st.markdown("**Through training**, from the first epoch that was kept to the last")
            show_film(run, FILM_SHARE)


@st.cache_data(max_entries=8, show_spinner="Drawing samples …")
def draw(
    run_id: str, signature: str, request: Request, observed: tuple[tuple[int, int], ...]
) -> inference.Drawn:
    """signature belongs to the key: a run that trains replaces its checkpoints."""
    return inference.draw(
        run_id,
        checkpoint=request.checkpoint,
        num_samples=request.num_samples,
        seed=request.seed,
        mask_set=request.mask_set,
        observed=dict(observed),
    )


def show_samples(about: Subject, request: Request) -> None:
    """Draw, and show the samples with all that belongs to them."""
    observed = sample_views.given(about, request)
    signature = sample_views.signature(about, request)
    drawn = draw(about.run.id, signature, request, tuple(observed.items()))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(sample_views.time_line(about, drawn, request), width="stretch")
        downloads(about, request, drawn, observed)
    if about.info.is_joint:
        panels = sample_pictures.panels(about, drawn)
        if is_narrow():
            for picture in sample_pictures.density_pictures(panels):
                show_picture(picture)
        else:
            figure = sample_pictures.density_figure(panels, density_height())
            st.plotly_chart(figure, alt=plots.density_alt(panels))
        show_figures(about, request)
    elif about.info.image_shape is None:
        show_picture(sample_pictures.sample_picture(about, drawn, observed))
        show_picture(sample_pictures.data_picture(about, request.num_samples))
        show_figures(about, request)
    else:
        small, large = st.columns([2, 5], gap="medium")
        with large:
            show_picture(sample_pictures.sample_picture(about, drawn, observed))
        with small:
            for picture in sample_pictures.companions(about, request, observed):
                show_picture(picture)
            show_figures(about, request)


def density_height() -> int:
    """In pixels: so that the film of the run is seen whole below."""
    if is_presenting():
        return 476 if is_large() else 330
    return 410 if is_large() else 256


def downloads(
    about: Subject, request: Request, drawn: inference.Drawn, observed: dict[int, int]
) -> None:
    """The picture and the samples as files, made when they are asked for."""
    stem = sample_views.file_stem(about, request)
    st.download_button(
        "PNG",
        lambda: sample_pictures.png(about, drawn, observed),
        f"{stem}.png",
        "image/png",
        icon=":material/image:",
        on_click="ignore",
    )
    st.download_button(
        "NPZ",
        lambda: sample_views.archive(about, drawn, request, observed),
        f"{stem}.npz",
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        help="The samples for numpy, with run, checkpoint and seed.",
    )


def show_figures(about: Subject, request: Request) -> None:
    """The figures of the model that was drawn from, where they are known."""
    if line := sample_views.figure_line(about, request):
        st.markdown(line)


def show_why_none(about: Subject, reason: str) -> None:
    """Say why there is nothing to draw; for a plain autoencoder also show it."""
    st.info(reason, icon=":material/info:")
    if about.run.config.has_density:
        return
    pictures = sample_pictures.why_none(about)
    for column, picture in zip(st.columns(len(pictures), gap="medium"), pictures, strict=True):
        with column:
            show_picture(picture)

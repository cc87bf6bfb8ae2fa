"""Two at once: two runs from the same random numbers, or one run on two rows."""

from __future__ import annotations

import streamlit as st

from made.runs.folder import Run
from made.views import examples, run_views, surprise, two, xray
from made.views.two import Pair
from pages.explore.rows import choose_mask_set
from pages.shared.frame import Places
from pages.shared.pictures import show_picture
from pages.shared.session import readable_runs, shown_errors

WAYS = {"runs": "Two runs", "rows": "One run, two rows"}
NUMBER, POINTS = 36, 10_000


def show(place: Places, run: Run) -> None:
    """The tool: what is laid side by side at the left, the two at the right."""
    with place.controls, shown_errors():
        if reason := xray.why_none(run):
            st.info(reason, icon=":material/info:")
            return
        others = {other.id: other for other in two.partners(run, readable_runs())}
        has_partner = run.config.has_density and bool(others)
        way = st.segmented_control(
            "Side by side",
            list(WAYS),
            default="runs" if has_partner else "rows",
            format_func=WAYS.__getitem__,
            key=f"two-way-{has_partner}",
            required=True,
            width="stretch",
            persist_state="session",
        )
        pair = _runs(run, others) if way == "runs" else _rows(run)
        if pair is not None:
            with place.picture:
                _show(pair)


def _runs(run: Run, others: dict[str, Run]) -> Pair | None:
    if not run.config.has_density:
        st.info("A plain autoencoder has nothing to draw from: look at two rows instead.")
        return None
    if not others:
        st.info(
            "There is no second run of the same data with a model: train one with another set-up.",
            icon=":material/info:",
        )
        return None
    second = st.selectbox(
        "The second run",
        list(others),
        format_func=lambda run_id: run_views.run_title(others[run_id]),
        key=f"two-second-{run.id}",
        persist_state="session",
    )
    seed = st.number_input("Seed", 0, 2**31 - 1, key="two-seed", persist_state="session")
    number = POINTS if run.data_arrays().get("joint") is not None else NUMBER
    return two.two_runs(run, others[second], number, int(seed))


def _rows(run: Run) -> Pair:
    shown = examples.examples(run)
    numbers = [
        int(
            st.number_input(
                f"{which} {shown.title.lower()}",
                0,
                shown.last,
                min(index, shown.last),
                key=f"two-row-{index}-{run.id}",
                persist_state="session",
            )
        )
        for index, which in enumerate(("First", "Second"))
    ]
    if shown.note:
        st.caption(f":material/info: {shown.note}")
    mask_set = choose_mask_set(run)
    first, second = (surprise.surprise(run, shown.row(number), mask_set) for number in numbers)
    return two.two_rows(
        first, second, (f"{shown.title} {numbers[0]}", f"{shown.title} {numbers[1]}")
    )


def _show(pair: Pair) -> None:
    st.markdown(pair.said)
    for figure, alt in pair.figures:
        st.plotly_chart(figure, alt=alt)
    for left, right in pair.pictures:
        # The third column stays empty: two rows of such pictures stand on one screen.
        columns = st.columns(3, gap="medium")[:2]
        for column, picture in zip(columns, (left, right), strict=True):
            with column:
                show_picture(picture)

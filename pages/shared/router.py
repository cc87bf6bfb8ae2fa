"""The frame around every page: its title, its icon and the navigation."""

from pathlib import Path

import streamlit as st

from made import plots

PAGES = Path(__file__).parents[1]

st.set_page_config(page_title="MADE", page_icon=plots.icon(), layout="wide")

st.navigation(
    [
        st.Page(PAGES / "train.py", title="Train", icon=":material/play_circle:", default=True),
        st.Page(PAGES / "samples.py", title="Samples", icon=":material/grid_view:"),
        st.Page(PAGES / "compare.py", title="Compare", icon=":material/compare:"),
        st.Page(PAGES / "data.py", title="Data", icon=":material/database:"),
    ],
    position="top",
).run()

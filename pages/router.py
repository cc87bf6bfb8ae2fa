"""The frame around every page: its title, its icon and the navigation."""

from pathlib import Path

import streamlit as st

from made import plots
from pages.shared import frame

PAGES = Path(__file__).parent
ICONS = {
    "train": ":material/play_circle:",
    "samples": ":material/grid_view:",
    "compare": ":material/compare:",
    "data": ":material/database:",
}

st.set_page_config(page_title="MADE", page_icon=plots.icon(), layout="wide")

page = st.navigation(
    [
        st.Page(
            PAGES / name / "page.py",
            title=name.capitalize(),
            icon=icon,
            url_path=name,
            default=name == "train",
        )
        for name, icon in ICONS.items()
    ],
    position="top",
)
frame.begin()
content = st.container()
frame.switch()
with content:
    page.run()

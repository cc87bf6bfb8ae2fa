"""The frame around every page: its title, its icon and the navigation."""

from pathlib import Path

import streamlit as st

from made import plots
from pages.shared import entrance, frame
from pages.shared.session import shown_errors
from pages.shared.way_back import show_way_back

PAGES = Path(__file__).parent
ICONS = {
    "train": ":material/play_circle:",
    "explore": ":material/biotech:",
    "compare": ":material/compare:",
    "learn": ":material/school:",
    "data": ":material/database:",
}

CLASS = {"classroom": ":material/groups:"}
TITLES = {"classroom": "Class"}

st.set_page_config(page_title="MADE", page_icon=plots.icon(), layout="wide")

page = st.navigation(
    [
        st.Page(
            PAGES / name / "page.py",
            title=TITLES.get(name, name.capitalize()),
            icon=icon,
            url_path=name,
            default=name == "train",
        )
        for name, icon in (ICONS | (CLASS if entrance.is_class() else {})).items()
    ]
    + [st.Page(PAGES / "explore" / "old_link.py", url_path="samples", visibility="hidden")],
    position="top",
)
frame.begin()
content = st.container()
frame.switch()
with content:
    if entrance.is_open():
        show_way_back(page.url_path)
        with shown_errors():
            page.run()
entrance.keep_in_mind()

"""The router: `python -m streamlit run app.py`."""

import streamlit as st

st.set_page_config(page_title="MADE", page_icon=":material/grid_view:", layout="wide")

st.navigation(
    [
        st.Page("pages/train.py", title="Train", icon=":material/play_circle:", default=True),
        st.Page("pages/samples.py", title="Samples", icon=":material/grid_view:"),
        st.Page("pages/compare.py", title="Compare", icon=":material/compare:"),
        st.Page("pages/data.py", title="Data", icon=":material/database:"),
    ],
    position="top",
).run()

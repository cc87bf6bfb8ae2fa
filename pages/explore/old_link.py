"""The address of what once was a page of its own: goes on to that tool with the same run."""

from pathlib import Path

import streamlit as st

st.switch_page(
    Path(__file__).with_name("page.py"),
    query_params={"tool": "samples"} | st.query_params.to_dict(),
)

"""Figures of a dataset, side by side, or on a phone one after another."""

import streamlit as st

from made.views.data_views import Fact
from pages.shared.frame import is_narrow


def show_facts(facts: list[Fact]) -> None:
    if is_narrow():
        with st.container(horizontal=True):
            for fact in facts:
                st.metric(fact.label, fact.value, help=fact.help, width="content")
        return
    for column, fact in zip(st.columns(len(facts)), facts, strict=True):
        column.metric(fact.label, fact.value, help=fact.help)

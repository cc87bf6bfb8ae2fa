"""Compare: what was varied, as pictures with a verdict; then the figures and the table of runs."""

from copy import copy

import streamlit as st

from made.runs.folder import Run
from made.views import cell_table, comparison
from made.views.story import told
from pages.compare.closer import look_closer
from pages.compare.layout import Layout
from pages.compare.manage import say_done
from pages.compare.runs_table import runs_table
from pages.compare.selection import (
    chosen_rows,
    say_corrections,
    say_failures,
    unreadable_runs,
    watch,
)
from pages.compare.story import say_details, say_headline, show_story, switches
from pages.compare.studies import picker, unreadable_studies
from pages.shared.plain_text import plain
from pages.shared.session import readable_runs, shown_errors

layout = Layout()
with layout.controls:
    study = picker(is_whole=not layout.is_presented)
rows = comparison.read_rows(readable_runs())
chosen = chosen_rows(rows, None if study is None else [run.id for run in study.runs()])
groups = comparison.groups(chosen)
axes = () if study is None else study.study.fields

say_corrections()
if len(groups) > 1:
    st.info(
        "The runs are grouped by their data: NLL of different data are not comparable, for they "
        "measure different things.",
        icon=":material/category:",
    )
for group in groups:
    key = "-".join(map(str, group[0].group))
    if len(groups) > 1:
        st.subheader(plain(comparison.group_title(group)), anchor=False, divider="gray")
    with shown_errors():
        with st.container(gap="xsmall"):
            story = told([Run.open(row.id) for row in group], axes)
            with layout.headline():
                say_headline(story)
            if not layout.is_presented:
                say_details(story, study)
            with layout.switches():
                kind, seed = switches(story, key)
            show_story(story, kind, seed, group, key, study.study if study else None)
            if layout.is_presented:
                say_details(story, study)
        with layout.folded("Figures", ":material/table:"):
            for caution in comparison.cautions(group):
                st.caption(f":material/info: {plain(caution)}")
            st.dataframe(
                copy(story.table),
                key=f"compare_figures_{key}",
                hide_index=True,
                placeholder="–",
                alt=cell_table.cells_alt(story.grid),
            )
            look_closer(story, group, key)
if not rows:
    st.info(
        "There is no run to compare yet: press New study, which asks one question of several "
        "runs, or train one on the Train page.",
        icon=":material/compare:",
    )
elif not chosen and study is None:
    st.info("No run is selected: tick rows of the table.", icon=":material/checklist:")
with layout.folded("Runs", ":material/list:"):
    say_failures(chosen)
    watch(rows, chosen)
    if rows:
        runs_table(rows, chosen)
    unreadable_runs()
    say_done()
    unreadable_studies()

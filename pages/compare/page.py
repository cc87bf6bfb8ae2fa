"""Compare: pick runs, see their curves, their figures and what they draw side by side."""

import streamlit as st

from made.runs.folder import Run
from made.views import comparison, comparison_tables
from made.views.story import tell
from pages.compare.encodings import say_queued, train_all_button
from pages.compare.pictures import side_by_side
from pages.compare.selection import (
    chosen_rows,
    runs_table,
    say_corrections,
    say_failures,
    unreadable_runs,
    watch,
)
from pages.compare.story import say_verdict, show_story
from pages.shared.session import readable_runs, shown_errors

rows = comparison.read_rows(readable_runs())
chosen = chosen_rows(rows)
groups = comparison.groups(chosen)

with st.container(horizontal=True, vertical_alignment="center"):
    st.header("Compare runs", anchor=False, width="stretch")
    train_all_button(rows)
say_queued(rows)
say_corrections()
if not rows:
    st.info(
        "There is no run to compare yet: train all encodings with the button above, or one run "
        "on the Train page.",
        icon=":material/compare:",
    )
    unreadable_runs()
    st.stop()
runs_table(rows, chosen)
unreadable_runs()
watch(rows, chosen)
if not chosen:
    st.info("No run is selected: tick rows of the table.", icon=":material/checklist:")
    st.stop()
say_failures(chosen)
if len(groups) > 1:
    st.info(
        "The runs are grouped by their data: NLL of different data are not comparable, for they "
        "measure different things.",
        icon=":material/category:",
    )
for group in groups:
    key = "-".join(map(str, group[0].group))
    if len(groups) > 1:
        st.subheader(comparison.group_title(group), anchor=False, divider="gray")
    with shown_errors():
        story = tell([Run.open(row.id) for row in group])
        say_verdict(story.verdict)
        show_story(story, key)
        known = comparison.reference(Run.open(group[0].id))
        st.markdown("**Figures** of the best epoch of each run")
        st.dataframe(
            comparison_tables.as_text(comparison_tables.figures_table(group)),
            key=f"compare_figures_{key}",
            hide_index=True,
            placeholder="–",
            alt=comparison_tables.figures_alt(group),
        )
        for caution in comparison.cautions(group):
            st.caption(f":material/info: {caution}")
        side_by_side(group, known, key)
st.download_button(
    "Download figures as CSV",
    comparison_tables.csv_text(chosen),
    file_name="made-comparison.csv",
    mime="text/csv",
    icon=":material/download:",
    on_click="ignore",
    help="All figures in full precision, and every setting.",
)

"""Class: who one is, what one has used of one's limits; for the teacher, everybody's runs."""

import streamlit as st

from made.people import acting
from made.runs import allowance
from made.views import class_view
from pages.classroom.teaching import say_taught, teaching
from pages.shared import entrance
from pages.shared.plain_text import plain

person = acting.person()
if person is None or not entrance.is_class():
    st.info("This dashboard is no class: who is here may do what the other pages offer.")
    st.stop()
with st.container(horizontal=True, vertical_alignment="center"):
    role = " · teacher" if person.is_teacher else ""
    st.markdown(f":material/person: **{plain(person.name)}**{role}", width="stretch")
    st.button("Leave", icon=":material/logout:", on_click=entrance.leave)
say_taught()
if limits := acting.limits():
    lines = class_view.used_lines(person, allowance.own_runs(), limits)
    st.markdown("\n".join(f"- {line}" for line in lines))
    st.caption(
        "Everybody's runs are there to look at and to copy; only who has begun one, and the "
        "teacher, can stop, change, rename or delete it."
    )
else:
    teaching()

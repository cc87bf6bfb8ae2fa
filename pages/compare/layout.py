"""Where the Compare page puts its parts: at a desk all in sight, for a room the story alone.

The story is verdict, matrix and curves. Its controls fold into a menu, figures and runs below it.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.frame import is_presenting


class Layout:
    """The places of one page, from its head to its foot."""

    def __init__(self) -> None:
        self.is_presented = is_presenting()
        self._headline: DeltaGenerator | None = None
        self.controls: DeltaGenerator
        if self.is_presented:
            row = st.container(horizontal=True, vertical_alignment="center")
            self._headline = row.container(width="stretch")
            self.controls = row.popover("Controls", icon=":material/tune:")
        else:
            self.controls = st.container()

    def headline(self) -> DeltaGenerator:
        """For the verdict of a group of runs: that of the first shares its line with the menu."""
        place, self._headline = self._headline, None
        return st.container() if place is None else place

    def switches(self) -> DeltaGenerator:
        """For what the pictures of a group show."""
        return self.controls if self.is_presented else st.container()

    def folded(self, title: str, icon: str) -> DeltaGenerator:
        """For what is not the story itself."""
        return st.expander(title, icon=icon) if self.is_presented else st.container()

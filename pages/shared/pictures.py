"""Pictures as they were drawn: PNG, for Streamlit would send JPEG, here larger and not exact."""

from __future__ import annotations

import streamlit as st

from made.views.pictures import Picture


def show_picture(picture: Picture | None) -> None:
    """A picture over its title, as wide as its column; nothing for None."""
    if picture is not None:
        st.image(
            picture.png(),
            caption=picture.title,
            alt=picture.alt,
            width="stretch",
            output_format="PNG",
        )

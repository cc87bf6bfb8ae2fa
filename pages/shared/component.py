"""Drawings of our own: a component out of the files NAME.html, NAME.css and NAME.js of a folder."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_SHARED = Path(__file__).parent
# One object for each place, for what a person does to outlive a change of the data.
_KEEPER = _SHARED / "keeper.js"
# Canvas, colours and keys, for every drawing that asks for them.
DRAWING = _SHARED / "drawing.js"


def component(
    folder: Path, name: str, *modules: Path, style: str | None = None
) -> ComponentRenderer:
    """The component "made_NAME". modules: JavaScript that stands before NAME.js, in this order.

    The browser gets them as one module: what one declares at its top level the next ones see.
    style: the name of a style sheet that several share, by default NAME.
    """
    return st.components.v2.component(
        f"made_{name.replace('-', '_')}",
        html=_text(folder / f"{name}.html"),
        css=_text(folder / f"{style or name}.css"),
        js="\n".join(_text(path) for path in [_KEEPER, *modules, folder / f"{name}.js"]),
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")

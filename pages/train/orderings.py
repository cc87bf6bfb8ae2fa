"""The choice of an ordering: a tile each, coloured by place, and a grid to paint one's own."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from made import plots
from made.datasets import DatasetInfo
from made.setups.config import ExperimentConfig, field_help, field_title
from made.views import ordering_views
from made.views.ordering_views import OrderingTile
from pages.shared.component import component
from pages.shared.setup import PREFIX

TILES, PAINTING = "orderings", "painted-ordering"
_FOLDER = Path(__file__).parent


_tiles = component(_FOLDER, "orderings")
_painting = component(_FOLDER, "painting")


def ordering_tiles(config: ExperimentConfig, info: DatasetInfo, off: Mapping[str, str]) -> None:
    """All orderings; one click chooses. Those that these data cannot have say why."""
    reason = off.get("ordering")
    _tiles(
        data={
            "title": field_title("ordering"),
            "help": reason or field_help("ordering"),
            "off": reason is not None,
            "chosen": st.session_state[PREFIX + "ordering"],
            "colours": plots.PLACES,
            "tiles": [_tile(tile) for tile in ordering_views.ordering_tiles(config, info)],
        },
        key=TILES,
        on_chosen_change=_choose,
    )
    if reason is None:
        st.caption(ordering_views.ordering_line(config, info))


def painting(config: ExperimentConfig, info: DatasetInfo) -> None:
    """The grid of a given ordering; a finished stroke comes back as the list beside it."""
    canvas = ordering_views.canvas(config, info)
    if canvas is not None:
        _painting(
            data={**asdict(canvas), "colours": plots.PLACES},
            key=PAINTING,
            on_painted_change=_paint,
        )


def _tile(tile: OrderingTile) -> dict[str, Any]:
    png = tile.picture and base64.b64encode(tile.picture).decode()
    return {**asdict(tile), "picture": png and f"data:image/png;base64,{png}"}


def _choose() -> None:
    st.session_state[PREFIX + "ordering"] = st.session_state[TILES]["chosen"]


def _paint() -> None:
    """Only text goes on from the browser: the field of the list reads and checks it."""
    painted = st.session_state[PAINTING]["painted"]
    st.session_state[PREFIX + "permutation"] = ", ".join(map(str, painted["first"]))

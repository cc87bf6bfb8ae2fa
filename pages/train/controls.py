"""The controls of the set-up, one a field of the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from made.base import devices
from made.datasets import DatasetInfo
from made.setups.config import (
    ExperimentConfig,
    field_help,
    field_option_title,
    field_options,
    field_title,
)
from made.views import data_views
from pages.shared.fields import field_words, number_field
from pages.shared.plain_text import plain
from pages.shared.setup import PREFIX
from pages.train.mask_panel import mask_verdict
from pages.train.orderings import ordering_tiles, painting

MOST_IN_SIGHT = 3


class Controls:
    """Draws controls for one dataset; those without effect are off and say why."""

    def __init__(self, info: DatasetInfo, off: Mapping[str, str], cautions: Mapping[str, str]):
        self.info = info
        self.off = off
        self.cautions = cautions

    def _shared(self, name: str) -> dict[str, Any]:
        return {"key": PREFIX + name, **field_words(name, self.off)}

    def choice(self, name: str) -> None:
        """A few options side by side, all in sight; more of them fold into a menu."""
        options = field_options(name) or ()
        if len(options) > MOST_IN_SIGHT:
            self.menu(name)
            return
        st.segmented_control(
            **self._shared(name),
            options=options,
            format_func=partial(field_option_title, name),
            required=True,
            width="stretch",
            wrap=True,
        )

    def menu(self, name: str) -> None:
        st.selectbox(
            **self._shared(name),
            options=field_options(name) or (),
            format_func=partial(field_option_title, name),
        )

    def switch(self, name: str) -> None:
        st.toggle(**self._shared(name))

    def number(self, name: str) -> None:
        number_field(name, **self._shared(name))

    def text(self, name: str) -> None:
        st.text_input(**self._shared(name))

    def reasons(self, *names: str) -> None:
        """Why controls of this group are off, each reason once."""
        reasons = dict.fromkeys(self.off[name] for name in names if name in self.off)
        for reason in reasons:
            st.caption(f":material/info: {plain(reason)}")

    def warn(self, *names: str) -> None:
        """What the values of these controls will do that is hardly meant."""
        for name in names:
            if name in self.cautions and name not in self.off:
                st.caption(f":orange[:material/warning:] {plain(self.cautions[name])}")

    def group(self, title: str, icon: str, *names: str) -> ExpanderContainer:
        """Controls that are folded away, unless one of the named ones has something to warn of."""
        warned = not self.cautions.keys().isdisjoint(names)
        return st.expander(title, warned, icon=":material/warning:" if warned else icon)

    def pair(self, *draws: Callable[[], None]) -> None:
        """Controls next to each other."""
        columns = st.columns(len(draws), vertical_alignment="bottom")
        for column, draw in zip(columns, draws, strict=True):
            with column:
                draw()


def draw_controls(
    config: ExperimentConfig,
    info: DatasetInfo,
    off: Mapping[str, str],
    cautions: Mapping[str, str],
) -> None:
    """The whole set-up from top to bottom: what matters most first, the rest folded away.

    What belongs to one choice alone, such as the bounds of a range, shows only beside that choice.
    """
    c = Controls(info, off, cautions)
    _dataset(c)
    c.choice("encoding")
    c.reasons("encoding")
    if "encoding_width" not in off:
        c.number("encoding_width")
    _ordering(c, config)
    c.pair(lambda: c.number("num_orderings"), lambda: c.number("num_connectivities"))
    c.reasons("num_orderings", "num_connectivities")
    _masks(c, config)
    _network(c)
    _training(c)
    _device(c)


def _dataset(c: Controls) -> None:
    st.selectbox(
        field_title("dataset"),
        data_views.names(),
        format_func=data_views.title_of,
        key=PREFIX + "dataset",
        help=field_help("dataset"),
        persist_state="session",
    )
    if "num_samples" not in c.off:
        c.pair(lambda: c.number("num_samples"), lambda: c.number("grid_size"))


def _ordering(c: Controls, config: ExperimentConfig) -> None:
    ordering_tiles(config, c.info, c.off)
    c.reasons("ordering")
    if "permutation" not in c.off:
        painting(config, c.info)
        c.text("permutation")


def _masks(c: Controls, config: ExperimentConfig) -> None:
    with c.group("Masks", ":material/grid_on:", "autoregressive"):
        c.switch("autoregressive")
        c.warn("autoregressive")
        c.choice("degrees")
        if c.off.keys().isdisjoint(("degree_low", "degree_high")):
            c.pair(lambda: c.number("degree_low"), lambda: c.number("degree_high"))
        c.pair(lambda: c.number("mask_interval"), lambda: c.number("ensemble_size"))
        c.number("mask_seed")
        c.reasons("autoregressive", "degrees", "mask_interval", "ensemble_size", "mask_seed")
        if "autoregressive" not in c.off:
            mask_verdict(config, c.info)


def _network(c: Controls) -> None:
    with st.expander("Network", icon=":material/hub:"):
        c.choice("model")
        c.choice("head")
        if "num_components" not in c.off:
            c.number("num_components")
        c.text("hidden_sizes")
        c.pair(lambda: c.menu("activation"), lambda: c.number("dropout"))
        c.switch("direct_connections")
        c.switch("residual_connections")
        c.reasons("hidden_sizes", "activation", "dropout", "direct_connections")
        c.reasons("residual_connections")


def _training(c: Controls) -> None:
    with c.group("Training", ":material/tune:", "learning_rate", "batch_size"):
        c.pair(lambda: c.number("epochs"), lambda: c.number("look_ahead"))
        c.pair(lambda: c.menu("optimizer"), lambda: c.number("batch_size"))
        c.warn("batch_size")
        c.pair(lambda: c.number("learning_rate"), lambda: c.menu("schedule"))
        c.warn("learning_rate")
        going_up = [] if "warm_up" in c.off else [lambda: c.number("warm_up")]
        c.pair(*going_up, lambda: c.number("ema_decay"))
        c.pair(lambda: c.number("weight_decay"), lambda: c.number("gradient_clip"))
        c.pair(lambda: c.number("seed"), lambda: c.number("data_seed"))
        c.reasons("data_seed")


def _device(c: Controls) -> None:
    titles = {device.name: device.title for device in devices.list_devices()}
    chosen = st.session_state[PREFIX + "device"]
    titles.setdefault(chosen, f"{chosen} (not here)")
    with c.group("Device", ":material/memory:", "num_devices"):
        st.selectbox(
            **c._shared("device"),
            options=list(titles),
            format_func=lambda name: titles.get(name, name),
        )
        st.caption(devices.described(chosen))
        c.pair(lambda: c.menu("precision"), lambda: c.number("num_devices"))
        c.warn("num_devices")
        c.reasons("precision")

"""The controls of the set-up, one a field of the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from made import datasets
from made.base import devices
from made.datasets import DatasetInfo
from made.datasets.settings import DataConfig
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS
from made.setups.config import ExperimentConfig, field_bounds, field_help, field_options
from pages.shared.setup import PREFIX
from pages.train.mask_panel import mask_verdict

LABELS = {
    "num_samples": "Samples",
    "grid_size": "Grid size K",
    "data_seed": "Data seed",
    "model": "Model",
    "encoding": "Input encoding",
    "encoding_width": "Features per variable",
    "head": "Head",
    "num_components": "Logistics in the mixture",
    "hidden_sizes": "Hidden units per layer",
    "activation": "Activation",
    "direct_connections": "Direct connections",
    "residual_connections": "Residual connections",
    "dropout": "Dropout",
    "autoregressive": "Masks on",
    "ordering": "Ordering",
    "num_orderings": "Orderings (0: fresh)",
    "num_connectivities": "Connectivities (0: fresh)",
    "mask_interval": "Steps per mask set",
    "degrees": "Hidden degrees",
    "degree_low": "Lowest degree",
    "degree_high": "Highest degree",
    "mask_seed": "Mask seed",
    "ensemble_size": "Mask sets evaluated",
    "optimizer": "Optimiser",
    "learning_rate": "Learning rate",
    "schedule": "Schedule",
    "warm_up": "Warm-up share",
    "weight_decay": "Weight decay",
    "gradient_clip": "Gradient clip (0: off)",
    "ema_decay": "EMA decay (0: off)",
    "batch_size": "Batch size",
    "epochs": "Epochs",
    "look_ahead": "Look-ahead (0: off)",
    "seed": "Seed",
    "device": "Device",
    "precision": "Precision",
    "num_devices": "Number of devices",
}
MOST_IN_SIGHT = 3
NAMES = {
    "made": "MADE",
    "marginals": "Marginals",
    "naive": "Naive",
    "auto": "Auto",
    **{name: kind.title for name, kind in (ENCODINGS | HEADS).items()},
}


class Controls:
    """Draws controls for one dataset; those without effect are off and say why."""

    def __init__(self, info: DatasetInfo, off: Mapping[str, str]):
        self.info = info
        self.off = off

    def _shared(self, name: str) -> dict[str, Any]:
        reason = self.off.get(name)
        explanation = field_help(name) + " Takes effect in the next run."
        return {
            "label": LABELS[name],
            "key": PREFIX + name,
            "help": f"**Off here.** {reason}" if reason else explanation,
            "disabled": reason is not None,
            "persist_state": "session",
        }

    def choice(self, name: str) -> None:
        """A few options side by side, all in sight; more of them fold into a menu."""
        options = field_options(name)
        if len(options) > MOST_IN_SIGHT:
            self.menu(name)
            return
        st.segmented_control(
            **self._shared(name),
            options=options,
            format_func=lambda option: NAMES.get(option, option.capitalize()),
            required=True,
            width="stretch",
            wrap=True,
        )

    def menu(self, name: str) -> None:
        st.selectbox(
            **self._shared(name),
            options=field_options(name),
            format_func=lambda option: NAMES.get(option, option),
        )

    def switch(self, name: str) -> None:
        st.toggle(**self._shared(name))

    def number(self, name: str, step: float = 1) -> None:
        """A whole number where the step is whole. A browser counts up to 2^53."""
        low, high = field_bounds(name)
        if isinstance(step, int):
            bounds = {"min_value": low, "max_value": min(high, 2**53 - 1), "format": None}
        else:
            bounds = {"min_value": float(low), "max_value": float(high), "format": "%g"}
        st.number_input(**self._shared(name), **bounds, step=step)

    def text(self, name: str) -> None:
        st.text_input(**self._shared(name))

    def reasons(self, *names: str) -> None:
        """Why controls of this group are off, each reason once."""
        reasons = dict.fromkeys(self.off[name] for name in names if name in self.off)
        for reason in reasons:
            st.caption(f":material/info: {reason}")

    def pair(self, *draws: Callable[[], None]) -> None:
        """Controls next to each other."""
        columns = st.columns(len(draws), vertical_alignment="bottom")
        for column, draw in zip(columns, draws, strict=True):
            with column:
                draw()


def draw_controls(config: ExperimentConfig, info: DatasetInfo, off: Mapping[str, str]) -> None:
    """The whole set-up from top to bottom: what matters most first, the rest folded away.

    What belongs to one choice alone, such as the bounds of a range, shows only beside that choice.
    """
    c = Controls(info, off)
    _dataset(c)
    c.choice("encoding")
    c.reasons("encoding")
    if "encoding_width" not in off:
        c.number("encoding_width")
    c.choice("ordering")
    c.pair(lambda: c.number("num_orderings"), lambda: c.number("num_connectivities"))
    c.reasons("num_orderings", "num_connectivities")
    _masks(c, config)
    _network(c)
    _training(c)
    _device(c)


def _dataset(c: Controls) -> None:
    st.selectbox(
        "Dataset",
        datasets.names(),
        format_func=lambda name: datasets.info(DataConfig(dataset=name)).title,
        key=PREFIX + "dataset",
        help=field_help("dataset") + " Shows at once; trains in the next run.",
        persist_state="session",
    )
    if "num_samples" not in c.off:
        c.pair(lambda: c.number("num_samples", 10_000), lambda: c.number("grid_size", 10))


def _masks(c: Controls, config: ExperimentConfig) -> None:
    with st.expander("Masks", icon=":material/grid_on:"):
        c.switch("autoregressive")
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
        c.pair(lambda: c.menu("activation"), lambda: c.number("dropout", 0.05))
        c.switch("direct_connections")
        c.switch("residual_connections")
        c.reasons("hidden_sizes", "activation", "dropout", "direct_connections")
        c.reasons("residual_connections")


def _training(c: Controls) -> None:
    with st.expander("Training", icon=":material/tune:"):
        c.pair(lambda: c.number("epochs"), lambda: c.number("look_ahead"))
        c.pair(lambda: c.menu("optimizer"), lambda: c.number("batch_size", 32))
        c.pair(lambda: c.number("learning_rate", 1e-4), lambda: c.menu("schedule"))
        going_up = [] if "warm_up" in c.off else [lambda: c.number("warm_up", 0.05)]
        c.pair(*going_up, lambda: c.number("ema_decay", 0.001))
        c.pair(lambda: c.number("weight_decay", 1e-4), lambda: c.number("gradient_clip", 0.5))
        c.pair(lambda: c.number("seed"), lambda: c.number("data_seed"))
        c.reasons("data_seed")


def _device(c: Controls) -> None:
    titles = {device.name: device.title for device in devices.list_devices()}
    chosen = st.session_state[PREFIX + "device"]
    titles.setdefault(chosen, f"{chosen} (not here)")
    with st.expander("Device", icon=":material/memory:"):
        st.selectbox(
            **c._shared("device"),
            options=list(titles),
            format_func=lambda name: titles.get(name, name),
        )
        c.pair(lambda: c.menu("precision"), lambda: c.number("num_devices"))
        c.reasons("precision")

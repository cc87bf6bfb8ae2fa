"""The controls of the set-up, one a field of the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from made import datasets, devices
from made.config import DataConfig, ExperimentConfig, field_help, field_options
from made.datasets import DatasetInfo
from made.encodings import ENCODINGS
from made.heads import HEADS
from pages.shared.mask_panel import mask_verdict
from pages.shared.setup import PREFIX

LABELS = {
    "num_samples": "Samples",
    "grid_size": "Grid size K",
    "data_seed": "Data seed",
    "model": "Model",
    "encoding": "Input encoding",
    "head": "Head",
    "hidden_sizes": "Hidden units per layer",
    "activation": "Activation",
    "direct_connections": "Direct connections",
    "dropout": "Dropout",
    "autoregressive": "Masks on",
    "ordering": "Ordering",
    "num_orderings": "Random orderings (0: fresh)",
    "num_connectivities": "Connectivities (0: fresh)",
    "mask_interval": "Minibatches per mask set",
    "degrees": "Hidden degrees",
    "degree_low": "Lowest degree",
    "degree_high": "Highest degree",
    "mask_seed": "Mask seed",
    "ensemble_size": "Mask sets evaluated",
    "optimizer": "Optimiser",
    "learning_rate": "Learning rate",
    "schedule": "Schedule",
    "weight_decay": "Weight decay",
    "gradient_clip": "Gradient clip (0: off)",
    "batch_size": "Batch size",
    "epochs": "Epochs",
    "look_ahead": "Look-ahead, epochs (0: off)",
    "seed": "Seed",
    "device": "Device",
}
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
        """Two to five options side by side."""
        st.segmented_control(
            **self._shared(name),
            options=field_options(name),
            format_func=lambda option: NAMES.get(option, option.capitalize()),
            required=True,
            width="stretch",
        )

    def menu(self, name: str) -> None:
        st.selectbox(**self._shared(name), options=field_options(name))

    def switch(self, name: str) -> None:
        st.toggle(**self._shared(name))

    def whole(self, name: str, low: int, high: int, step: int = 1) -> None:
        st.number_input(**self._shared(name), min_value=low, max_value=high, step=step)

    def real(self, name: str, low: float, high: float, step: float, format: str = "%g") -> None:
        st.number_input(
            **self._shared(name), min_value=low, max_value=high, step=step, format=format
        )

    def text(self, name: str) -> None:
        st.text_input(**self._shared(name))

    def reasons(self, *names: str) -> None:
        """Why controls of this group are off, each reason once."""
        reasons = dict.fromkeys(self.off[name] for name in names if name in self.off)
        for reason in reasons:
            st.caption(f":material/info: {reason}")

    def pair(self, *draws: Callable[[], None]) -> None:
        """Controls next to each other."""
        for column, draw in zip(st.columns(len(draws)), draws, strict=True):
            with column:
                draw()


def draw_controls(config: ExperimentConfig, info: DatasetInfo, off: Mapping[str, str]) -> None:
    """The whole set-up from top to bottom: what matters most first, the rest folded away."""
    c = Controls(info, off)
    _dataset(c)
    c.choice("encoding")
    c.reasons("encoding")
    c.choice("ordering")
    c.pair(
        lambda: c.whole("num_orderings", 0, 1024), lambda: c.whole("num_connectivities", 0, 1024)
    )
    c.reasons("num_orderings", "num_connectivities")
    _masks(c, config)
    _network(c)
    _training(c)


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
        c.pair(
            lambda: c.whole("num_samples", 1_000, 10_000_000, 10_000),
            lambda: c.whole("grid_size", 2, 1000, 10),
        )


def _masks(c: Controls, config: ExperimentConfig) -> None:
    with st.expander("Masks", icon=":material/grid_on:"):
        c.switch("autoregressive")
        c.choice("degrees")
        names = ("degree_low", "degree_high")
        if c.off.keys().isdisjoint(names):
            c.pair(
                lambda: c.whole("degree_low", 1, 1_000_000),
                lambda: c.whole("degree_high", 1, 1_000_000),
            )
        c.pair(
            lambda: c.whole("mask_interval", 1, 1_000_000),
            lambda: c.whole("ensemble_size", 1, 1024),
        )
        c.whole("mask_seed", 0, 2**31 - 1)
        c.reasons("autoregressive", "degrees", "mask_interval", "ensemble_size", "mask_seed")
        if "autoregressive" not in c.off:
            mask_verdict(config, c.info)


def _network(c: Controls) -> None:
    with st.expander("Network", icon=":material/hub:"):
        c.choice("model")
        c.choice("head")
        c.text("hidden_sizes")
        c.pair(lambda: c.menu("activation"), lambda: c.real("dropout", 0.0, 0.99, 0.05))
        c.switch("direct_connections")
        c.reasons("hidden_sizes", "activation", "dropout", "direct_connections")


def _training(c: Controls) -> None:
    with st.expander("Training", icon=":material/tune:"):
        c.pair(lambda: c.menu("optimizer"), lambda: c.menu("schedule"))
        c.pair(
            lambda: c.real("learning_rate", 1e-7, 100.0, 1e-4),
            lambda: c.whole("batch_size", 1, 1_000_000, 32),
        )
        c.pair(
            lambda: c.whole("epochs", 1, 1_000_000),
            lambda: c.whole("look_ahead", 0, 1_000_000),
        )
        c.pair(
            lambda: c.real("weight_decay", 0.0, 10.0, 1e-4),
            lambda: c.real("gradient_clip", 0.0, 1e6, 0.5),
        )
        c.pair(
            lambda: c.whole("seed", 0, 2**31 - 1),
            lambda: c.whole("data_seed", 0, 2**31 - 1),
        )
        c.reasons("data_seed")
        _device(c)


def _device(c: Controls) -> None:
    titles = {device.name: device.title for device in devices.list_devices()}
    chosen = st.session_state[PREFIX + "device"]
    titles.setdefault(chosen, f"{chosen} (not here)")
    st.selectbox(
        **c._shared("device"),
        options=list(titles),
        format_func=lambda name: titles.get(name, name),
    )

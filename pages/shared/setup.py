"""The set-up of the next run: kept in the session and in the link, drawn as controls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from made.setups.config import FIELDS, ExperimentConfig, field_title
from made.setups.links import read_link
from made.setups.mistakes import SettingError
from made.views import data_views
from made.views.opening import opening_config
from pages.shared.plain_text import plain
from pages.shared.session import current_run, readable_runs

PREFIX = "set_"
PRESET_BASE = "preset_base"  # the preset that the set-up was at last
_READY = "setup_is_seeded"


def seed_from_link() -> None:
    """Once a session: take the set-up from the link, and say what had to be corrected.

    A link without any setting opens with the set-up of the run that is shown.
    """
    if _READY in st.session_state:
        return
    query = st.query_params.to_dict()
    config, corrections = read_link(query)
    if FIELDS.keys().isdisjoint(query):
        config = opening_config(current_run(readable_runs()))
    adopt(config)
    st.session_state["valid_setup"] = config
    st.session_state["link_corrections"] = corrections
    st.session_state[_READY] = True


def adopt(config: ExperimentConfig) -> None:
    """Set every control to a configuration; also the callback of buttons."""
    st.session_state.pop(PRESET_BASE, None)
    set_controls(control_values(config))


def control_values(config: ExperimentConfig) -> dict[str, Any]:
    """What the controls of all fields hold when they are set to a configuration."""
    return {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in config.flat().items()
    }


def set_controls(values: Mapping[str, Any]) -> None:
    """Set controls to what they are to hold; also in the callback of buttons."""
    for name, value in values.items():
        st.session_state[PREFIX + name] = value


def current_config() -> ExperimentConfig | None:
    """The set-up as the controls stand; None where they do not fit together."""
    seed_from_link()
    _leave_deleted_dataset()
    try:
        config = ExperimentConfig.from_flat(
            {name: st.session_state[PREFIX + name] for name in FIELDS}
        )
    except SettingError as error:
        title = field_title(error.name) if error.name else None
        st.session_state["setup_problem"] = error.about(title)
        return None
    st.session_state["setup_problem"] = None
    st.session_state["valid_setup"] = config
    return config


def _leave_deleted_dataset() -> None:
    """An upload may be deleted in another tab while this one has it chosen."""
    chosen = st.session_state[PREFIX + "dataset"]
    if chosen not in data_views.names():
        default = ExperimentConfig().data.dataset
        st.session_state[PREFIX + "dataset"] = default
        st.toast(f"The dataset '{plain(str(chosen))}' was deleted; '{default}' is chosen instead.")


def valid_config() -> ExperimentConfig:
    """The latest set-up that was valid, so that a slip in one control leaves the others alone."""
    return current_config() or st.session_state["valid_setup"]


def say_corrections() -> None:
    """What the link held that could not be taken, until the reader closes it."""
    corrections = st.session_state.get("link_corrections")
    if corrections:
        st.warning("\n\n".join(map(plain, corrections)), icon=":material/link_off:")
        st.button("Got it", on_click=lambda: st.session_state.update(link_corrections=[]))


def link_query(config: ExperimentConfig, run_id: str | None) -> dict[str, str]:
    """What the address bar holds: the data, every setting that is no default, and the run shown."""
    query = config.to_query()
    return query | {"run": run_id} if run_id else query

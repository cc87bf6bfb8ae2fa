"""The dashboard: `python -m streamlit run app.py`, `python app.py` or `made dashboard`."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from starlette.middleware import Middleware

from made.base import threads
from made.runs.forks import FORKING
from made.setups import extensions
from made.views import warm_up
from pages.shared.boundary import say_unforeseen
from pages.shared.guard import Guard

threads.prepare_waiting()
extensions.load()


@asynccontextmanager
async def _warm(app: st.App) -> AsyncIterator[None]:
    """Prepare what the first visitor would wait for, while the browser opens."""
    threading.Thread(target=_prepare, daemon=True).start()
    yield
    FORKING.close()


def _prepare() -> None:
    warm_up.prepare()
    FORKING.warm_up()


# The router stands in a folder of its own: beside `pages/` Streamlit would take it for an app of
# the old multipage kind until it has run once, and open a link to a page without its navigation.
app = st.App(
    "pages/router.py",
    lifespan=_warm,
    middleware=[Middleware(Guard)],
    on_script_error=say_unforeseen,
)

if __name__ == "__main__":
    # Ctrl-C is how one ends it.
    with suppress(KeyboardInterrupt):
        app.run()

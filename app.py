"""The dashboard: `python -m streamlit run app.py`, `python app.py` or `made dashboard`."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from starlette.middleware import Middleware

from made.base import threads
from made.runs import calls, kept_models, launchers
from made.runs.forks import FORKING
from made.setups import extensions
from made.views import warm_up
from pages.shared.boundary import say_unforeseen
from pages.shared.guard import Guard

TORCH_SECONDS = 10.0  # after the server has begun

threads.prepare_waiting()
extensions.load()


@asynccontextmanager
async def _warm(app: st.App) -> AsyncIterator[None]:
    """Prepare what the first visitor would wait for, while the browser opens."""
    is_over = threading.Event()
    threading.Thread(target=_prepare, args=(is_over,), daemon=True).start()
    threading.Thread(target=_call_next, args=(is_over,), daemon=True).start()
    yield
    is_over.set()
    FORKING.close()


def _prepare(is_over: threading.Event) -> None:
    """What the first page needs at once; torch when that has been seen."""
    warm_up.prepare()
    FORKING.warm_up()
    launchers.prepare()
    # Who opens a model first would else make everybody wait: an import keeps the interpreter busy.
    if not is_over.wait(TORCH_SECONDS):
        kept_models.warm_up()


def _call_next(is_over: threading.Event) -> None:
    """Now and then start who is next in line, should all those be killed who would have."""
    while not is_over.wait(calls.LOOK_SECONDS):
        calls.call_next(FORKING)


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

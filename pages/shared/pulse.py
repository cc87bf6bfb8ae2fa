"""A part of a page that is drawn again and again, while there is something to follow."""

from __future__ import annotations

import time
from pathlib import Path

from pages.shared.component import component

_component = component(Path(__file__).parent, "pulse")


def pulse(name: str, seconds: float | None) -> None:
    """Draw the fragment in which this stands again in so many seconds; None: no more.

    It stands last, so that no other element changes its place, and is made anew, when it goes.

    A fragment's own `run_every` will not do. Its timer sends along a button that was pressed a
    moment before, and then the button sends itself: one press would count twice.
    """
    if seconds is not None:
        data = {"seconds": seconds, "drawn": time.time()}
        _component(data=data, key=f"pulse-{name}", on_beat_change=lambda: None)

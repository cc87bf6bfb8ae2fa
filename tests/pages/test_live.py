"""How often the panel of a run is drawn again: quickly only where somebody waits for its start."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from made.runs.records import Status
from pages.train.live import FIRST_SECONDS, REFRESH_SECONDS, SOON_SECONDS, refresh_seconds


@pytest.mark.parametrize(
    ("state", "age", "losses", "epochs", "seconds"),
    [
        ("starting", 0, 0, [], FIRST_SECONDS),
        ("training", 1, 0, [], FIRST_SECONDS),
        ("training", 1, 5, [], SOON_SECONDS),
        ("starting", 60, 0, [], SOON_SECONDS),  # it loads its data
        ("training", 60, 5, [0], REFRESH_SECONDS),
        ("queued", 0, 0, [], REFRESH_SECONDS),
        ("held", 0, 0, [], REFRESH_SECONDS),
        ("finished", 60, 5, [0], None),
        ("paused", 60, 5, [0], None),
    ],
)
def test_how_soon_a_run_is_looked_at_again(state, age, losses, epochs, seconds) -> None:
    run = SimpleNamespace(num_losses=losses, sample_epochs=lambda: epochs)
    status = Status(state=state, launched=time.time() - age)
    assert refresh_seconds(run, status) == seconds

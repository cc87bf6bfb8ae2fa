"""A run is changed on its way, and goes on after its end, by what stands beside its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from worker_process import Held, hold, settings, wait_for, wait_for_end

from made import library, runs
from made.base.errors import MadeError
from made.runs import changing, jobs
from made.runs.writer import RunWriter
from made.views import run_views

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("folder")


def train_page(run) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60)
    page.query_params["run"] = run.id
    page.run()
    assert not page.exception
    return page


def test_a_living_run_gets_what_is_set_and_the_page_says_from_where(folder) -> None:
    run = jobs.start(settings(epochs=5), launcher=Held(7))
    wait_for(lambda: len(run.losses()) >= 7, "progress")
    page = train_page(run)
    take = page.button(f"change-{run.id}")
    assert take.disabled, "nothing is different yet"
    (epochs,) = [one for one in page.number_input if one.key == f"change-epochs-{run.id}-5"]
    epochs.set_value(8).run()
    page.button(f"change-{run.id}").click().run()
    assert not page.exception
    wait_for(lambda: run.changes(), "the change")
    assert run.latest_config.training.epochs == 8
    hold(run, 0)
    assert wait_for_end(run) == "finished"
    assert run.status().epoch == 8
    assert run_views.changes_line(run) == "changed on the way: 8 epochs from step 7 on"
    assert run_views.curve(run).option()["marks"] == [{"x": 7, "label": "8 epochs"}]
    assert "from step 7 on 8 epochs" in run_views.curve(run).alt()


def test_a_finished_run_goes_on_for_more_epochs(folder, monkeypatch) -> None:
    run = library.train(
        dataset="digits8", hidden_sizes=(8,), epochs=2, device="cpu", progress=False
    ).run
    page = train_page(run)
    (epochs,) = [one for one in page.number_input if (one.key or "").startswith("go-on-epochs")]
    assert epochs.value == 12
    epochs.set_value(3).run()
    page.button(f"go-on-{run.id}").click().run()
    assert not page.exception
    assert wait_for_end(run) == "finished"
    assert run.result["epochs"] == 3


def test_what_cannot_be_changed_says_why(folder) -> None:
    run = runs.create(settings())
    RunWriter(run).update(state="stopped")
    page = train_page(run)
    keys = [one.key for one in page.button]
    assert f"change-{run.id}" not in keys
    assert f"go-on-{run.id}" not in keys
    with pytest.raises(MadeError, match="no checkpoint"):
        changing.go_on(run, 9)

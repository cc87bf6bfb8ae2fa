"""The Train page plays a run: held, step by step, an epoch, and back to the beginning."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from train_page import checked, open_page
from worker_process import Held, settings, wait_for, wait_for_state, weights

from made import runs
from made.runs import held, jobs, words
from made.runs.folder import Run
from made.setups.config import ExperimentConfig

pytestmark = pytest.mark.usefixtures("folder")
LINK = {
    "dataset": "rings",
    "num_samples": "2000",
    "grid_size": "12",
    "hidden_sizes": "16",
    "batch_size": "200",
    "device": "cpu",
    "epochs": "50",
}
PICTURES = ["Data, the minibatch in blue", "Model: exact density after step 1", "Its change"]


def shown_run(page: AppTest) -> Run:
    return Run.open(page.session_state["run_id"])


def press(page: AppTest, word: str) -> AppTest:
    """Press a button of the run, and see what is shown once that is done, however slow it is."""
    run = shown_run(page)
    checked(page.button(f"{word}-{run.id}").click().run())
    wait_for(lambda: words.oldest(run) is None, word)
    return checked(page.run())


def start_held() -> tuple[AppTest, Run]:
    page = open_page(**LINK)
    checked(page.button("train-held").click().run())
    run = shown_run(page)
    wait_for_state(run, "held")
    return checked(page.run()), run


def words_of(page: AppTest) -> str:
    return " ".join(each.value for each in (*page.markdown, *page.caption))


def test_a_run_is_started_held_stepped_played_and_held_again() -> None:
    page, run = start_held()
    assert run.status().step == 0
    for step in (1, 2):
        press(page, "step")
        assert run.status().step == step
        assert f"· step {step} ·" in words_of(page)
        assert f"minibatch **{step}** of epoch 1 · 200 points · loss" in words_of(page)
    press(page, "epoch")
    wait_for(lambda: run.state == "held" and run.status().epoch == 1, "the end of the epoch")
    checked(page.run())
    assert "minibatch" not in words_of(page)
    assert "after epoch 1" in words_of(page)
    press(page, "play")
    wait_for(lambda: run.status().epoch > 1, "the epochs after")


def test_after_a_step_three_pictures_follow_the_minibatch() -> None:
    page, _ = start_held()
    press(page, "step")
    said = [each.value for each in page.caption]
    for title in PICTURES:
        assert any(one.startswith(title) for one in said), (title, said)


def test_reset_looks_at_a_new_run_with_the_same_first_weights_and_keeps_the_old_one() -> None:
    page, run = start_held()
    press(page, "step")
    checked(page.button(f"reset-{run.id}").click().run())
    assert "stays in the list" in page.toast[0].value
    fresh = shown_run(page)
    assert fresh.id != run.id
    assert fresh.config == run.config
    wait_for_state(run, "stopped")
    wait_for_state(fresh, "held")
    assert run.reached("last").step == 1
    assert fresh.status().step == 0
    first, again = (one.losses() for one in (run, fresh))
    assert len(again) == 0
    held.ask(fresh, "step", 60)
    assert fresh.losses() == first
    jobs.pause(fresh)
    wait_for_state(fresh, "paused")
    mine, theirs = weights(run), weights(fresh)
    assert all((mine[name] == theirs[name]).all() for name in mine)


def test_a_run_at_rest_comes_back_held_for_a_step() -> None:
    page, run = start_held()
    jobs.pause(run)
    wait_for_state(run, "paused")
    checked(page.run())
    press(page, "step")
    wait_for(lambda: run.state == "held" and run.status().step == 1, "the step")


def test_train_lets_a_held_run_of_the_set_up_go_on_and_a_second_step_starts_no_other() -> None:
    page, run = start_held()
    checked(page.button("train-held").click().run())
    assert shown_run(page) == run
    assert len(runs.list_runs()) == len([one for one in runs.list_runs() if one.is_shipped]) + 1
    checked(page.button("train").click().run())
    assert shown_run(page) == run
    wait_for(lambda: run.state != "held", "that it goes on")


def test_a_run_on_several_devices_says_why_it_is_not_held() -> None:
    page = open_page(**LINK, num_devices="2")
    button = page.button("train-held")
    assert button.disabled
    assert "several devices" in button.help


def test_a_playing_run_is_held_by_its_button() -> None:
    run = jobs.start(settings(epochs=10_000), launcher=Held(13))
    wait_for(lambda: len(run.losses()) >= 13, "progress")
    page = open_page(run=run.id)
    press(page, "hold")
    wait_for_state(run, "held")
    assert isinstance(run.config, ExperimentConfig)

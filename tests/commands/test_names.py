"""What Python calls a thing, the command line calls it, too; old names go on working unseen."""

from __future__ import annotations

import argparse
import inspect

import pytest

import made
from made import runs
from made.commands import build_parser, main
from made.setups.config import FIELDS
from made.views import inference

# What a person at a command line has in another form: a bar that shows on a terminal only, and the
# data and the run, which are a flag by the dataset's own name and the first argument.
IN_ANOTHER_FORM = {"data", "progress", "settings", "self", "reference", "loaded"}


def command(name: str) -> argparse.ArgumentParser:
    (commands,) = [
        action.choices for action in build_parser()._actions if isinstance(action.choices, dict)
    ]
    return commands[name]


def flags(name: str, *, shown: bool = True) -> set[str]:
    """The long flags of a command as Python would write them."""
    return {
        flag.removeprefix("--").replace("-", "_")
        for action in command(name)._actions
        if not shown or action.help is not argparse.SUPPRESS
        for flag in action.option_strings
        if flag.startswith("--") and not flag.startswith("--no-")
    }


def parameters(*functions) -> set[str]:
    found = {name for function in functions for name in inspect.signature(function).parameters}
    return found - IN_ANOTHER_FORM


@pytest.mark.parametrize(
    ("name", "asked", "more"),
    [
        ("train", parameters(made.train) | set(FIELDS), {"detach", "json", "help"}),
        ("evaluate", parameters(made.LoadedRun.evaluate, made.load_run), {"json", "help"}),
        (
            "sample",
            parameters(inference.draw_from) | {"checkpoint"},
            {"out", "json", "help"},
        ),
    ],
)
def test_flags_are_named_as_the_parameters_are(name: str, asked: set[str], more: set[str]) -> None:
    assert flags(name) == asked | more


@pytest.mark.parametrize(
    ("name", "old", "new", "value"),
    [
        ("train", "--name", "label", "mine"),
        ("evaluate", "--mask-sets", "num_mask_sets", "3"),
        ("sample", "--number", "num_samples", "7"),
        ("sample", "--observe", "observed", "0=1"),
    ],
)
def test_an_old_name_means_the_new_one_and_is_not_shown(name, old, new, value) -> None:
    run = [] if name == "train" else ["RUN"]
    flag = f"--{new.replace('_', '-')}"
    by_old = build_parser().parse_args([name, *run, old, value])
    by_new = build_parser().parse_args([name, *run, flag, value])
    assert vars(by_old) == vars(by_new)
    assert getattr(by_new, new) in (value, int(value) if value.isdigit() else {0: 1})
    text = command(name).format_help()
    assert f"{flag} " in text
    assert f"{old} " not in text


def test_changes_and_foreign_weights_are_given_at_the_command_line(folder, capsys) -> None:
    small = ["--dataset", "digits8", "--hidden-sizes", "8", "--device", "cpu"]
    assert main(["train", *small, "--epochs", "1", "--label", "first"]) == 0
    changes = ["--changes", "3:learning-rate=0.5", "2:batch_size=64"]
    line = ["train", *small, "--epochs", "2", "--weights-of", "first", *changes]
    assert main(line) == 0
    run = runs.list_runs()[0]
    assert [(each.step, each.values) for each in run.changes()] == [
        (2, {"batch_size": 64}),
        (3, {"learning_rate": 0.5}),
    ]
    assert run.origin.label == "first"
    assert main(["train", *small, "--changes", "3:seed=1"]) == 1
    assert "cannot change while a run trains" in capsys.readouterr().err

"""train and resume: in this process with a bar, or as a background job."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from made.commands import output, settings
from made.runs import launchers
from made.setups import presets

if TYPE_CHECKING:
    from made.runs.folder import Run
    from made.runs.records import Status

# 130 and 143 are what a shell makes of SIGINT, which stops a run, and of SIGTERM, which pauses it.
EXIT_CODES = {"finished": 0, "failed": 1, "stopped": 130, "paused": 143}


def add(commands: output.Commands) -> None:
    """The commands that write runs."""
    train = commands.add_parser(
        "train",
        help="train a model",
        usage="python -m made train [--dataset NAME | --preset NAME] [SETTING ...] [--detach] "
        "[--json]",
        description="Train a model. Ctrl-C stops it and keeps a checkpoint, from which `resume` "
        "goes on; a second Ctrl-C ends it at once.",
    )
    settings.add_bases(train)
    output.add_option(
        train,
        "--label",
        old="--name",
        metavar="LABEL",
        help="Name shown for the run. Default: its data and encoding.",
    )
    train.add_argument(
        "--weights-of",
        metavar="RUN",
        help="Begin with the best weights of this run, whose network has the same shapes.",
    )
    train.add_argument(
        "--changes",
        nargs="+",
        type=a_change,
        default=[],
        metavar="STEP:NAME=VALUE",
        help="Settings that change on the way, such as 5000:learning_rate=0.0001: the minibatch, "
        "counted from 0, from which on each holds.",
    )
    _add_common(train)
    settings.add_settings(train)
    train.set_defaults(execute=train_run)

    resume = commands.add_parser(
        "resume",
        help="go on with a run that was stopped, paused or killed",
        description="Go on with a run as if it had never stopped.",
    )
    resume.add_argument("run", metavar="RUN", help="Id, its beginning, or name of the run.")
    _add_common(resume)
    resume.set_defaults(execute=resume_run)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--detach", action="store_true", help="Train in the background; print the run's id."
    )
    add_launcher(parser)
    output.add_json(parser)


def add_launcher(parser: argparse.ArgumentParser) -> None:
    """Where runs are executed."""
    parser.add_argument(
        "--launcher",
        choices=tuple(launchers.LAUNCHERS),
        help="Who executes runs: this machine, or a Ray cluster. Default: what MADE_LAUNCHER says, "
        "else Ray where RAY_ADDRESS names a cluster, else this machine.",
    )


def a_change(text: str) -> tuple[int, str, str]:
    """The step, the setting and its value, as text.

    >>> a_change("5000:learning-rate=0.0001")
    (5000, 'learning_rate', '0.0001')
    """
    step, _, setting = text.partition(":")
    name, is_there, value = setting.partition("=")
    if not step.isdecimal() or not is_there:
        raise argparse.ArgumentTypeError(f"{text!r} is no change: write 5000:learning_rate=0.0001.")
    return int(step), name.replace("-", "_"), value


def train_run(arguments: argparse.Namespace) -> int:
    from made import library
    from made.runs import jobs, loading
    from made.setups.changes import Change, changed

    config = settings.configuration(arguments)
    name = launchers.chosen_name(arguments.launcher)
    library.require_trainable(config, name)
    source = loading.find_run(arguments.weights_of) if arguments.weights_of else None
    changes = [
        Change(step, {name: changed(config, {name: value}).flat()[name]})
        for step, name, value in sorted(arguments.changes)
    ]
    if arguments.detach or name != "local":
        launcher = launchers.chosen(name)
        run = jobs.start(
            config, arguments.label, weights_of=source, changes=changes, launcher=launcher
        )
        return _report_start(run, arguments.json) if arguments.detach else _follow(run, arguments)
    run = jobs.create(config, arguments.label, weights_of=source, changes=changes)
    return _train_here(run, arguments.json)


def resume_run(arguments: argparse.Namespace) -> int:
    from made.runs import jobs, loading

    run = loading.find_run(arguments.run)
    name = launchers.chosen_name(arguments.launcher)
    if arguments.detach or name != "local":
        run = jobs.resume(run, launcher=launchers.chosen(name))
        return _report_start(run, arguments.json) if arguments.detach else _follow(run, arguments)
    return _train_here(run, arguments.json)


def _report_start(run: Run, as_json: bool) -> int:
    if as_json:
        output.print_json(_summary(run))
    else:
        print(run.id)
    return 0


def _train_here(run: Run, as_json: bool) -> int:
    from made import library

    return _report_end(run, library.train_here(run), as_json)


def _follow(run: Run, arguments: argparse.Namespace) -> int:
    from made import library

    return _report_end(run, library.follow(run), arguments.json)


def _report_end(run: Run, ended: Status, as_json: bool) -> int:
    result = run.result or {}
    if as_json:
        output.print_json(_summary(run) | {"message": ended.message} | result)
    elif ended.state == "finished":
        output.print_figures(_summary(run) | result)
    if ended.state == "failed":
        print(f"python -m made: {ended.message}", file=sys.stderr)
    elif ended.state in ("stopped", "paused"):
        kept = f"python -m made resume {run.id}" if run.checkpoints() else "nothing was trained yet"
        print(f"Training {ended.state} at epoch {ended.epoch}: {kept}", file=sys.stderr)
    return EXIT_CODES.get(ended.state, 1)


def _summary(run: Run) -> dict[str, str | None]:
    known: dict[str, str | None] = {
        "id": run.id,
        "name": run.label,
        "status": run.state,
        "path": str(run.path),
    }
    preset = presets.preset_of(run.config)
    if preset is None:
        return known
    expected = preset.expected.text if preset.expected else None
    return known | {"preset": preset.name, "expected": expected}

"""datasets, runs, evaluate and sample: what there is, and what a trained model says."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from made.base.errors import MadeError
from made.base.text import told_apart
from made.commands import output
from made.density.figures import error_of
from made.setups import presets
from made.setups.config import num_choices

if TYPE_CHECKING:
    from made.datasets import DatasetInfo
    from made.runs.folder import Run


def add_lists(commands: output.Commands) -> None:
    """The commands that list what is there."""
    for name, what, execute in (
        ("datasets", "list the datasets", list_datasets),
        ("runs", "list the runs, newest first", list_runs),
    ):
        parser = commands.add_parser(name, help=what, description=f"{what.capitalize()}.")
        output.add_json(parser)
        parser.set_defaults(execute=execute)


def add_questions(commands: output.Commands) -> None:
    """The commands that ask a trained model."""
    evaluate = commands.add_parser(
        "evaluate",
        help="likelihood of a split, and KL where the truth is known",
        description="NLL of a split, and for 2-D joints the exact cross-entropy and KL.",
    )
    _add_model(evaluate)
    evaluate.add_argument(
        "--split",
        choices=("train", "validation", "test"),
        default="test",
        help="Default: test.",
    )
    output.add_option(
        evaluate,
        "--num-mask-sets",
        old="--mask-sets",
        type=_positive,
        metavar="N",
        help="Mask sets in the mixture. Default: what the run's ensemble_size says.",
    )
    evaluate.add_argument(
        "--device", default="cpu", metavar="NAME", help="cpu, cuda:N or auto. Default: cpu."
    )
    output.add_json(evaluate)
    evaluate.set_defaults(execute=evaluate_run)

    sample = commands.add_parser(
        "sample",
        help="draw samples, as arrays or as a picture",
        description="Draw samples; the same seed gives the same samples.",
    )
    _add_model(sample)
    output.add_option(
        sample,
        "--num-samples",
        old="--number",
        type=_positive,
        default=100,
        metavar="N",
        help="Samples. Default: 100.",
    )
    sample.add_argument("--seed", type=_natural, default=0, metavar="N", help="Default: 0.")
    sample.add_argument(
        "--mask-set", type=_natural, metavar="S", help="One mask set. Default: their mixture."
    )
    output.add_option(
        sample,
        "--observed",
        old="--observe",
        type=_observed,
        default={},
        metavar="D=X,...",
        help="Values of variables that come first in the ordering, such as 0=1,1=0, counted from "
        "0; every sample keeps them.",
    )
    sample.add_argument(
        "--out",
        type=_picture_or_arrays,
        metavar="FILE",
        help="A .npz of arrays or a .png. Default: RUN-samples.npz in this folder.",
    )
    output.add_json(sample)
    sample.set_defaults(execute=sample_run)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", metavar="RUN", help="Id, its beginning, name, or exported folder of the run."
    )
    parser.add_argument(
        "--checkpoint", choices=("best", "last"), default="best", help="Default: best."
    )


def list_datasets(arguments: argparse.Namespace) -> int:
    from made import datasets
    from made.datasets.settings import DataConfig

    infos = []
    for name in datasets.names():
        try:
            infos.append(datasets.info(DataConfig(dataset=name)))
        except MadeError as error:
            print(error, file=sys.stderr)
    if arguments.json:
        output.print_json([asdict(info) for info in infos])
        return 0
    headers = ("name", "variables", "categories", "train", "validation", "test", "", "what")
    output.print_table(
        headers,
        [
            (
                info.name,
                info.num_variables,
                info.num_categories,
                info.num_train,
                info.num_validation,
                info.num_test,
                "download" if info.needs_download else "at hand",
                info.title,
            )
            for info in infos
        ],
    )
    return 0


def list_runs(arguments: argparse.Namespace) -> int:
    from made import runs
    from made.runs.folder import ENDED
    from made.runs.kept_index import KeptIndex

    index = KeptIndex(
        _describe,
        lambda row: row["status"] in ENDED,
        name="runs",
        version=DESCRIPTION_VERSION,
    )
    known = presets.load_presets()
    rows = index.read(runs.list_runs(), key=(num_choices(), tuple(known.items())))
    if arguments.json:
        output.print_json(rows)
    elif not rows:
        print("There are no runs yet: `python -m made train --dataset digits8` makes one.")
    else:
        headers = ("id", "name", "status", "dataset", "input", "epochs")
        names = ("id", "name", "status", "dataset", "encoding", "epochs")
        figures = {"validation_nll": "validation NLL", "kl_nats": "KL", "nll_nats": "test NLL"}
        for row in rows:
            if row.get("silent_seconds") is not None:
                row["status"] += f", silent for {row['silent_seconds']:.0f} s"
        columns: list[Sequence[Any]] = [[row.get(name) for row in rows] for name in names]
        for name in figures:
            errors = [error_of(row, name) for row in rows]
            columns.append(told_apart([row.get(name) for row in rows], errors))
        lines = list(zip(*columns, strict=True))
        output.print_table((*headers, *figures.values()), lines)
        for row in rows:
            if "problem" in row:
                print(f"\n{row['problem']}")
    return 0


# Another one whenever `_describe` says something else of the same folder.
DESCRIPTION_VERSION = 1


def _describe(run: Run) -> dict[str, Any]:
    """One run in a list; figures in nats, at the best epoch, and of the test once finished."""
    known = {"id": run.id, "name": run.label, "path": str(run.path)}
    if run.problem:
        return known | {"status": "broken", "problem": run.problem}

    config, status, best = run.config, run.status(), run.best_epoch or {}
    result: Mapping[str, Any] = run.result or {}
    preset = presets.preset_of(config)
    kind = config.model.model
    return known | {
        "status": status.state,
        "silent_seconds": run.silent_seconds,
        "device": status.device or None,
        "engine": status.engine or None,
        "dataset": config.data.dataset,
        "model": kind,
        "encoding": config.model.encoding if kind == "made" else kind,
        "preset": preset and preset.name,
        "epochs": status.epoch,
        "best_epoch": best.get("epoch"),
        "validation_nll": best.get("validation_nll"),
        "kl_nats": best.get("kl_nats"),
        "nll_nats": result.get("nll_nats"),
        "nll_standard_error": result.get("nll_standard_error"),
    }


def evaluate_run(arguments: argparse.Namespace) -> int:
    from made.runs import loading

    loaded = loading.load_run(
        loading.find_run(arguments.run), arguments.checkpoint, arguments.device
    )
    figures = loaded.evaluate(arguments.split, arguments.num_mask_sets)
    known = {
        "id": loaded.run.id,
        "name": loaded.run.label,
        "dataset": loaded.info.name,
        "split": arguments.split,
        "checkpoint": arguments.checkpoint,
    }
    (output.print_json if arguments.json else output.print_figures)(known | figures)
    return 0


def sample_run(arguments: argparse.Namespace) -> int:
    from made.runs import loading
    from made.views import inference

    run = loading.find_run(arguments.run)
    path = arguments.out or Path(f"{run.id}-samples.npz")
    output.require_folder(path)
    loaded = loading.load_run(run, arguments.checkpoint)
    drawn = inference.draw_from(
        loaded,
        num_samples=arguments.num_samples,
        seed=arguments.seed,
        mask_set=arguments.mask_set,
        observed=arguments.observed,
    )
    is_picture = path.suffix.lower() == ".png"
    content = _png(drawn, loaded.info) if is_picture else inference.to_npz(drawn)
    output.write_file(path, content)
    figures = {"path": str(path), "num_samples": len(drawn.samples), "seconds": drawn.seconds}
    (output.print_json if arguments.json else output.print_figures)(figures)
    return 0


def _png(drawn: Any, info: DatasetInfo) -> bytes:
    """Images as a grid, a joint as the histogram on the scale of its density, rows as rows."""
    from made import plots
    from made.views.pictures import rows_as_picture

    if info.is_joint:
        panels = [("density", drawn.density), ("samples", drawn.histogram / len(drawn.samples))]
        _, (_, pixels) = plots.density_pictures(panels)
    else:
        shape, num_categories = info.image_shape, info.num_categories
        pixels = rows_as_picture(drawn.samples, shape, num_categories, "samples").pixels
    return plots.png_bytes(pixels)


def _natural(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(f"a number 0, 1, 2, … is needed, not {text[:40]!r}")
    return int(text)


def _positive(text: str) -> int:
    if _natural(text) < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return int(text)


def _observed(text: str) -> dict[int, int]:
    observed: dict[int, int] = {}
    for part in text.split(","):
        variable, equals, value = part.partition("=")
        if not equals or _natural(variable.strip()) in observed:
            raise argparse.ArgumentTypeError(
                f"each variable once, as in 0=1,1=0, is needed, not {text[:40]!r}"
            )
        observed[int(variable)] = _natural(value.strip())
    return observed


def _picture_or_arrays(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".npz", ".png"):
        raise argparse.ArgumentTypeError(f"a name in .npz or .png is needed, not {text[:40]!r}")
    return path

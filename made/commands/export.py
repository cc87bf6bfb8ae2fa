"""export: a run as one zip file that another machine can read."""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from made.commands import output

if TYPE_CHECKING:
    from made.runs.folder import Run

AS_THEY_ARE = (
    "config.json",
    "label.json",
    "notes.json",
    "status.json",
    "result.json",
    "test_log_probs.npy",
    "epochs.jsonl",
    "losses.f32",
)
README = """\
{label}

A trained MADE model, exported from run {id}. In Python, beside the project's code:

    import made

    loaded = made.load_run("{id}")  # the path of this folder
    loaded.model.log_prob(x)        # nats; x: int64 (B, D)
    loaded.model.sample(16)         # int64 (16, D)
    loaded.evaluate("test")

config.json       every setting of the experiment; `python -m made train --config` repeats it
best.safetensors  the weights of the epoch with the lowest validation NLL
result.json       figures on the test split, where training went to its end
test_log_probs.npy  log p of each test example in nats, in the order of the split
epochs.csv        one line an epoch; NLL and KL in nats / example
losses.f32        minibatch losses, nats / example: numpy.fromfile("losses.f32", "<f4")
dataset.json      size and number of categories of the data, which are not included
"""


def add(commands: output.Commands) -> None:
    parser = commands.add_parser(
        "export",
        help="write a run to a zip file",
        description="Write configuration, best weights, figures and curves to one zip file; "
        "made.load_run reads the unzipped folder.",
    )
    parser.add_argument("run", metavar="RUN", help="Id, its beginning, or name of the run.")
    parser.add_argument("file", metavar="FILE.zip", type=_zip_path, help="A file in .zip.")
    output.add_json(parser)
    parser.set_defaults(execute=export_run)


def export_run(arguments: argparse.Namespace) -> int:
    from made.runs import loading

    run = loading.find_run(arguments.run)
    write_archive(run, arguments.file)
    if arguments.json:
        output.print_json({"id": run.id, "path": str(arguments.file)})
    else:
        print(arguments.file)
    return 0


def write_archive(run: Run, path: Path) -> None:
    """Write a zip with one folder, the run's. Raises MadeError for a run without best weights."""
    weights = run.checkpoint_path("best")
    made_here = {
        "README.txt": README.format(label=run.label, id=run.id),
        "epochs.csv": _as_csv(run.epochs()),
        "dataset.json": _dataset_json(run),
    }

    def write(draft: Path) -> None:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, text in made_here.items():
                archive.writestr(f"{run.id}/{name}", text)
            for name in AS_THEY_ARE:
                if (run.path / name).is_file():
                    archive.write(run.path / name, f"{run.id}/{name}")
            archive.write(weights, f"{run.id}/{weights.name}")

    output.write_file(path, write)


def _as_csv(records: Sequence[Mapping[str, object]]) -> str:
    """One line a record, with every column that any of them has."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _dataset_json(run: Run) -> str:
    from made.base.files import to_json
    from made.runs import loading

    return to_json(asdict(loading.dataset_info(run)))


def _zip_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".zip":
        raise argparse.ArgumentTypeError(f"a name in .zip is needed, not {text[:40]!r}")
    return path

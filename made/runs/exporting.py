"""A run as a folder of a zip archive: all that another machine needs to ask and compare it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from made.base.files import regular_size, to_json
from made.base.text import short_bytes
from made.runs import loading, picture_files
from made.runs.folder import LOG, MAX_LOSSES, SMALL, Run

WEIGHTS = "best.safetensors"
# What leaves as it is, with the most bytes that each may have, here and where it is taken in.
AS_THEY_ARE = {
    "config.json": SMALL,
    "label.json": SMALL,
    "notes.json": SMALL,
    "status.json": SMALL,
    "result.json": SMALL,
    "test_log_probs.npy": 4 * MAX_LOSSES,
    "epochs.jsonl": LOG,
    "losses.f32": 4 * MAX_LOSSES,
    "changes.jsonl": LOG,
    "start.json": SMALL,
    WEIGHTS: 4_000_000_000,
}
README = """\
{label}

A trained MADE model, exported from run {id}. In Python, beside the project's code:

    import made

    loaded = made.load_run("{id}")  # the path of this folder
    loaded.model.log_prob(x)        # nats; x: int64 (B, D)
    loaded.model.sample(16)         # int64 (16, D)
    loaded.evaluate("test")

config.json       every setting of the experiment; `python -m made train --config` repeats it
best.safetensors  the weights of the epoch with the lowest validation NLL, where they were kept
result.json       figures on the test split, where training went to its end
test_log_probs.npy  log p of each test example in nats, in the order of the split
start.json        the run whose weights it began with, where it is another one
changes.jsonl     what was changed while it trained, and from which minibatch on
epochs.csv        one line an epoch; NLL and KL in nats / example
losses.f32        minibatch losses, nats / example: numpy.fromfile("losses.f32", "<f4")
samples/          what was drawn after each epoch of which it was kept
data.npz          64 training rows and, where it is known, the truth; the data are not included
dataset.json      size and number of categories of the data
"""


def has_what_counts(run: Run) -> bool:
    """Whether there is something to export: weights, or the figures and pictures of a finished run.

    What ships may have left its weights at home.
    """
    return "best" in run.checkpoints() or bool(run.result and run.sample_epochs())


def write_run(archive: zipfile.ZipFile, run: Run, within: str = "") -> list[str]:
    """Write a folder, named by the run's id, into an archive. Returns what was left out.

    within: a folder of the archive, with its slash. Raises MadeError for a run of which nothing
    counts yet.
    """
    if not has_what_counts(run):
        run.checkpoint_path("best")
    info = loading.dataset_info(run)
    pictures, left_out = picture_files.to_export(run, info)
    plain, odd = _as_they_are(run)
    files, left_out = plain | pictures, [*odd, *left_out]
    made_here = {
        "README.txt": README.format(label=run.label, id=run.id) + _said(left_out),
        "epochs.csv": _as_csv(run.epochs()),
        "dataset.json": to_json(asdict(info)),
    }
    for name, text in made_here.items():
        archive.writestr(f"{within}{run.id}/{name}", text)
    for name, path in files.items():
        archive.write(path, f"{within}{run.id}/{name}")
    return left_out


def _as_they_are(run: Run) -> tuple[dict[str, Path], list[str]]:
    """The files that leave unread, and what is left out: no link, which may lead anywhere."""
    files, left_out = {}, []
    for name, most in AS_THEY_ARE.items():
        path = run.path / name
        if path.is_symlink():
            left_out.append(f"{name}, which is a link to another place")
        elif regular_size(path) > most:
            left_out.append(f"{name}, which has more than {short_bytes(most)}")
        elif path.is_file():
            files[name] = path
    return files, left_out


def _said(left_out: Sequence[str]) -> str:
    return "".join(f"\nLeft out: {what}" for what in left_out)


def _as_csv(records: Sequence[Mapping[str, object]]) -> str:
    """One line a record, with every column that any of them has."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()

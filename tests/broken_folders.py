"""What may stand in a run folder that nobody meant to be there, and how to put it there."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from made import runs
from made.base.files import pack_arrays, to_json
from made.runs import line, notes, origin, words, worker
from made.runs.folder import Run
from made.runs.moments import FILE as MOMENT
from made.runs.writer import RunWriter
from made.setups.changes import Change
from made.setups.config import ExperimentConfig

SETTINGS = {"dataset": "rings", "num_samples": 1000, "grid_size": 8, "hidden_sizes": (4,)}
CONFIG = ExperimentConfig.from_flat(SETTINGS | {"epochs": 2, "batch_size": 100, "device": "cpu"})
HUGE = 400_000_000  # bytes of a sparse file

# Every file that a run folder may have; a worker, a person or an importer writes each of them.
FILES = (
    "config.json",
    "label.json",
    "notes.json",
    "status.json",
    "launch.json",
    "losses.f32",
    "epochs.jsonl",
    "changes.jsonl",
    "start.json",
    "start.safetensors",
    "best.safetensors",
    "last.safetensors",
    "result.json",
    "test_log_probs.npy",
    "data.npz",
    "moment.npz",
    "wanted.json",
    "dataset.json",
    "extensions.json",
    "request",
    "lock",
    "log.txt",
    "samples/epoch-00000.npz",
    "samples/epoch-00001.npz",
    "samples/epoch-00002.npz",
)


def whole_run(label: str = "whole") -> Run:
    """A run that was trained to its end, with every file that a folder may have."""
    run = runs.create(CONFIG, label)
    line.enter(run)
    assert worker.execute(run).state == "finished"
    runs.annotate(run, notes.Notes(tags=("a",), words="b", colour="blue"))
    origin.keep(run, run)
    RunWriter(run).append_change(Change(5, {"learning_rate": 0.002}))
    square = np.full((8, 8), 1 / 64, np.float32)
    place, rows = np.array([2, 1, 4]), np.array([[1, 2], [3, 4]], np.uint8)
    moment = {"place": place, "rows": rows, "before": square, "after": square}
    (run.path / MOMENT).write_bytes(pack_arrays(moment))
    for name, value in {
        "launch.json": {"pid": os.getpid()},
        "wanted.json": {"learning_rate": 0.003},
        "dataset.json": {"name": "rings"},
        "extensions.json": {"modules": ["outside_things"]},
    }.items():
        (run.path / name).write_text(to_json(value))
    (run.path / "request").write_text("pause")
    (run.path / "log.txt").write_text("It was trained.\n")
    words.put(run, "step")
    missing = [name for name in FILES if not (run.path / name).is_file()]
    assert not missing, missing
    return run


def copy_of(run: Run, id: str) -> Run:
    """The same folder under another id."""
    shutil.copytree(run.path, run.path.parent / id)
    return Run.open(id)


def _npz(**arrays: np.ndarray) -> bytes:
    return pack_arrays(arrays)


def _npy(header: str) -> bytes:
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def _bomb(num_bytes: int = 2**31) -> bytes:
    """An archive of a few MB whose one array unpacks to 2 GB."""
    content = io.BytesIO()
    header = _npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({num_bytes // 2}, 2), }}")
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("samples.npy", "rows.npy"):
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(header)
                for _ in range(num_bytes >> 24):
                    member.write(bytes(1 << 24))
    return content.getvalue()


def _zipped(content: bytes) -> bytes:
    """An archive in which every array is this content."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("samples", "rows", "density", "joint"):
            file.writestr(f"{name}.npy", content)
    return archive.getvalue()


def _lying() -> bytes:
    """An archive that says of an array that it is small; what it holds is not."""
    content = _npz(samples=np.zeros((2_000_000, 2), np.uint8))
    small = (60).to_bytes(4, "little")
    return content.replace((4_000_128).to_bytes(4, "little"), small)


def _tensors(header: object, length: int | None = None, rest: bytes = b"\0" * 64) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + rest


_DEEP = b"[" * 100_000 + b"]" * 100_000
_FIELDS = {"state", "epoch", "step", "pid", "label", "tags", "words", "values", "modules", "id"}
_FIELDS |= {"created", "launched", "started", "updated", "ended", "seconds_left", "message"}
_FIELDS |= {"validation_nll", "kl_nats", "nll_nats", "is_best", "best_epoch", "num_examples"}
_FIELDS |= {"learning_rate", "name", "num_variables", "num_categories", "image_shape", "threads"}


def _every_field(value: object) -> bytes:
    return json.dumps(dict.fromkeys(sorted(_FIELDS), value)).encode() + b"\n"


_HEADER = "{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}"
_ENTRY = {"dtype": "F32", "shape": [4, 4], "data_offsets": [0, 64]}
_PLACES = ("run_step", "run_epoch", "run_num_epochs", "run_seconds", "sequence", "step")
_LARGE = {"hidden_sizes": [65536] * 16}
SMALL_CONTENTS: dict[str, bytes] = {
    "nothing": b"",
    "blank": b" \n",
    "zeros": bytes(100),
    "ones": b"\xff" * 100,
    "one byte": b"\x93",
    "a mark": b"\xef\xbb\xbf{}",
    "utf-16": '{"state": "training"}'.encode("utf-16"),
    "null": b"null",
    "true": b"true",
    "a number": b"7",
    "a negative number": b"-1",
    "10^400": b"1" + b"0" * 400,
    "10^5000": b"1" + b"0" * 5000,
    "1e400": b"1e400",
    "NaN": b"NaN",
    "-Infinity": b"-Infinity",
    "a text": b'"text"',
    "half a character": b'"\\ud800"',
    "an empty list": b"[]",
    "a list": b"[1, 2]",
    "an empty object": b"{}",
    "torn": b'{"state": "trai',
    "deep": _DEEP,
    "deep objects": b'{"a":' * 100_000,
    "many lines": b"{}\n" * 100_000,
    "a pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.",
    "a script": b"#!/bin/sh\ntouch /tmp/executed\n",
    "markup": _every_field("<script>![a](http://example.com/a.png)"),
    "fields of a path": _every_field("../../etc/passwd"),
    "a place alone": b'{"epoch": 1}\n{"step": 2}\n{"epoch": 2, "step": 1, "is_best": true}\n',
    "epochs backwards": b"".join(
        b'{"epoch": %d, "step": %d, "is_best": true, "validation_nll": -1e300}\n' % (n, n)
        for n in (9_007_199_254_740_992, 5, 5, 0)
    ),
    **{
        f"every field {value!r:.20}": _every_field(value)
        for value in (
            None,
            True,
            "training",
            "\ud800",
            "",
            "x" * 200_000,
            -1,
            0,
            1e300,
            -1e300,
            float("nan"),
            float("inf"),
            10**300,
            2**53,
            253_402_300_800,
            [],
            [[[]]],
            {"a": {"b": 1}},
        )
    },
    "a config": CONFIG.model_dump_json().encode(),
    "16 layers of 65,536 units": CONFIG.replace(**_LARGE).model_dump_json().encode(),
    "5 million mask sets": CONFIG.replace(ordering="random", num_orderings=1000, ensemble_size=1000)
    .model_dump_json()
    .encode(),
    "another dataset": b'{"data": {"dataset": "binarized-mnist"}}',
    "no such dataset": b'{"data": {"dataset": "upload-0123456789abcdef"}}',
    "no such encoding": b'{"model": {"encoding": "half"}}',
    "another grid": CONFIG.replace(grid_size=200).model_dump_json().encode(),
    "a naive model": CONFIG.replace(model="naive").model_dump_json().encode(),
    "an autoencoder": CONFIG.replace(autoregressive=False).model_dump_json().encode(),
    "a wide embedding": CONFIG.replace(encoding="embedding").model_dump_json().encode(),
    "an empty archive": b"PK\x05\x06" + bytes(18),
    "half an archive": _npz(rows=np.zeros((50, 2), np.uint8))[:90],
    "wrong shapes": _npz(
        rows=np.zeros(3, np.uint8),
        samples=np.zeros((2, 9), np.uint8),
        joint=np.ones((2, 3), np.float32),
        density=np.ones((4, 5), np.float32),
        entropy=np.zeros(4, np.float32),
        place=np.zeros((2, 2), int),
        before=np.ones((3, 3), np.float32),
        after=np.ones((9, 9), np.float32),
    ),
    "wrong sizes": _npz(
        rows=np.full((3, 1), 255, np.uint8),
        samples=np.full((40, 3000), 9, np.uint16),
        joint=np.ones((2, 2), np.float32),
        density=np.ones((3, 3), np.float32),
        density_levels=np.full((5, 5), 65535, np.uint16),
        histogram=np.ones((1, 1), np.uint32),
        place=np.array([0, 0, 0]),
        before=np.ones((1, 1), np.float32),
        after=np.ones((1, 1), np.float32),
        entropy=np.array(1e300),
        independence=np.array(-1e300),
    ),
    "wrong numbers": _npz(
        rows=np.full((64, 2), 2**62),
        samples=np.full((64, 2), 2**62),
        joint=np.full((8, 8), 3e38, np.float32),
        density=np.full((8, 8), 1e-45, np.float32),
        histogram=np.full((8, 8), 2**63, np.uint64),
        place=np.full(3, 2**62),
    ),
    "wrong types": _npz(
        rows=np.array([["a", "b"]]),
        samples=np.zeros((4, 2), np.complex64),
        density=np.zeros((4, 4), "M8[s]"),
        joint=np.zeros((2, 2), [("a", "f4")]),
    ),
    "wrong keys": _npz(**{"../a": np.zeros(2), "": np.ones(1), "rows.npy": np.ones(1)}),
    "no array": _npz(),
    "an array that lies": _lying(),
    "a header alone": _npy(_HEADER.format("<f4", 2**63 - 1)),
    "a deep header": _npy("{'descr': " + "(" * 50),
    "objects": _npy(_HEADER.format("|O", 1)) + b"\x80\x04N.",
    "headers that break off": _zipped(_npy("{'descr': " + "(" * 50)),
    "headers of a large array": _zipped(_npy(_HEADER.format("<f4", 2**40))),
    "headers of objects": _zipped(_npy(_HEADER.format("|O", 1)) + b"\x80\x04N."),
    "tensors without an end": _tensors({}, 2**63),
    "tensors of nothing": _tensors({}),
    "tensors of text": _tensors(b"[" * 5000),
    "tensors of other names": _tensors({"a": _ENTRY}),
    "tensors too large": _tensors(
        {"output_bias": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    ),
    "tensors with odd text": _tensors(
        {"__metadata__": dict.fromkeys(_PLACES, "1e999"), "model.a": _ENTRY}
    ),
}

Damage = Callable[[Path], None]


def filled(content: bytes) -> Damage:
    def damage(path: Path) -> None:
        path.write_bytes(content)

    return damage


def _made_by(make: Callable[[], bytes]) -> Damage:
    """A large content, which is made when it is first asked for."""
    made = cache(make)

    def damage(path: Path) -> None:
        path.write_bytes(made())

    return damage


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(HUGE)


def _emptied(act: Callable[[Path], object]) -> Damage:
    def damage(path: Path) -> None:
        path.unlink()
        act(path)

    return damage


def _linked_to(target: str) -> Damage:
    return _emptied(lambda path: path.symlink_to(target))


KINDS: dict[str, Damage] = {
    "huge": _sparse,
    "50 MB of JSON": _made_by(lambda: b'{"a": [' + b"0," * 25_000_000 + b"0]}"),
    "a bomb": _made_by(_bomb),
    "gone": Path.unlink,
    "a folder": _emptied(Path.mkdir),
    "a FIFO": _emptied(os.mkfifo),
    "a link to nothing": _linked_to("nowhere"),
    "a link to itself": lambda path: _linked_to(path.name)(path),
    "a link to a device": _linked_to("/dev/zero"),
    "a link to a text": _linked_to("/etc/passwd"),
    "without rights": lambda path: path.chmod(0),
}


def corpus() -> Iterator[tuple[str, str, Damage]]:
    """Every file with all that may stand in its place: its name, what it is, the act."""
    for name in FILES:
        for said, content in SMALL_CONTENTS.items():
            yield name, said, filled(content)
        for said, damage in KINDS.items():
            yield name, said, damage


def torn(path: Path, most: int | None = None) -> Iterator[tuple[str, Damage]]:
    """A file cut at every byte, or at so many of them, spread over it and dense at both ends."""
    content = path.read_bytes()
    places = range(len(content))
    chosen = list(places)
    if most is not None and len(chosen) > most:
        ends = [*places[: most // 4], *places[-most // 4 :]]
        chosen = sorted({*ends, *places[:: -(-2 * len(chosen) // most)]})
    for place in chosen:
        yield f"cut at byte {place}", filled(content[:place])

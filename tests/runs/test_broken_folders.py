"""Whatever stands in a run folder, reading it gives values of their types, or one sentence."""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made import datasets, plots, runs
from made.base import files
from made.base.errors import MadeError
from made.base.tensors import Header
from made.commands.reading import _describe
from made.model.encodings import ENCODINGS, OneHot
from made.model.shapes import weight_shapes
from made.runs import changing, exporting, fitting, jobs, records
from made.runs import folder as run_folder
from made.runs.folder import Run
from made.runs.loading import load_run
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.views import comparison, live_losses, run_views
from made.views.comparison_tables import runs_table

pytestmark = pytest.mark.usefixtures("folder")

ODD = [
    "yesterday",
    "\ud800",
    1e300,
    -1e300,
    math.nan,
    math.inf,
    True,
    10**400,
    -1,
    None,
    [1],
    {"a": 1},
    253_402_300_800,
]


@pytest.fixture
def run() -> Run:
    made = runs.create(ExperimentConfig(), "a run")
    writer = RunWriter(made)
    writer.append_epoch({"epoch": 0, "step": 0, "is_best": True, "validation_nll": 3.0})
    writer.update(state="finished")
    return made


def show_all(run: Run) -> str:
    """All that pages and the command line say of a run, in one text that can be encoded."""
    row = comparison.read_row(run)
    said = [
        run_views.run_title(run),
        run_views.progress_line(run, run.status(), None),
        run_views.engine_line(run.status()),
        run_views.figure_line(run),
        run_views.details_line(run.config),
        run_views.curve(run).alt(),
        str(run_views.curve(run).option()),
        str(run_views.pictures(run)),
        str(runs_table([row])),
        row.stand,
        json.dumps(_describe(run), ensure_ascii=False),
    ]
    text = "\n".join(said)
    text.encode()
    return text


def write(run: Run, name: str, content: Any) -> None:
    (run.path / name).write_text(json.dumps(content) + "\n")


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_no_status_label_record_or_result_breaks_what_is_shown(run: Run, value: Any) -> None:
    if value == 10**400:
        value = 10**300
    status = dict.fromkeys(vars(records.Status()), value)
    write(run, "status.json", status)
    show_all(run)
    write(run, "status.json", status | {"state": "finished"})
    show_all(run)
    write(run, "label.json", {"label": value})
    write(run, "launch.json", {"pid": value})
    write(run, "epochs.jsonl", dict.fromkeys(records.EpochRecord.__annotations__, value))
    show_all(run)
    place = {"epoch": 1, "step": 10, "is_best": value}
    write(run, "epochs.jsonl", {"validation_nll": value, "kl_nats": value} | place)
    show_all(run)
    write(run, "result.json", dict.fromkeys(records.Result.__annotations__, value))
    show_all(run)
    write(run, "result.json", {"nll_nats": 3.1, "num_mask_sets": 2, "best_epoch": value})
    assert "Test NLL" in show_all(run)
    assert [each.id for each in runs.list_runs()] == [run.id]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(list(vars(records.Status()))), JSON))
def test_a_status_has_the_types_it_says(recorded: dict) -> None:
    status = records.parse_status(json.dumps(recorded).encode())
    assert status.state in records.STATES
    for name in ("message", "cause", "device", "engine"):
        getattr(status, name).encode()
    for name, value in vars(status).items():
        if isinstance(value, int | float):
            assert not isinstance(value, bool), name
            assert 0 <= value <= records.MAX_COUNT, name


@given(st.dictionaries(st.sampled_from(list(records.Result.__annotations__)), JSON))
def test_a_result_has_finite_figures_and_whole_counts(recorded: dict) -> None:
    for name, value in records.parse_result(json.dumps(recorded).encode()).items():
        if name == "reason":
            value.encode()
        else:
            assert math.isfinite(value)
            assert name not in records.COUNTS or type(value) is int


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff[1, 2", "is not valid: The configuration: invalid JSON"),
        (b"[" * 100_000, "is not valid"),
        (b"{}" + b" " * 2_000_000, "is larger than 1 MB"),
        (
            b'{"model": {"encoding": "half"}}',
            "encoding: unknown encoding 'half': import the module that registers it",
        ),
        (b'{"model": {"dropout": 7}}', "is not valid: dropout: should be less than"),
        (b'{"training": {"speed": 7}}', "is not valid: speed: extra inputs are not permitted"),
    ],
    ids=["no JSON", "too deep", "too large", "unknown", "out of range", "no such field"],
)
def test_a_run_that_cannot_be_read_says_why_and_all_others_are_as_before(
    run: Run, content: bytes, reason: str
) -> None:
    broken = runs.create(ExperimentConfig(), "broken")
    (broken.path / "config.json").write_bytes(content)
    problem = broken.problem or ""
    assert reason in problem
    assert "delete" not in problem
    with pytest.raises(MadeError):
        _ = broken.config
    assert {each.id: each.problem for each in runs.list_runs()} == {
        broken.id: problem,
        run.id: None,
    }
    assert _describe(broken)["problem"] == problem
    assert [row.id for row in comparison.read_rows(runs.list_runs())] == [run.id]
    show_all(run)


def test_a_run_becomes_readable_when_its_encoding_is_registered(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(run, "config.json", {"model": {"encoding": "half"}})
    make_old(run)
    assert "unknown encoding 'half'" in (run.problem or "")
    monkeypatch.setitem(ENCODINGS, "half", OneHot)
    assert run.problem is None
    assert run.config.model.encoding == "half"


def make_old(run: Run) -> None:
    """Let every file have been written long ago, so that what is read of it is remembered."""
    for path in run.path.iterdir():
        os.utime(path, (1e9, 1e9))


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("config.json", lambda run: run.problem),
        ("status.json", lambda run: run.status()),
        ("label.json", lambda run: run.label),
        ("result.json", lambda run: run.result),
    ],
)
def test_a_broken_file_is_looked_into_once(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, look: Callable[[Run], object]
) -> None:
    (run.path / name).write_bytes(b"\xff")
    make_old(run)
    looked = []
    read = files.read_bytes

    def noting(path, limit):
        looked.append(path.name)
        return read(path, limit)

    monkeypatch.setattr(files, "read_bytes", noting)
    assert look(run) == look(run) == look(run)
    assert looked == [name]
    (run.path / name).write_bytes(b"\xfe")
    look(run)
    assert len(looked) > 1


def test_files_of_any_size_are_not_read_into_memory(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("status.json", "label.json", "epochs.jsonl", "result.json", "data.npz"):
        with (run.path / name).open("wb") as file:
            file.truncate(2**40)
    monkeypatch.setattr(files, "read_bytes", None)
    assert (run.state, run.label, run.epochs(), run.result) == ("interrupted", run.id, [], None)
    assert run.read_arrays("data.npz") == {}
    monkeypatch.setattr(run_folder, "MAX_LOSSES", 100)
    with (run.path / "losses.f32").open("wb") as file:
        file.truncate(2**40)
    assert run.losses().shape == (100,)


def test_what_is_no_file_is_not_waited_for(run: Run) -> None:
    (run.path / "status.json").unlink()
    os.mkfifo(run.path / "status.json")
    assert run.state == "interrupted"


@pytest.mark.parametrize(
    "arrays",
    [
        {"rows": np.zeros(3, np.uint8), "entropy": np.zeros(4), "joint": np.ones((2, 3))},
        {"rows": np.full((2, 3), -1), "joint": np.full((3, 3), np.nan, np.float32)},
        {"rows": np.array([["a"]]), "joint": np.zeros((2, 2)), "entropy": np.array("x")},
        {"samples": np.zeros((2, 2)), "density": np.ones((2, 2), int)},
    ],
    ids=["shapes", "values", "types", "kinds"],
)
def test_arrays_that_cannot_be_shown_are_not_there(run: Run, arrays: dict) -> None:
    np.savez(run.path / "data.npz", **arrays)
    (run.path / "samples").mkdir()
    np.savez(run.path / "samples" / "epoch-00000.npz", **arrays)
    assert run.read_arrays("data.npz") == run.samples() == {}
    show_all(run)


def test_an_archive_that_unpacks_to_more_than_it_may_is_not_read(run: Run) -> None:
    path = run.path / "data.npz"
    np.savez_compressed(path, rows=np.zeros((1000, 1000), np.uint8))
    assert files.read_arrays(path, limit=1_000_000) == {}
    assert files.read_arrays(path, limit=1_001_000)["rows"].shape == (1000, 1000)


@pytest.mark.parametrize("pid", [None, os.getpid()], ids=["unknown", "alive"])
def test_a_launch_in_the_future_is_no_launch(run: Run, pid: int | None) -> None:
    write(run, "status.json", {"state": "starting", "launched": 32_000_000_000})
    write(run, "launch.json", {"pid": pid})
    assert run.state == "interrupted"


@pytest.mark.timeout(60)
def test_nobody_waits_at_a_pipe(run: Run) -> None:
    for name in ("losses.f32", "request", "wanted.json", "lock", "log.txt", "data.npz"):
        (run.path / name).unlink(missing_ok=True)
        os.mkfifo(run.path / name)
    assert not run.is_alive
    assert (run.num_losses, len(run.losses())) == (0, 0)
    assert jobs.requested(run) is changing.wanted(run) is None
    show_all(run)
    with pytest.raises(OSError, match=r"log\.txt"):
        jobs.open_log(run.path)


def test_losses_are_thinned_in_parts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    RunWriter(run).append_losses(losses)
    monkeypatch.setattr(live_losses, "_PART", 700)
    found, whole = live_losses.thinned(run), plots.thin(losses)
    np.testing.assert_array_equal(found.buckets(), whole.buckets())
    np.testing.assert_array_equal(found.smoothed(), whole.smoothed())


def test_of_a_log_no_more_is_kept_than_any_run_writes(run: Run, monkeypatch) -> None:
    monkeypatch.setattr(files, "MOST_LINES", 3)
    monkeypatch.setattr(files, "LONGEST_LINE", 60)
    for number in range(5):
        line = {"epoch": number, "step": number, "is_best": False}
        with (run.path / "other").open("a") as file:
            file.write(json.dumps(line | ({"note": "x" * 60} if number == 1 else {})) + "\n")
    assert [each["epoch"] for each in records.parse_epochs((run.path / "other").read_bytes())] == [
        0,
        2,
    ]


def test_a_network_that_does_not_fit_in_memory_is_refused_before_it_is_built(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ExperimentConfig.from_flat({"hidden_sizes": [65536] * 16})
    info = datasets.info(config.data)
    shapes = weight_shapes(config.model, info.num_variables, info.num_categories)
    monkeypatch.setattr(fitting, "read_header", lambda path: Header(shapes, {}))
    (run.path / "best.safetensors").touch()
    (run.path / "config.json").write_text(config.model_dump_json())
    with pytest.raises(MadeError, match=r"needs about [\d.]+ GB, where .* are free"):
        load_run(run)


def test_an_export_takes_no_link_and_nothing_that_could_not_come_in(run: Run) -> None:
    secret = run.path.parent / "secret"
    secret.write_text("nobody's business")
    (run.path / "label.json").unlink()
    (run.path / "label.json").symlink_to(secret)
    (run.path / "notes.json").write_bytes(b" " * 1_000_001)
    (run.path / "best.safetensors").touch()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        left_out = exporting.write_run(archive, run)
        names = {name.partition("/")[2] for name in archive.namelist()}
    assert {"config.json", "status.json"} <= names
    assert names.isdisjoint({"label.json", "notes.json"})
    assert left_out == [
        "label.json, which is a link to another place",
        "notes.json, which has more than 1 MB",
    ]


@pytest.mark.parametrize(
    "arrays",
    [
        {"joint": np.full((8, 8), 1 / 64, np.float32)},
        {"density": np.full((2, 2), 0.25, np.float32)},
        {"rows": np.zeros((5, 3), np.uint8)},
        {"samples": np.full((5, 2), 4, np.uint8)},
    ],
    ids=["large", "small", "wide", "out of range"],
)
def test_arrays_of_other_data_are_not_there(arrays: dict) -> None:
    run = runs.create(ExperimentConfig.from_flat({"dataset": "rings", "grid_size": 4}))
    own = {"entropy": np.array(1.5)}
    np.savez(run.path / "data.npz", **arrays, **own)
    assert run.read_arrays("data.npz") == own

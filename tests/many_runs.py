"""A thousand finished run folders, and how long the table of runs takes to stand.

PYTHONPATH=. python tests/many_runs.py FOLDER            writes them, if the folder has none
PYTHONPATH=. python tests/many_runs.py FOLDER --measure  and times Compare, first and again
PYTHONPATH=. python tests/many_runs.py FOLDER --browser  and times it in a headless Chromium
"""

from __future__ import annotations

import argparse
import json
import os
import time
from itertools import product
from pathlib import Path

from made.model.encodings import ENCODINGS
from made.setups.config import ExperimentConfig

BASE = ExperimentConfig.from_flat(
    {"dataset": "rings", "grid_size": 50, "num_samples": 10_000, "hidden_sizes": (200,)}
)
WIDTHS, RATES = ((100,), (200,), (200, 200), (512,)), (0.0003, 0.001, 0.003)
EPOCHS = 24
CREATED = 1_790_000_000.0
PAGE = Path(__file__).parents[1] / "pages" / "compare" / "page.py"


def write_runs(folder: Path, number: int = 1000) -> list[str]:
    """Run folders as workers leave them, without weights or pictures. Returns their ids."""
    choices = product(range(-(-number // 72)), ENCODINGS, WIDTHS, RATES)
    ids = []
    for place, (seed, encoding, widths, rate) in zip(range(number), choices, strict=False):
        config = BASE.replace(
            encoding=encoding, hidden_sizes=widths, learning_rate=rate, seed=seed, data_seed=seed
        )
        ids.append(f"20260901-{place // 3600:02}{place // 60 % 60:02}{place % 60:02}-{place:06x}")
        _write_run(folder / ids[-1], config, f"rings, {encoding} #{place}", place)
    return ids


def _write_run(path: Path, config: ExperimentConfig, label: str, place: int) -> None:
    path.mkdir(parents=True)
    kl = 0.05 + 0.3 * (place * 0.618034 % 1)
    records = [
        {
            "epoch": epoch,
            "step": 63 * epoch,
            "is_best": epoch == EPOCHS,
            "seconds": 0.1 * epoch,
            "train_nll": 7.0 + kl + 1 / (1 + epoch),
            "validation_nll": 7.1 + kl + 1 / (1 + epoch),
            "kl_nats": kl + 1 / (1 + epoch),
        }
        for epoch in range(EPOCHS + 1)
    ]
    status = {"state": "finished", "epoch": EPOCHS, "step": 63 * EPOCHS, "created": CREATED + place}
    result = {
        "best_epoch": EPOCHS,
        "nll_nats": 7.04 + kl,
        "nll_standard_error": 0.02,
        "bits_per_dim": 5.1 + kl,
        "kl_nats": kl,
        "num_mask_sets": 1,
        "training_seconds": 2.4,
    }
    files = {
        "config.json": config.model_dump_json(indent=2),
        "label.json": json.dumps({"label": label}),
        "status.json": json.dumps(status),
        "result.json": json.dumps(result),
        "epochs.jsonl": "".join(f"{json.dumps(record)}\n" for record in records),
    }
    for name, content in files.items():
        (path / name).write_text(content)
    (path / "lock").touch()


def measure(rounds: int = 3) -> None:
    """Prints the seconds of drawing the Compare page in this process, the first time and again.

    Before that, the seconds of reading all runs without any page.
    """
    from streamlit.testing.v1 import AppTest

    from made import runs
    from made.views import comparison

    for place in range(rounds):
        worked = time.process_time()
        number = len(comparison.read_rows(runs.list_runs()))
        print(f"{number} runs read, time {place + 1}: {time.process_time() - worked:.2f} s")
    page = AppTest.from_file(str(PAGE), default_timeout=600)
    for place in range(rounds):
        begun, worked = time.perf_counter(), time.process_time()
        page.run()
        took, work = time.perf_counter() - begun, time.process_time() - worked
        print(f"page, time {place + 1}: {took:.2f} s, of which the processor worked {work:.2f} s")
        assert not page.exception


def measure_in_browser(folder: Path) -> None:
    """Prints the seconds until the table stands: a first visitor, a second one, a filter."""
    from browser import chromium, dashboard, open_page

    with dashboard(folder) as board, chromium() as browser:
        for visitor in ("first", "second", "third"):
            begun = time.perf_counter()
            page = open_page(browser, f"{board.address}/compare")
            page.get_by_text("Tick the rows to compare").wait_for()
            print(f"browser, {visitor} visitor: {time.perf_counter() - begun:.2f} s")
            page.context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--number", type=int, default=1000)
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--browser", action="store_true")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    os.environ["MADE_RUNS_DIR"] = str(chosen.folder)
    if not any(chosen.folder.glob("2026*")):
        write_runs(chosen.folder, chosen.number)
    if chosen.measure:
        measure()
    if chosen.browser:
        measure_in_browser(chosen.folder)


if __name__ == "__main__":
    main()

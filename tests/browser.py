"""A dashboard of its own and a headless Chromium in front of it, for the tests of journeys."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds


def browser_path() -> str:
    """The browser of this machine; skips the test where there is none, unless one is required."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None and os.environ.get("MADE_REQUIRE_BROWSER"):
        pytest.fail("MADE_REQUIRE_BROWSER is set and no Chromium was found on the path.")
    if path is None:
        pytest.skip(f"No browser was found on the path, tried {', '.join(NAMES)}.")
    return path


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser. Inside a container it runs as root, which needs its sandbox off."""
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    path = browser_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *root])
        yield browser
        browser.close()


class Dashboard:
    """`streamlit run app.py`, or another command, on a free port, with a runs folder of its own."""

    def __init__(self, runs_folder: Path, folder: Path = PROJECT):
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://localhost:{self.port}"
        self.environment = os.environ | {
            "MADE_RUNS_DIR": str(runs_folder),
            "PYTHONFAULTHANDLER": "1",
        }
        self.log = runs_folder / "server.log"
        self.process: subprocess.Popen | None = None
        self.folder = folder
        flags = ["--server.headless", "true", "--server.port", str(self.port)]
        self.command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 60
        while not self._is_up():
            assert time.monotonic() < deadline, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()

    def _is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # each thread says where it stands
            self.process.wait(10)
            pytest.fail(f"The server does not end: {self.log.read_text()[-10_000:]}")


@contextmanager
def dashboard(runs_folder: Path) -> Iterator[Dashboard]:
    """A running dashboard; at the end the server and every worker it started are gone."""
    board = Dashboard(runs_folder)
    try:
        board.start()
        yield board
    finally:
        board.stop()
        end_workers(runs_folder)


def end_workers(runs_folder: Path) -> None:
    """Kill the workers of a runs folder, which outlive their server by design.

    One that ends by itself between the look and the kill is gone as well.
    """
    for process in workers(runs_folder):
        with suppress(psutil.NoSuchProcess):
            process.kill()
        process.wait(10)


def workers(runs_folder: Path) -> list[psutil.Process]:
    """The living processes of its runs, whether started or forked."""
    found = {}
    for file in [*runs_folder.glob("*/launch.json"), *runs_folder.glob("*/status.json")]:
        with suppress(psutil.Error, OSError, ValueError, TypeError):
            process = psutil.Process(json.loads(file.read_text())["pid"])
            if any(word.startswith("made.runs.") for word in process.cmdline()):
                found[process.pid] = process
    return list(found.values())


def open_page(
    browser: Browser,
    address: str,
    scheme: str = "light",
    size: tuple[int, int] = (1280, 720),
) -> Page:
    """A page of a new visitor, at the size of a projector; `page.complaints` collects errors."""
    viewport = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(address)
    return page


def assert_no_exception(page: Page) -> None:
    """Neither Streamlit nor the page's own scripts have failed."""
    assert page.get_by_test_id("stException").count() == 0, page.inner_text("body")
    assert page.get_by_text("that was not foreseen").count() == 0, page.inner_text("body")
    assert page.complaints == []

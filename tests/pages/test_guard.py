"""Only what names the dashboard, and comes from its own pages, is let in."""

from __future__ import annotations

import asyncio
import http.client
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Dashboard, dashboard
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from made.commands import dashboard as command
from made.commands import main
from pages.shared.guard import is_known, is_own, known_names

NAMES = {"localhost", "class.example", ".school.example"}


# What is set up once for all of them is set up on one worker.
pytestmark = pytest.mark.xdist_group("guard")


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_HOSTS", "class.example, .school.example")
        with dashboard(tmp_path_factory.mktemp("runs")) as running:
            yield running


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("localhost:8501", True),
        ("LOCALHOST.:8501", True),
        ("127.0.0.1:8501", True),
        ("[::1]:8501", True),
        ("192.168.1.20", True),
        ("class.example:8501", True),
        ("a.school.example", True),
        ("school.example", False),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("evilclass.example", False),
        ("", False),
        (":8501", False),
        ("localhost:port", False),
        ("localhost@evil.example", False),
        ("evil.example@localhost", False),
        ("localhost/evil.example", False),
        ("evil.example?localhost", False),
        ("[::1", False),
    ],
)
def test_a_host_is_known_by_number_or_by_name(host: str, known: bool) -> None:
    assert is_known(host, NAMES) == known


def test_the_names_are_those_of_the_machine_and_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MADE_HOSTS", "A.example,  b.example ,,")
    monkeypatch.setattr("socket.gethostname", lambda: "Box")
    assert known_names() == {
        "localhost",
        ".localhost",
        "box",
        "box.local",
        "a.example",
        "b.example",
    }


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        (None, True),
        ("http://localhost:8501", True),
        ("https://localhost:8501", True),
        ("http://localhost:3000", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_its_own_pages_are_its_own(origin: str | None, own: bool) -> None:
    assert is_own(origin, "localhost:8501") == own


def opened(board: Dashboard, host: str, origin: str | None) -> int:
    """The status with which the server answers a websocket that asks to be opened."""

    async def ask() -> int:
        address = f"ws://{host}:{board.port}/_stcore/stream"
        try:
            async with connect(
                address,
                host="localhost",
                port=board.port,
                origin=origin,
                subprotocols=["streamlit"],
            ):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    return asyncio.run(ask())


def test_a_session_opens_for_the_own_pages_alone(board: Dashboard) -> None:
    own = f"http://localhost:{board.port}"
    assert opened(board, "localhost", own) == 101
    assert opened(board, "localhost", None) == 101
    assert opened(board, "class.example", f"http://class.example:{board.port}") == 101
    assert opened(board, "localhost", "http://evil.example") == 403
    assert opened(board, "localhost", "http://localhost:1") == 403
    assert opened(board, "evil.example", f"http://evil.example:{board.port}") == 403
    assert opened(board, "evil.example", None) == 403


def answer(
    board: Dashboard, path: str, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection("localhost", board.port, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode(errors="replace")
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/train", "/_stcore/health", "/_stcore/host-config"])
def test_a_page_is_given_under_its_own_name_alone(board: Dashboard, path: str) -> None:
    assert answer(board, path)[0] == 200
    assert answer(board, path, Host="a.school.example")[0] == 200
    status, _, text = answer(board, path, Host="evil.example")
    assert status == 403
    assert "not known as 'evil.example': start it with `made dashboard --host NAME`" in text


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/static/nowhere.js"])
def test_no_site_may_frame_it_and_no_browser_guesses(board: Dashboard, path: str) -> None:
    for host in (f"localhost:{board.port}", "evil.example"):
        _, headers, _ = answer(board, path, Host=host)
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_another_site_changes_nothing_and_figures_of_the_server_are_closed(
    board: Dashboard,
) -> None:
    path = "/_stcore/upload_file/session/file"
    assert answer(board, path, "PUT", Origin="http://evil.example")[0] == 403
    assert answer(board, path, "DELETE", Origin="http://evil.example")[0] == 403
    assert "not public" in answer(board, "/_stcore/metrics")[2]
    assert answer(board, "/_stcore/metrics/")[0] == 403


def test_the_command_adds_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_HOSTS", "one.example")
    seen = {}

    class App:
        def run(self, config: dict) -> None:
            seen["hosts"] = os.environ["MADE_HOSTS"].split()

    monkeypatch.setattr(command.runpy, "run_path", lambda path: {"app": App()})
    main(["dashboard", "--host", "two.example", "--host", ".three.example"])
    assert seen["hosts"] == ["one.example", "two.example", ".three.example"]

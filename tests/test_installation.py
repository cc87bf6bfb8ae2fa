"""What `pip install .` brings: the library, its command, the pages and the runs that ship."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from browser import Dashboard, assert_no_exception, chromium, end_workers, open_page
from test_architecture import MODULES, PAGES, ROOT, imported, top

from made.commands import main

pytestmark = pytest.mark.xdist_group("installation")

CODE = [*MODULES.values(), *PAGES]
LIGHT_PRIMARY = "rgb(15, 118, 110)"


def normal(name: str) -> str:
    """A distribution's name as an index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> dict[str, str]:
    """Distributions and versions of a list in which each line is `name==version`."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    return {normal(name): version for name, version in (line.split("==") for line in lines)}


REQUIREMENTS = pins(ROOT / "requirements.txt")
# What only some need, and is imported only where it is asked for: extra to its distribution.
EXTRAS = {"ray": "ray", "login": "authlib"}


def test_what_is_imported_is_what_is_declared() -> None:
    installed = packages_distributions()
    outside = {top(name) for path in CODE for name in imported(path)}
    outside -= {*sys.stdlib_module_names, "made", "pages", *EXTRAS.values()}
    needed = {normal(installed[name][0]) for name in outside}
    assert needed == set(REQUIREMENTS)


@pytest.mark.parametrize("name", ["README.md", ".github/CONTRIBUTING.md"])
def test_what_the_documents_point_at_is_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    paths = set(re.findall(r"`((?:made|pages|\.\w+)/[\w./]*)`", text))
    assert paths
    assert {path for path in paths if not (ROOT / path).exists()} == set()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *flags, "--wheel-dir", str(folder), str(ROOT)],
        check=True,
    )
    return next(folder.glob("made-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel was installed, without what it stands on."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def environment(installed: Path, tmp_path: Path) -> dict[str, str]:
    """Of a process that finds the installed package first, from wherever it is started."""
    return os.environ | {"PYTHONPATH": str(installed), "MADE_RUNS_DIR": str(tmp_path / "runs")}


def shipped() -> set[str]:
    """Files of the runs that ship, below `checkpoints/`, less what a process leaves there."""
    folder = ROOT / "checkpoints"
    return {
        path.relative_to(folder).as_posix()
        for pattern in ("shipped-*/**/*", "studies/shipped-*/**/*")
        for path in folder.glob(pattern)
        if path.is_file() and path.name not in ("lock", "log.txt")
    }


def below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_has_the_package_the_pages_and_the_runs_that_ship(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"made/{name}" for name in below(ROOT / "made")} <= names
    assert {"made/py.typed", "made/setups/presets/digits8.json"} <= names
    assert {"made/dashboard/app.py", "made/dashboard/.streamlit/config.toml"} <= names
    assert {f"made/dashboard/pages/{name}" for name in below(ROOT / "pages")} <= names
    assert {f"made/shipped/{name}" for name in shipped()} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"made"}


def test_the_wheel_asks_for_the_one_list_and_brings_the_command(installed: Path) -> None:
    (about,) = installed.glob("*.dist-info")
    metadata = (about / "METADATA").read_text("utf-8").splitlines()
    asked = [line.removeprefix("Requires-Dist: ") for line in metadata if "Requires-Dist" in line]
    always = [line for line in asked if "extra ==" not in line]
    assert dict(line.split("==") for line in always) == REQUIREMENTS
    extras = {line.split("extra == ")[1].strip("'\"") for line in asked if line not in always}
    assert extras == set(EXTRAS)
    assert "made = made.commands:main" in (about / "entry_points.txt").read_text("utf-8")


def test_the_project_asks_for_the_tools_that_build_it() -> None:
    built_with = re.search(r"requires = (\[.*\])", (ROOT / "pyproject.toml").read_text("utf-8"))
    tools = dict(line.split("==") for line in ast.literal_eval(built_with[1]))
    assert tools.items() <= pins(ROOT / "tests" / "requirements.txt").items()


def test_the_installed_package_trains_from_any_folder(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Also in the detached process that works on a run."""
    train = "train --dataset digits8 --hidden-sizes 4 --epochs 1 --device cpu --json"
    ended = subprocess.run(
        [sys.executable, "-m", "made", *train.split()],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert len(list((tmp_path / "runs").glob("*/result.json"))) == 1


def test_runs_of_an_installed_package_live_in_the_users_data(
    environment: dict[str, str], tmp_path: Path
) -> None:
    environment |= {"MADE_RUNS_DIR": "", "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    code = (
        "from made.base import places as p; print(p.runs_folder(), *p.shipped_folder().iterdir())"
    )
    command = [sys.executable, "-c", code]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    runs, *ship = ended.stdout.split()
    assert tmp_path in Path(runs).parents
    assert {Path(path).name for path in ship} == {name.split("/")[0] for name in shipped()}


@pytest.mark.browser
def test_made_dashboard_opens_the_installed_pages_in_their_colours(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "runs").mkdir()
    board = Dashboard(tmp_path / "runs", folder=tmp_path)
    flags = ["--no-browser", "--port", str(board.port)]
    board.command = [sys.executable, "-m", "made", "dashboard", *flags]
    board.environment |= environment
    with chromium() as browser:
        try:
            board.start()
            page = open_page(browser, board.address)
            train = page.get_by_role("button", name="Train", exact=True).first
            train.wait_for()
            assert train.evaluate("it => getComputedStyle(it).backgroundColor") == LIGHT_PRIMARY
            assert_no_exception(page)
        finally:
            board.stop()
            end_workers(tmp_path / "runs")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8e3", "web"])
def test_a_port_that_is_none_is_refused_in_one_sentence(
    port: str, capsys: pytest.CaptureFixture
) -> None:
    assert main(["dashboard", f"--port={port}"]) == 2
    assert f"'{port}' is no port: choose 1 to 65535" in capsys.readouterr().err


def test_missing_pages_are_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("made.commands.dashboard.dashboard_folder", lambda: tmp_path)
    assert main(["dashboard"]) == 1
    assert "The pages are missing from" in capsys.readouterr().err

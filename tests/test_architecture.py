"""Imports point one way, the pages wait for nothing heavy, and every file can be read at once."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "made"
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
MAX_LINES = 400

# From the top down: a module imports only what stands above it. `likelihood` and `sampling` work
# on any model and know none, so they stand above `model`, whose methods call them.
LAYERS = (
    "errors",
    "files",
    "orderings",
    "encodings",
    "heads",
    "config",
    "checks",
    "masks",
    "datasets",
    "likelihood",
    "sampling",
    "model",
    "evaluation",
    "snapshots",
    "trainer",
    "runs",
    "run_writer",
    "jobs",
    "worker",
    "__main__",
)


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


MODULES = modules()


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def import_nodes(node: ast.AST, *, inside_functions: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports that happen when the code runs, not those that only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif is_type_checking(child):
            for other in child.orelse:
                yield from import_nodes(other, inside_functions=inside_functions)
        elif inside_functions or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from import_nodes(child, inside_functions=inside_functions)


@cache
def imported(path: Path, *, inside_functions: bool = True) -> set[str]:
    """Dotted names that a file imports; of the package itself, its modules."""
    names = set()
    tree = ast.parse(path.read_text("utf-8"))
    for node in import_nodes(tree, inside_functions=inside_functions):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
            continue
        assert node.level == 0, f"{path.name} imports relatively"
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            names.add(full if full in MODULES else node.module)
    return names


def part(module: str) -> str:
    """The part of the package that a module belongs to: its second name."""
    return module.split(".")[1] if "." in module else ""


@cache
def graph() -> dict[str, set[str]]:
    """Which part of the package imports which others, anywhere in its code."""
    edges: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        if module == "made":
            continue
        targets = {part(name) for name in imported(path) if name in MODULES and name != "made"}
        edges.setdefault(part(module), set()).update(targets - {part(module)})
    return edges


def top(name: str) -> str:
    return name.split(".")[0]


@pytest.mark.parametrize("module", MODULES)
def test_the_library_never_imports_the_user_interface(module: str) -> None:
    names = {top(name) for name in imported(MODULES[module])}
    assert names.isdisjoint({"streamlit", "app", "pages", "tests"})


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages_never_import_torch(path: Path) -> None:
    assert "torch" not in {top(name) for name in imported(path)}


def loads_torch(names: list[str]) -> bool:
    """Whether a fresh interpreter that imports these modules has torch loaded."""
    code = f"import sys\nfor name in {names}: __import__(name)\nprint('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip() == "True"


def test_looking_at_runs_and_settings_does_not_wait_for_torch() -> None:
    names = ["config", "checks", "masks", "datasets", "runs", "jobs", "plots"]
    assert not loads_torch([f"made.{name}" for name in names])
    assert loads_torch(["made.training.trainer"])


def test_what_the_pages_import_first_does_not_wait_for_torch() -> None:
    at_once = set().union(*(imported(path, inside_functions=False) for path in PAGES))
    assert not loads_torch(sorted(name for name in at_once if name in MODULES))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_module_imports_only_what_stands_above_it(layer: str) -> None:
    above = set(LAYERS[: LAYERS.index(layer)])
    below = set(LAYERS) - above - {layer}
    assert layer in graph(), f"made/{layer}.py is gone"
    assert graph()[layer].isdisjoint(below)


def test_no_imports_go_round_in_circles() -> None:
    edges = graph()
    while edges:
        free = {name for name, targets in edges.items() if not targets & edges.keys()}
        assert free, f"a circle among {sorted(edges)}"
        edges = {name: targets for name, targets in edges.items() if name not in free}


def test_modules_inside_a_folder_import_in_one_direction() -> None:
    edges = {
        module: {name for name in imported(path) if name in MODULES and name != module}
        for module, path in MODULES.items()
        if path.name != "__init__.py"
    }
    while edges:
        free = {name for name, targets in edges.items() if not targets & edges.keys()}
        assert free, f"a circle among {sorted(edges)}"
        edges = {name: targets for name, targets in edges.items() if name not in free}


def test_nothing_but_the_bench_imports_the_oracle() -> None:
    importers = {name for name, path in MODULES.items() if "made.bench.textbook" in imported(path)}
    assert importers == {"made.bench"}


@pytest.mark.parametrize("word", ["pickle", "joblib", "dill"])
def test_no_pickle_is_ever_read(word: str) -> None:
    for path in [*MODULES.values(), *PAGES]:
        assert word not in {top(name) for name in imported(path)}, path.name


SOURCES = [*PAGES, *MODULES.values(), *sorted((ROOT / "tests").rglob("*.py"))]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES

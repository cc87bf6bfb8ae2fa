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

# From the top down: a package imports only what stands above it, whatever the import is for. The
# package's own face comes last, because it hands out what all the others make.
PACKAGES = (
    "base",
    "people",
    "datasets",
    "model",
    "density",
    "setups",
    "training",
    "runs",
    "studies",
    "lessons",
    "plots",
    "views",
    "bench",
    "library",
    "commands",
    "__main__",
    "made",
)


def place_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


MODULES = modules()


def import_nodes(node: ast.AST, *, at_once: bool = False) -> Iterator[ast.Import | ast.ImportFrom]:
    """All imports of a file. at_once: only those that happen when the file itself is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not (at_once and waits(child)):
            yield from import_nodes(child, at_once=at_once)


def waits(node: ast.AST) -> bool:
    """Whether imports in there happen later or never: functions, and what a type checker reads."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def imported_by(code: str, *, at_once: bool = False) -> set[str]:
    """Dotted names that some code imports; of the package itself, its modules."""
    names = set()
    for node in import_nodes(ast.parse(code), at_once=at_once):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
            continue
        assert node.level == 0, "a relative import"
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            names.add(full if full in MODULES else str(node.module))
    return names


@cache
def imported(path: Path, *, at_once: bool = False) -> set[str]:
    return imported_by(path.read_text("utf-8"), at_once=at_once)


def package_of(module: str) -> str:
    """The package that a module of made belongs to, or its own name at the root."""
    return module.split(".")[1] if "." in module else module


def breaches(module: str, code: str) -> list[str]:
    """What a module imports that does not stand above it, `TYPE_CHECKING` and functions included.

    `from made import runs` imports the package made.runs, not the face.
    """
    place = PACKAGES.index(package_of(module))
    targets = {name for name in imported_by(code) if top(name) == "made"}
    return sorted(
        name
        for name in targets
        if package_of(name) != package_of(module) and PACKAGES.index(package_of(name)) > place
    )


def top(name: str) -> str:
    return name.split(".")[0]


@pytest.mark.parametrize("module", MODULES)
def test_the_library_never_imports_the_user_interface(module: str) -> None:
    names = {top(name) for name in imported(MODULES[module])}
    assert names.isdisjoint({"streamlit", "app", "pages", "tests"})


@pytest.mark.parametrize("path", PAGES, ids=place_of)
def test_pages_never_import_torch(path: Path) -> None:
    assert "torch" not in {top(name) for name in imported(path)}


def loads_torch(names: list[str]) -> bool:
    """Whether a fresh interpreter that imports these modules has torch loaded."""
    code = f"import sys\nfor name in {names}: __import__(name)\nprint('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip() == "True"


def test_looking_at_runs_and_settings_does_not_wait_for_torch() -> None:
    names = ["setups.config", "setups.checks", "model.masks", "datasets", "runs", "plots", "views"]
    assert not loads_torch([f"made.{name}" for name in names])
    assert loads_torch(["made.training.trainer"])


def test_what_the_pages_import_first_does_not_wait_for_torch() -> None:
    at_once = set().union(*(imported(path, at_once=True) for path in PAGES))
    assert not loads_torch(sorted(name for name in at_once if name in MODULES))


def test_every_package_has_its_place_and_its_one_sentence() -> None:
    assert {package_of(module) for module in MODULES} == set(PACKAGES)
    for name in PACKAGES:
        face = PACKAGE / name / "__init__.py"
        if face.exists():
            assert ast.get_docstring(ast.parse(face.read_text("utf-8")))


@pytest.mark.parametrize("module", MODULES)
def test_a_package_imports_only_what_stands_above_it(module: str) -> None:
    assert breaches(module, MODULES[module].read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "from made.training.trainer import Trainer",
        "import made.training.trainer",
        "from made import training",
        "from made import train",
        "if TYPE_CHECKING:\n    from made.training.trainer import Trainer",
        "def late():\n    from made.training.trainer import Trainer",
    ],
)
def test_an_import_from_below_is_found_wherever_it_hides(line: str) -> None:
    assert breaches("made.model.network", line)


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
    assert importers == {"made.bench.cases"}


# Modules that read pickles or what runs code like them, and functions that do, by their full names.
PICKLES = {"pickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
READERS = {"torch.load", "torch.jit.load", "torch.serialization.load", "torch.hub.load"}
IMPORTERS = {"__import__", "importlib.import_module"}


def full_names(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for: np for numpy, load for torch.load."""
    names = {}
    for node in import_nodes(tree):
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            else:
                names[alias.asname or top(alias.name)] = (
                    alias.name if alias.asname else top(alias.name)
                )
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    """The full name of np.load, numpy.load: "numpy.load"; without its first part if not a name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value, names)}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def pickles_read(code: str) -> list[str]:
    """Whatever in some code reads a pickle, or may: numpy.load that is not told never to."""
    tree = ast.parse(code)
    names = full_names(tree)
    found = [name for name in imported_by(code) if top(name) in PICKLES]
    found += [name for name in names.values() if name in READERS]
    refusing = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = dotted(node.func, names)
            given = {word.arg: word.value for word in node.keywords}
            if "allow_pickle" in given and not is_false(given["allow_pickle"]):
                found.append("allow_pickle")
            if "allow_pickle" in given and named == "numpy.load":
                refusing.add(node.func)
            if named in IMPORTERS and isinstance(node.args[0], ast.Constant):
                found += [node.args[0].value] if top(node.args[0].value) in PICKLES else []
        elif isinstance(node, ast.Attribute | ast.Name):
            named = dotted(node, names)
            is_reader = named in READERS or named.endswith("read_pickle")
            if is_reader or (named == "numpy.load" and node not in refusing):
                found.append(named)
    return found


@pytest.mark.parametrize(
    "code",
    [
        *(f"import {module}" for module in sorted(PICKLES)),
        "from pickle import loads",
        "def late():\n    import pickle as p",
        "__import__('pickle')",
        "import importlib\nimportlib.import_module('pickle')",
        "from importlib import import_module\nimport_module('joblib.numpy_pickle')",
        "import torch\ntorch.load(path)",
        "import torch\ntorch.load(path, weights_only=True)",
        "import torch as t\nread = t.load",
        "from torch import load",
        "from torch.serialization import load as read",
        "import torch.jit\ntorch.jit.load(path)",
        "import numpy as np\nnp.load(path)",
        "import numpy\nnumpy.load(path, mmap_mode='r')",
        "from numpy import load\nload(path)",
        "from numpy import load as read\nread(path)",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "import numpy as np\nnp.load(path, allow_pickle=is_trusted)",
        "import numpy as np\nnp.load(path, **options)",
        "import numpy as np\nfunctools.partial(np.load, mmap_mode='r')",
        "import numpy as np\nnp.lib.format.read_array(stream, allow_pickle=True)",
        "import pandas as pd\npd.read_pickle(path)",
        "from pandas import read_pickle\nread_pickle(path)",
    ],
)
def test_whatever_reads_a_pickle_is_found(code: str) -> None:
    assert pickles_read(code)


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nnp.load(path, allow_pickle=False)",
        "import numpy as np\nnp.loadtxt(path)",
        "from made import datasets\ndatasets.load(config)",
        "from safetensors import torch\ntorch.load(content)",
        "import torch\nmodel.load_state_dict(weights)",
    ],
)
def test_what_reads_no_pickle_is_left_alone(code: str) -> None:
    assert not pickles_read(code)


@pytest.mark.parametrize("path", [*MODULES.values(), *PAGES], ids=place_of)
def test_no_pickle_is_ever_read(path: Path) -> None:
    assert pickles_read(path.read_text("utf-8")) == []


SOURCES = [*PAGES, *MODULES.values(), *sorted((ROOT / "tests").rglob("*.py"))]


@pytest.mark.parametrize("path", SOURCES, ids=place_of)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


def test_no_two_drawings_bear_one_name() -> None:
    """The latest to be registered under a name is what both would show."""
    places = [path for path in (ROOT / "pages").rglob("*.html") if path.with_suffix(".js").exists()]
    names = [path.stem for path in places]
    assert sorted(names) == sorted(set(names))


def test_no_part_of_a_page_is_drawn_again_by_the_timer_of_a_fragment() -> None:
    """It doubles the press of a button that is about to be sent: see pages/shared/pulse.py."""
    timed = [
        f"{place_of(path)}:{node.lineno}"
        for path in PAGES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "run_every"
    ]
    assert timed == []


def test_whatever_is_drawn_by_itself_fails_by_itself() -> None:
    """So it is made by `pages.shared.session.fragment`, and by nothing else."""
    bare = [
        place_of(path)
        for path in PAGES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "st.fragment"
    ]
    assert bare == ["pages/shared/session.py"]

"""What a set-up needs from outside made: the modules that register it, and how others find them.

A module that registers an encoding, a head, a dataset or an ordering is imported by whoever wants
to use it: a notebook by itself; the command line, the dashboard and every worker where
`MADE_EXTENSIONS` names it, which whoever launches a worker sets for it. What a run needs is also
recorded in its folder, for people to read: a folder is only data and may come from anybody, so
nothing that it names is ever imported.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from made.base.errors import MadeError
from made.base.files import parse_object, read_or
from made.base.registry import Registry
from made.datasets import REGISTRY as DATASETS
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS
from made.model.orderings import ORDERINGS
from made.setups.config import ExperimentConfig

VARIABLE = "MADE_EXTENSIONS"
FILE = "extensions.json"
MAX_BYTES = 1_000_000
NOTEBOOK = "__main__"
# The fields of a configuration whose values are names in a registry.
REGISTRIES: dict[str, Registry[Any]] = {
    "dataset": DATASETS,
    "encoding": ENCODINGS,
    "head": HEADS,
    "ordering": ORDERINGS,
}


def load() -> None:
    """Import the modules that `MADE_EXTENSIONS` names, separated by commas. Raises MadeError."""
    import_modules(named())


def named() -> list[str]:
    """The modules that `MADE_EXTENSIONS` names."""
    return [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]


def import_modules(names: Iterable[str]) -> None:
    """Import modules that register things. Raises MadeError for one that cannot be imported."""
    for name in names:
        try:
            importlib.import_module(name)
        except MadeError:
            raise
        except Exception as error:
            raise MadeError(
                f"The module '{name[:80]}', which registers what is needed here, cannot be "
                f"imported ({type(error).__name__}: {error}): correct it, or put its folder into "
                "PYTHONPATH."
            ) from error


def origins(config: ExperimentConfig) -> dict[str, str]:
    """The fields of a configuration that name something from outside, and its module."""
    values = config.flat()
    found = {field: registry.origins.get(values[field]) for field, registry in REGISTRIES.items()}
    return {field: module for field, module in found.items() if module is not None}


def modules(config: ExperimentConfig) -> list[str]:
    """The modules that must be imported before a configuration can be read elsewhere."""
    return sorted({module for module in origins(config).values() if module != NOTEBOOK})


def require_importable(config: ExperimentConfig) -> None:
    """Raises MadeError where a process of its own could not find what the configuration names."""
    for field, module in origins(config).items():
        if module in ("", NOTEBOOK) or _folder(module) is None:
            raise MadeError(
                f"The {field} '{config.flat()[field]}' is defined in this notebook or script, "
                "where a process of its own cannot find it: train here with made.train on one "
                "device, or put it into a module and import that."
            )


def environment(*configs: ExperimentConfig) -> dict[str, str]:
    """Variables for a process that is to read these configurations: what to import, and where."""
    needed = sorted({module for config in configs for module in modules(config)})
    folders = [str(folder) for module in needed if (folder := _folder(module)) is not None]
    paths = [*dict.fromkeys(folders), *filter(None, [os.environ.get("PYTHONPATH")])]
    changes = {VARIABLE: ",".join(dict.fromkeys([*named(), *needed]))}
    return changes | {"PYTHONPATH": os.pathsep.join(paths)} if needed else {}


def recorded(folder: Path) -> list[str]:
    """The modules that a run folder says it needs; to be told, not to be imported."""
    names = read_or(folder / FILE, parse_object, {}, limit=MAX_BYTES).get("modules")
    return [name[:80] for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _folder(module: str) -> Path | None:
    """The folder from which Python imports a module that is loaded, or None without a file."""
    top = sys.modules.get(module.partition(".")[0])
    if file := getattr(top, "__file__", None):
        path = Path(file).resolve()
        return path.parent.parent if path.name == "__init__.py" else path.parent
    places = list(getattr(top, "__path__", []))
    return Path(places[0]).resolve().parent if places else None

"""Flags made from the configuration classes: the same names, checks and explanations."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from made.base.errors import MadeError
from made.setups.config import (
    FIELDS,
    SECTIONS,
    ExperimentConfig,
    field_help,
    field_options,
    field_title,
)
from made.setups.presets import Preset, find_preset

TITLES = {
    "data": "data",
    "model": "model",
    "masks": "orderings and masks",
    "training": "training",
}
METAVARS = {int: "N", float: "X", str: "NAME", tuple: "N,N,..."}


def add_settings(parser: argparse.ArgumentParser) -> None:
    """One flag a field, grouped by section; only flags that are given end up in the namespace."""
    defaults = ExperimentConfig().flat()
    for section, kind in SECTIONS.items():
        group = parser.add_argument_group(TITLES.get(section, section))
        for name in kind.model_fields:
            flag = f"--{name.replace('_', '-')}"
            default = defaults[name]
            shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
            if isinstance(default, bool):
                shown = "on" if default else "off"
            explained = f"{field_title(name)}: {field_help(name)} Default: {shown}."
            common: dict[str, Any] = {
                "dest": name,
                "default": argparse.SUPPRESS,
                "help": explained.replace("%", "%%"),
            }
            if isinstance(default, bool):
                group.add_argument(flag, action=argparse.BooleanOptionalAction, **common)
                continue
            options = field_options(name)
            metavar = "{" + ",".join(options) + "}" if options else METAVARS[type(default)]
            if isinstance(default, tuple):
                common["help"] += " @FILE: the numbers in a file."
            group.add_argument(flag, type=_reader(name), metavar=metavar, **common)


def _reader(name: str) -> Callable[[str], Any]:
    """Parse and check the text of one field, or of a list the file that holds it."""
    is_list = isinstance(ExperimentConfig().flat()[name], tuple)

    def read(text: str) -> Any:
        try:
            if is_list and text.startswith("@"):
                text = read_list(Path(text[1:]))
            return ExperimentConfig.from_flat({name: text}).flat()[name]
        except MadeError as error:
            reason = str(error).removeprefix(f"{name}: ").rstrip(".")
            raise argparse.ArgumentTypeError(f"{reason} (not {text[:40]!r})") from None

    return read


def read_list(path: Path) -> str:
    """The whole numbers of a text file, separated by blanks, commas or lines. Raises MadeError."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise MadeError(f"the list '{path}' cannot be read: {error.strerror}") from None
    except ValueError:
        raise MadeError(f"the list '{path}' is no text: write whole numbers in it") from None
    return text.strip().strip("[]()")


def add_bases(parser: argparse.ArgumentParser) -> None:
    """What the flags change: a configuration file or a preset."""
    bases = parser.add_mutually_exclusive_group()
    bases.add_argument(
        "--config",
        type=Path,
        metavar="FILE.json",
        help="Start from a configuration, such as the config.json of a run; flags go before it.",
    )
    bases.add_argument(
        "--preset",
        type=_preset,
        metavar="NAME",
        help="Start from a preset, as `presets` lists them; flags go before it.",
    )


def _preset(name: str) -> Preset:
    try:
        return find_preset(name)
    except MadeError as error:
        reason = str(error).rstrip(".")
        raise argparse.ArgumentTypeError(reason[0].lower() + reason[1:]) from None


def configuration(arguments: argparse.Namespace) -> ExperimentConfig:
    """The --config file or the preset, changed by the flags that were given. Raises MadeError."""
    values = {} if arguments.config is None else _read_file(arguments.config)
    if arguments.preset is not None:
        values = arguments.preset.config.flat()
    flags = {name: value for name, value in vars(arguments).items() if name in FIELDS}
    return ExperimentConfig.from_flat(values | flags)


def _read_file(path: Path) -> dict[str, Any]:
    """The fields that a JSON file sets, in sections like a run's config.json or flat."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise MadeError(f"The configuration '{path}' cannot be read: {error.strerror}.") from None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise MadeError(f"'{path}' is no configuration: it must hold one JSON object.")
    values: dict[str, Any] = {}
    for name, value in content.items():
        values |= value if name in SECTIONS and isinstance(value, dict) else {name: value}
    return values

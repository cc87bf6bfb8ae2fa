"""Named set-ups: a configuration, the figure that it reaches, and how long that takes.

A preset of the project is one JSON file beside this module, and its name is that of the file; a
person's own is registered from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, NonNegativeFloat, PositiveFloat

from made.base.errors import MadeError
from made.base.files import parse_object
from made.base.registry import Registry
from made.base.text import duration, exact, significant
from made.density.figures import FIGURES
from made.setups.config import ExperimentConfig

FOLDER = Path(__file__).parent
# Fields in which a run may differ from a preset and still be expected to reach its figure.
FREE = frozenset({"seed", "device"})


class KnownFigure(BaseModel, frozen=True, extra="forbid"):
    """A figure known before any run, in nats.

    tolerance: by how much other seeds and machines differ, if known.
    """

    figure: Literal["nll_nats", "kl_nats"]
    value: PositiveFloat
    tolerance: NonNegativeFloat | None = None

    @property
    def text(self) -> str:
        """Such as "test NLL 88.92 nats"."""
        spread = "" if self.tolerance is None else f" ± {exact(self.tolerance)}"
        figure = FIGURES[self.figure]
        of = "test " if figure.is_of_split else ""
        value = significant(self.value) if self.tolerance is None else f"{self.value:g}"
        return f"{of}{figure.title} {value}{spread} nats"


class Preset(BaseModel, frozen=True, extra="forbid"):
    """A set-up with a name.

    settings: fields of the configuration, by their flat names, that are not the defaults.
    expected: measured with this project, None where it has not been. published: what the paper
    reports for this recipe. duration_seconds: measured on `hardware`, None where it has not been.
    """

    name: str
    title: str
    description: str
    settings: dict[str, Any]
    expected: KnownFigure | None = None
    published: KnownFigure | None = None
    duration_seconds: PositiveFloat | None = None
    hardware: str = ""

    @cached_property
    def config(self) -> ExperimentConfig:
        """The whole configuration. Raises MadeError for a setting that is none."""
        return ExperimentConfig.from_flat(self.settings)

    @property
    def duration(self) -> str:
        """Such as "about 10 min"; empty where it was not measured."""
        return "" if self.duration_seconds is None else duration(self.duration_seconds)

    @property
    def brief_outlook(self) -> str:
        """The figure and the time alone; before they are measured, what the paper reports."""
        if self.expected is None:
            return self.outlook
        parts = [f"Expected {self.expected.text}", self.duration]
        return " · ".join(filter(None, parts))

    @property
    def outlook(self) -> str:
        """What to expect in one line: the figure, the time and where both were measured."""
        parts = [f"Expected {self.expected.text}" if self.expected else "Not measured yet"]
        if self.duration:
            parts.append(f"{self.duration} on {self.hardware}")
        if self.published:
            parts.append(f"the paper: {self.published.text}")
        return " · ".join(parts)


@cache
def shipped_presets() -> dict[str, Preset]:
    """The presets of the project. Raises MadeError for a file that is none."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.json"))}


def load_presets() -> dict[str, Preset]:
    """All presets by name: the project's, then those from outside. Raises MadeError."""
    return shipped_presets() | PRESETS


def complete(name: str, given: Any, title: str = "", description: str = "") -> Preset:
    """A preset from outside, of its settings or of a function that returns them."""
    if name in shipped_presets():
        raise MadeError(f"There is a preset {name!r} already: choose another name.")
    settings = given() if callable(given) else given
    if isinstance(settings, ExperimentConfig):
        defaults = ExperimentConfig()
        changed = settings.differences(defaults)
        settings = {field: value for field, (value, _) in changed.items()}
    if not isinstance(settings, Mapping):
        raise MadeError(
            f"The preset {name!r} must be settings by their names, such as {{'dataset': 'rings'}}, "
            f"a configuration, or a function that returns one, not {type(settings).__name__}."
        )
    preset = Preset(
        name=name,
        title=title or name,
        description=description or (callable(given) and given.__doc__) or title or name,
        settings=dict(settings),
    )
    _ = preset.config
    return preset


PRESETS: Registry[Preset] = Registry("preset", {}, prepare=complete)


def find_preset(name: str) -> Preset:
    """The preset of a name. Raises MadeError where there is none."""
    known = load_presets()
    if name not in known:
        raise MadeError(f"There is no preset '{name[:80]}': choose one of {', '.join(known)}.")
    return known[name]


def preset_of(config: ExperimentConfig) -> Preset | None:
    """The preset that a configuration is, whatever its seed and its device, or None."""
    for preset in load_presets().values():
        if preset.config.differences(config).keys() <= FREE:
            return preset
    return None


def _read(path: Path) -> Preset:
    try:
        return Preset(name=path.stem, **parse_object(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise MadeError(f"The preset '{path.name}' cannot be read: {error}") from None

"""A lesson: words beside a playground, and steps that tick themselves off when they are done.

A lesson is one TOML file. Those of the project lie beside this module, a teacher's own in the
folder `lessons` of the runs folder:

    title = "Masks turn copying into a density"
    playground = "masks"            # what is played with; see PLAYGROUNDS
    short = "Masks"                 # for the bar of chapters
    chapter = 2                     # its place in the bar; own lessons need none
    text = "Hidden unit $k$ may see the first $m(k)$ inputs."
    controls = ["ordering"]         # only these are shown; by default all
    [start]                         # how the playground begins
    degrees = [1, 2, 1, 2]
    [[steps]]
    text = "Make $\\hat x_3$ depend on $x_1$ alone."
    highlight = "output-3"          # what pulses in the drawing until the step is done
    when = { depends_3 = [1] }      # facts that the playground must report
    [[links]]
    text = "Train it yourself"
    page = "train"                  # train, explore, compare or data
    settings = { dataset = "rings" }
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError

from made.base.errors import MadeError
from made.base.fields import Section
from made.base.places import runs_folder
from made.base.registry import NAME

FOLDER = Path(__file__).parent
OWN = "lessons"
MOST_BYTES = 200_000
PLAYGROUNDS = ("copying", "masks", "pixels", "sampling", "encodings", "many-masks", "uses")

Facts = Mapping[str, Any]
S = TypeVar("S", bound=Section)


class Bounds(Section):
    """What a reported number, text or list must be like; all that is given must hold."""

    above: float | None = None
    below: float | None = None
    contains: Any = None
    differs: Any = None

    def hold(self, value: Any) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return (
            (self.above is None or (is_number and value > self.above))
            and (self.below is None or (is_number and value < self.below))
            and (
                self.contains is None or (isinstance(value, Collection) and self.contains in value)
            )
            and (self.differs is None or value != self.differs)
        )


class Step(Section):
    """text: Markdown, one line. when: names of facts to what they must be, or to `Bounds`."""

    text: str = Field(min_length=1, max_length=400)
    when: dict[str, Bounds | bool | int | float | str | list[Any]] = Field(min_length=1)
    highlight: str = Field("", max_length=60)

    def is_done(self, facts: Facts) -> bool:
        """Whether the facts that a playground reports are those that this step waits for."""
        return all(name in facts and _fits(facts[name], w) for name, w in self.when.items())


class Link(Section):
    """A way to another page with its set-up, its run or its study loaded, and back.

    settings: flat fields of a configuration; preset: the name of one. query: what the address of
    the page says besides, such as {run = "…", tool = "xray"}.
    """

    text: str = Field(min_length=1, max_length=120)
    page: Literal["train", "explore", "compare", "data"]
    note: str = Field("", max_length=400)
    preset: str = ""
    settings: dict[str, Any] = Field({})
    query: dict[str, str] = Field({})


class Lesson(Section):
    """A lesson as its file tells it. name: that of the file."""

    name: str
    title: str = Field(min_length=1, max_length=120)
    short: str = Field("", max_length=24)
    chapter: int | None = Field(None, ge=1, le=99)
    playground: Literal[PLAYGROUNDS]  # type: ignore[valid-type]
    text: str = Field("", max_length=8000)
    controls: list[str] | None = None
    start: dict[str, Any] = Field({})
    steps: list[Step] = Field([], max_length=12)
    links: list[Link] = Field([], max_length=12)

    @property
    def bar_title(self) -> str:
        """What the bar of chapters calls it."""
        title = self.short or self.title[:24]
        return title if self.chapter is None else f"{self.chapter} {title}"

    def shows(self, control: str) -> bool:
        """Whether the playground shows one of its controls."""
        return self.controls is None or control in self.controls

    def begins(self, kind: type[S]) -> S:
        """What it says under [start]. Raises MadeError, which says what is wrong where."""
        try:
            return kind.model_validate(self.start)
        except ValidationError as error:
            raise MadeError(f"The start of this lesson cannot be read {_fault(error)}") from None


def read_lesson(text: str, name: str) -> Lesson:
    """A lesson from the text of its file. Raises MadeError, which says what is wrong where."""
    try:
        fields = tomllib.loads(text)
        return Lesson.model_validate({**fields, "name": name})
    except tomllib.TOMLDecodeError as error:
        raise MadeError(f"The lesson '{name}' is no TOML file: {error}.") from None
    except ValidationError as error:
        raise MadeError(f"The lesson '{name}' cannot be read {_fault(error)}") from None


def lessons() -> dict[str, Lesson]:
    """All lessons by name: the chapters in their order, then a teacher's own that can be read."""
    chapters = sorted(
        (_open(path) for path in FOLDER.glob("*.toml")), key=lambda lesson: lesson.chapter or 0
    )
    found = {lesson.name: lesson for lesson in chapters}
    for path in _own_files():
        if path.stem not in found and not isinstance(lesson := _try(path), str):
            found[path.stem] = lesson
    return found


def problems() -> list[str]:
    """One sentence for each of a teacher's own lessons that cannot be read."""
    return [said for path in _own_files() if isinstance(said := _try(path), str)]


def _own_files() -> list[Path]:
    return sorted((runs_folder() / OWN).glob("*.toml"))


def _try(path: Path) -> Lesson | str:
    try:
        return _open(path)
    except MadeError as error:
        return str(error)


def _open(path: Path) -> Lesson:
    name = path.stem
    if not NAME.fullmatch(name):
        raise MadeError(
            f"The lesson file '{name[:60]}.toml' needs a name of small letters, digits and hyphens."
        )
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise MadeError(f"The lesson '{name}' is no file of at most {MOST_BYTES:,} bytes.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MadeError(f"The lesson '{name}' cannot be read: {error}.") from None
    return read_lesson(text, name)


def _fault(error: ValidationError) -> str:
    """The first place that cannot be read, and why."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    return f"at {place}: {first['msg']}."


def _fits(value: Any, wanted: Any) -> bool:
    """Whether a fact is what is wanted: within bounds, or equal, where True is no 1."""
    if isinstance(wanted, Bounds):
        return wanted.hold(value)
    if isinstance(value, tuple):
        value = list(value)
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)

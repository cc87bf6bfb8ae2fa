"""The house rules of a dashboard: one small file of settings, `made.toml` in the runs folder.

    mode = "class"             # mine: one person, no login; exhibit: to look at and play with
    join_code = "blue heron"   # a class needs the two codes, or addresses of teachers below
    teacher_code = "grey owl"
    teachers = ["ada@school.org"]   # with a login by OpenID Connect, who of them teaches
    members = ["@school.org"]       # and who may come in; nobody named: all whom it admits

    [limits]                   # of each person in a class; a teacher has none
    runs = 3

`MADE_SETTINGS` names another file. Without a file the mode is "mine".
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError, model_validator

from made.base.errors import MadeError
from made.base.fields import Section
from made.base.files import Unreadable, read, write_atomically
from made.base.places import runs_folder

Mode = Literal["mine", "class", "exhibit"]
MODES: tuple[Mode, ...] = get_args(Mode)
FILE, LIMIT = "made.toml", 100_000
MIN_CODE_LENGTH = 6

Code = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Addresses = Annotated[tuple[str, ...], Field(max_length=10_000)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Limits(Section):
    """What one person in a class may have."""

    runs: Count = Field(3, title="Runs at once", description="Runs that wait or train.")
    kept_runs: Count = Field(200, title="Runs kept", description="Runs in all.")
    study_runs: Count = Field(12, title="Runs of a study", description="New runs of one study.")
    parameters: Count = Field(2_000_000, title="Parameters", description="Of one model.")
    megabytes: Count = Field(2_000, title="Memory (MB)", description="Of one run, estimated.")
    minutes: Count = Field(15, title="Minutes", description="Of one run, estimated.")
    uploads: Count = Field(10, title="Datasets", description="Uploaded or drawn.")


class House(Section):
    """What the file of settings says."""

    mode: Mode = Field(title="Mode", description="Who may do what.")
    join_code: Code = Field("", title="Join code", description="Lets people into a class.")
    teacher_code: Code = Field("", title="Teacher code", description="Lets teachers in.")
    teachers: Addresses = Field((), title="Teachers", description="E-mail addresses.")
    members: Addresses = Field((), title="Members", description="Addresses, or @ their ends.")
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _has_a_door(self) -> House:
        if self.mode != "class":
            return self
        if not (self.join_code and self.teacher_code) and not self.teachers:
            raise ValueError(
                "a class needs join_code and teacher_code, or the addresses of its teachers"
            )
        for name in ("join_code", "teacher_code"):
            code = getattr(self, name)
            if code != code.strip() or 0 < len(code) < MIN_CODE_LENGTH:
                raise ValueError(
                    f"{name} needs {MIN_CODE_LENGTH} characters or more, and no blanks around them"
                )
        if self.join_code and self.join_code == self.teacher_code:
            raise ValueError("join_code and teacher_code are to differ")
        return self


def settings_path() -> Path:
    """The file of settings; it need not exist."""
    named = os.environ.get("MADE_SETTINGS")
    return Path(named).expanduser().resolve() if named else runs_folder() / FILE


def house() -> House:
    """The rules as the file states them now. Raises MadeError where it cannot be understood.

    A file that cannot be read opens nothing: who has written one wants a door.
    """
    path = settings_path()
    if not os.path.lexists(path) and "MADE_SETTINGS" not in os.environ:
        return House(mode="mine")
    try:
        return read(path, _parse, limit=LIMIT)
    except Unreadable as error:
        raise MadeError(f"The settings of this dashboard, '{path.name}': it {error}.") from None


def write(**values: Any) -> House:
    """Change settings in the file, which is made where there is none. Raises MadeError.

    Comments in it are not kept. Only its owner can read it, as it holds the codes.
    """
    path = settings_path()
    before: dict[str, Any] = {}
    if os.path.lexists(path):
        before = house().model_dump(exclude_unset=True)
    try:
        found = House.model_validate(before | values)
    except ValidationError as error:
        raise MadeError(f"These settings will not do: {_sentence(error)}.") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, _to_toml(found))
    return found


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that its owner alone can read."""

    def fill(draft: Path) -> None:
        draft.touch(0o600)
        draft.write_text(text, encoding="utf-8")

    write_atomically(path, fill)


def _to_toml(found: House) -> str:
    """Text, numbers and lists of text are written in TOML as they are in JSON."""
    values = found.model_dump(exclude_unset=True)
    limits = values.pop("limits", {})
    lines = [f"{name} = {_literal(value)}" for name, value in values.items()]
    if limits:
        lines += ["", "[limits]", *(f"{name} = {value}" for name, value in limits.items())]
    return "\n".join(lines) + "\n"


def _literal(value: str | tuple[str, ...]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _parse(content: bytes) -> House:
    try:
        return House.model_validate(tomllib.loads(content.decode()))
    except ValidationError as error:
        raise ValueError(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    said = first["msg"].removeprefix("Value error, ")
    return f"'{place}': {said}" if place else said

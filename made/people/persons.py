"""Who stands before the dashboard, and whose a thing is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from made.base.errors import MadeError
from made.base.files import parse_object, read_or, to_json, write_atomically

FILE = "owner.json"
LIMIT = 10_000
MAX_KEY_LENGTH, MAX_NAME_LENGTH = 400, 40


@dataclass(frozen=True)
class Owner:
    """key: tells people apart; name: what others see."""

    key: str
    name: str


@dataclass(frozen=True)
class Person(Owner):
    """Somebody who is there now."""

    is_teacher: bool = False

    @property
    def is_in(self) -> bool:
        """Whether they have come through the door of a class."""
        return bool(self.key)


# Who is before the dashboard and has not said who they are.
STRANGER = Person("", "")


class Owned(Protocol):
    """What belongs to somebody: a run, a study, a dataset; without an owner, to the teacher."""

    @property
    def owner(self) -> Owner | None: ...


def read_owner(folder: Path) -> Owner | None:
    """Whose a folder is; None where nobody is recorded."""
    return read_or(folder / FILE, parse_owner, None, limit=LIMIT)


def write_owner(folder: Path, owner: Owner | None) -> None:
    """Record whose a folder is; nobody leaves no file. Raises MadeError for who cannot be read."""
    if owner is not None:
        if owner_of(to_object(owner)) is None:
            raise MadeError("What belongs to you cannot be kept under your name: join by another.")
        write_atomically(folder / FILE, to_json(to_object(owner)).encode())


def to_object(owner: Owner) -> dict[str, str]:
    """What is recorded of an owner."""
    return {"key": owner.key, "name": owner.name}


def parse_owner(content: bytes) -> Owner:
    """owner.json. Raises ValueError."""
    owner = owner_of(parse_object(content))
    if owner is None:
        raise ValueError("it names no owner")
    return owner


def owner_of(value: Any) -> Owner | None:
    """The owner that an object of a JSON file names; None where it is none."""
    if not isinstance(value, dict):
        return None
    key, name = value.get("key"), value.get("name")
    if not isinstance(key, str) or not isinstance(name, str):
        return None
    if not 0 < len(key) <= MAX_KEY_LENGTH or not is_name(name):
        return None
    return Owner(key, name)


def is_name(name: str) -> bool:
    """Whether people can be shown by this name."""
    return 0 < len(name) <= MAX_NAME_LENGTH and name.isprintable() and name == name.strip()

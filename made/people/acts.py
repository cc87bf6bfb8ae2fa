"""The table of who may do what, in each mode. Everything else asks it."""

from __future__ import annotations

from typing import Literal, get_args

from made.people.house import Mode
from made.people.persons import Owner, Person

# What begins something that is one's own from then on.
Starting = Literal["train", "upload", "download"]
# What is done with something that is there, and what would be done with it, in words.
Handling = Literal[
    "stop", "pause", "resume", "play", "change", "rename", "note", "delete", "restore"
]
# What concerns everybody.
Teaching = Literal["pause all", "import"]
Act = Starting | Handling | Teaching

STARTING: tuple[Starting, ...] = get_args(Starting)
HANDLING: tuple[Handling, ...] = get_args(Handling)
TEACHING: tuple[Teaching, ...] = get_args(Teaching)

EXHIBIT = (
    "This is an exhibit: Explore, Compare and Learn work, and nothing is trained, changed or kept."
)
JOIN = "Join the class first: reload this page, and type its code and your name."
WORDS: dict[str, str] = {"note": "write notes to", "play": "hold or step"}
TEACHERS_OWN: dict[str, str] = {"pause all": "pause all runs", "import": "import runs"}


def may(mode: Mode, person: Person, act: Act, owner: Owner | None = None) -> str | None:
    """None where a person may do this, else the reason why not, in a sentence.

    owner: whose the thing is that is acted on, None where it is nobody's; a class counts what is
    nobody's as the teacher's.
    """
    if mode == "mine":
        return None
    if mode == "exhibit":
        return EXHIBIT
    if not person.is_in:
        return JOIN
    if person.is_teacher or act in STARTING:
        return None
    if act in TEACHERS_OWN:
        return f"In a class only the teacher can {TEACHERS_OWN[act]}."
    if owner is not None and owner.key == person.key:
        return None
    whose = "the teacher" if owner is None else f"{owner.name} and the teacher"
    return f"Only {whose} can {WORDS.get(act, act)} this; look at it, and copy its set-up."

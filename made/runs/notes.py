"""What people note about a run: tags, words, a colour, and whether it is put away.

`notes.json` may be written while a worker lives, which never looks at it. What is noted about a run
that ships with the project lies in the runs folder, under `notes/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from made.base.errors import MadeError
from made.base.files import parse_object

FILE, FOLDER = "notes.json", "notes"
COLOURS = ("blue", "orange", "green", "violet", "pink", "grey")
MAX_TAGS, MAX_TAG_LENGTH, MAX_WORDS_LENGTH = 12, 30, 2000


@dataclass(frozen=True, kw_only=True)
class Notes:
    """words: free text; colour: one of COLOURS, or empty; archived: hidden unless asked for."""

    tags: tuple[str, ...] = ()
    words: str = ""
    colour: str = ""
    archived: bool = False


NONE = Notes()


def parse_notes(content: bytes) -> Notes:
    """notes.json; an entry of a wrong type or size is not there."""
    recorded = parse_object(content)
    tags: Any = recorded.get("tags")
    words: Any = recorded.get("words")
    colour: Any = recorded.get("colour")
    return Notes(
        tags=tuple(filter(_is_tag, tags))[:MAX_TAGS] if isinstance(tags, list) else (),
        words=words if _is_text(words, MAX_WORDS_LENGTH) else "",
        colour=colour if colour in COLOURS else "",
        archived=recorded.get("archived") is True,
    )


def checked_notes(notes: Notes) -> Notes:
    """Tags without blanks around them and each once. Raises MadeError for what cannot be kept."""
    tags = tuple(dict.fromkeys(filter(None, map(str.strip, notes.tags))))
    words = notes.words.strip()
    if wrong := [tag for tag in tags if not _is_tag(tag)]:
        raise MadeError(
            f"A tag has at most {MAX_TAG_LENGTH} printable characters and no comma: "
            f"'{wrong[0][:40]}' will not do."
        )
    if len(tags) > MAX_TAGS:
        raise MadeError(f"A run has at most {MAX_TAGS} tags, not {len(tags)}: take some away.")
    if not _is_text(words, MAX_WORDS_LENGTH):
        raise MadeError(
            f"A note has at most {MAX_WORDS_LENGTH:,} characters, not {len(words):,}: shorten it."
        )
    if notes.colour not in ("", *COLOURS):
        raise MadeError(f"'{notes.colour[:40]}' is no colour: choose one of {', '.join(COLOURS)}.")
    return Notes(tags=tags, words=words, colour=notes.colour, archived=notes.archived)


def all_tags(noted: Iterable[Notes]) -> list[str]:
    """Every tag that is in use, once, in the order of the alphabet."""
    return sorted({tag for notes in noted for tag in notes.tags})


def to_object(notes: Notes) -> dict[str, Any]:
    """What notes.json holds; what says nothing is left out."""
    return {name: value for name, value in asdict(notes).items() if value}


def _is_tag(value: Any) -> bool:
    is_short = _is_text(value, MAX_TAG_LENGTH)
    return is_short and bool(value) and value.isprintable() and "," not in value


def _is_text(value: Any, most: int) -> bool:
    if not isinstance(value, str) or len(value) > most:
        return False
    # What is no text of any language, such as half a character, cannot be written or shown.
    return value.isascii() or value.encode(errors="ignore").decode() == value

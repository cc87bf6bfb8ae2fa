"""The door of a class: codes compared in constant time, wrong ones slowed down, names kept apart.

Who joins chooses a name and a word of their own: the word keeps their runs theirs, as a name alone
could be typed by anyone. Words are kept as salted scrypt hashes, in `.people.json`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from filelock import FileLock

from made.base.errors import MadeError
from made.base.files import parse_object, read_bytes, to_json
from made.base.places import runs_folder
from made.people.house import House, write_private
from made.people.persons import MAX_NAME_LENGTH, Person, is_name

FILE, LIMIT = ".people.json", 1_000_000
MAX_MEMBERS = 1_000
MAX_ADDRESS_LENGTH = 320
MIN_WORD_LENGTH, MAX_WORD_LENGTH = 4, 200
WRONG_SECONDS = 60.0
# In that time, of one browser; of all behind one address, as a school is; against one name; of all.
WRONG_ALLOWED, ADDRESS_ALLOWED, NAME_ALLOWED, ALL_ALLOWED = 5, 30, 20, 120


class Attempts:
    """Wrong codes and words of the last minute, by where they came from and whom they meant."""

    def __init__(self) -> None:
        self._wrong: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def require_patience(self, places: Mapping[str, int]) -> None:
        """Raises MadeError where one of these places had as many as it may have."""
        now = time.monotonic()
        with self._lock:
            for name, times in list(self._wrong.items()):
                while times and now - times[0] > WRONG_SECONDS:
                    times.popleft()
                if not times:
                    del self._wrong[name]
            waits = [
                self._wrong[place][-allowed]
                for place, allowed in places.items()
                if len(self._wrong.get(place, ())) >= allowed
            ]
        if waits:
            left = max(1, round(max(waits) + WRONG_SECONDS - now))
            raise MadeError(f"That was wrong too often: wait {left} seconds, then try again.")

    def note(self, places: Iterable[str]) -> None:
        """One more wrong one."""
        with self._lock:
            for place in places:
                times = self._wrong.setdefault(place, deque(maxlen=ALL_ALLOWED))
                times.append(time.monotonic())


ATTEMPTS = Attempts()


def join(
    house: House,
    code: str,
    name: str,
    word: str,
    address: str = "",
    visitor: str = "",
    attempts: Attempts = ATTEMPTS,
) -> Person:
    """Who comes in with a code and a name. Raises MadeError, with what to do about it.

    word: one's own; a teacher needs none. address, visitor: from where, and which browser of those
    that are there, so that wrong ones are counted.
    """
    browser = visitor or address
    places = {
        f"browser {browser}": WRONG_ALLOWED,
        f"address {address}": ADDRESS_ALLOWED,
        "all": ALL_ALLOWED,
    }
    attempts.require_patience(places)
    code, name = code.strip(), " ".join(name.split())
    is_teacher, is_member = same(code, house.teacher_code), same(code, house.join_code)
    if not (is_teacher or is_member):
        attempts.note(places)
        raise MadeError("This code is not that of the class: ask your teacher for it.")
    key = _key(name)
    # Some letters are written out in the key, as many others.
    if not (is_name(name) and is_name(key)):
        raise MadeError(f"Type your name, in at most {MAX_NAME_LENGTH} letters.")
    if is_teacher:
        return Person(f"teacher:{key}", name, is_teacher=True)
    places |= {f"name {key} from {browser}": WRONG_ALLOWED, f"name {key}": NAME_ALLOWED}
    attempts.require_patience(places)
    if not MIN_WORD_LENGTH <= len(word) <= MAX_WORD_LENGTH:
        raise MadeError(f"Choose a word of your own, of {MIN_WORD_LENGTH} letters or more.")
    if not _knows(key, word):
        attempts.note(places)
        raise MadeError(
            "Somebody has this name already, with another word: type the word that you chose "
            "first, or take another name."
        )
    return Person(f"name:{key}", name)


def by_address(house: House, address: str, name: str) -> Person:
    """Who has logged in with an e-mail address. Raises MadeError where they are not of the class.

    name: as their login gives it.
    """
    address = address.strip().casefold()
    is_teacher = address in _folded(house.teachers)
    ends = tuple(one for one in _folded(house.members) if one.startswith("@"))
    is_member = not house.members or address in _folded(house.members) or address.endswith(ends)
    is_short = 0 < len(address) <= MAX_ADDRESS_LENGTH
    if not is_short or not (is_teacher or is_member):
        shown = address[:MAX_ADDRESS_LENGTH] or "Who has no address"
        raise MadeError(f"{shown} is not of this class.")
    shown = " ".join(name.split())[:MAX_NAME_LENGTH].strip()
    named = shown if is_name(shown) else address[:MAX_NAME_LENGTH]
    return Person(f"mail:{address}", named, is_teacher)


def same(typed: str, code: str) -> bool:
    """Whether a code is the right one, in a time that does not tell how nearly; "" never is."""
    is_same = hmac.compare_digest(typed.encode(errors="replace"), code.encode())
    return is_same and bool(code)


def forget(name: str) -> None:
    """Let somebody who has lost their word choose another. Raises MadeError for a strange name."""
    key = _key(name)
    with _members() as people:
        if people.pop(key, None) is None:
            raise MadeError(f"Nobody named '{name[:MAX_NAME_LENGTH]}' has joined.")


def _folded(addresses: tuple[str, ...]) -> list[str]:
    return [address.strip().casefold() for address in addresses]


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def _knows(key: str, word: str) -> bool:
    """Whether this is the word of that name; the first one typed becomes it."""
    with _members() as people:
        known = people.get(key)
        if known is None:
            if len(people) >= MAX_MEMBERS:
                raise MadeError(f"This class has {MAX_MEMBERS:,} members: it takes no more.")
            salt = secrets.token_hex(16)
            people[key] = {"salt": salt, "hash": _hash(word, salt)}
            return True
        salt, kept = str(known.get("salt")), str(known.get("hash"))
        return hmac.compare_digest(_hash(word, salt).encode(), kept.encode())


def _hash(word: str, salt: str) -> str:
    word = unicodedata.normalize("NFKC", word)
    content = word.encode(errors="replace")
    return hashlib.scrypt(content, salt=salt.encode(), n=2**13, r=8, p=1).hex()


@contextmanager
def _members() -> Iterator[dict[str, dict[str, Any]]]:
    """The words of all who have joined, by their keys; what is changed meanwhile is kept."""
    path = runs_folder() / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{FILE}.lock")):
        found: dict[str, Any] = {}
        try:
            found = parse_object(read_bytes(path, LIMIT))
        except FileNotFoundError:
            pass
        except (OSError, ValueError):
            raise MadeError(
                f"{FILE} in the runs folder, which knows who has joined, cannot be read: whoever "
                "looks after this dashboard is to mend or remove it."
            ) from None
        members = {key: value for key, value in found.items() if isinstance(value, dict)}
        yield members
        if members != found:
            write_private(path, to_json(members))

"""What studies are called where one is chosen from a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from made.studies.folder import StoredStudy


def study_titles(studies: Iterable[StoredStudy]) -> dict[str, str]:
    """By id a title each that no other has; the plain one where that tells it apart.

    A list is chosen from by its words: of two lines that are alike only one could be chosen.
    studies: those that can be read.
    """
    studies = list(studies)
    titles = {stored.id: stored.title for stored in studies}
    for more in (_when, lambda stored: stored.id):
        number = Counter(titles.values())
        titles = {
            stored.id: titles[stored.id]
            if number[titles[stored.id]] == 1
            else f"{stored.title} · {more(stored)}"
            for stored in studies
        }
    return titles


def _when(stored: StoredStudy) -> str:
    if stored.is_shipped:
        return "comes with the dashboard"
    return f"{datetime.fromtimestamp(stored.record.created):%d %b %H:%M:%S}"

"""A plain autoencoder, opened to its numbers: it copies."""

from __future__ import annotations

from made.lessons.cross_entropy import costs
from made.lessons.lesson import Facts, Lesson
from made.lessons.opened import COPYING, copy_badge, opened
from made.lessons.reader import copying_facts
from made.lessons.small_network import Setting
from made.lessons.small_training import trained
from pages.learn.network import draw, reader_of
from pages.learn.places import Places


def play(place: Places, lesson: Lesson) -> Facts:
    network = trained(Setting(is_masked=False))
    content = {**opened(network), **COPYING, "badge": copy_badge(network), "costs": costs(network)}
    if not lesson.shows("costs"):
        del content["costs"]
    with place.picture:
        draw(lesson, content)
    return copying_facts(network, reader_of(lesson))

"""What many ask for at once is worked out once, and is never what somebody else asked for."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from made.base.shared import Shared


def test_many_who_ask_at_once_get_one_value() -> None:
    shared: Shared[object] = Shared(4)
    everybody, two_who_make = threading.Barrier(7), threading.Barrier(2)
    made: list[object] = []
    found: list[object] = []

    def make() -> object:
        value = object()
        made.append(value)
        # A second one who made it as well would come here while the first one waits.
        with suppress(threading.BrokenBarrierError):
            two_who_make.wait(0.3)
        return value

    def ask() -> None:
        everybody.wait()
        found.append(shared.get("key", make))

    threads = [threading.Thread(target=ask) for _ in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert found == made * 7


def test_another_key_is_another_value_and_a_failure_is_tried_again() -> None:
    shared: Shared[int] = Shared(4)
    assert shared.get("one", lambda: 1) == 1
    assert shared.get("two", lambda: 2) == 2
    assert shared.get("one", lambda: 3) == 1
    with pytest.raises(ZeroDivisionError):
        shared.get("three", lambda: 1 // 0)
    assert shared.get("three", lambda: 3) == 3


def test_only_those_asked_for_last_are_kept() -> None:
    shared: Shared[int] = Shared(2)
    for key in ("one", "two", "one", "three"):
        shared.get(key, lambda: 0)
    assert shared.get("one", lambda: 1) == 0
    assert shared.get("two", lambda: 1) == 1

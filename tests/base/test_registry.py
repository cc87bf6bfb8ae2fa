"""A registry takes things under good names, once each, and knows where they came from."""

from __future__ import annotations

import pytest

from made.base.errors import MadeError
from made.base.registry import Registry


def shapes() -> Registry:
    return Registry("shape", {"circle": 1})


def define(registry: Registry, name: str = "square") -> type:
    """What a notebook's cell does when it is executed, perhaps again."""

    @registry.register(name)
    class Square:
        pass

    return Square


def test_the_same_definition_executed_again_replaces_itself() -> None:
    registry = shapes()
    first, second = define(registry), define(registry)
    assert first is not second
    assert registry["square"] is second
    assert registry.origins == {"square": __name__}


def test_another_definition_of_a_known_name_is_refused() -> None:
    registry = shapes()
    kept = define(registry)
    for name, thing in (("square", object()), ("square", 4), ("circle", 1), ("circle", define)):
        with pytest.raises(MadeError, match=f"There is a shape '{name}' already"):
            registry.register(name)(thing)
    assert registry == {"circle": 1, "square": kept}


@pytest.mark.parametrize("name", ["", "Big", "two words", "-a", "a/b", "a" * 61, "é", None, 3])
def test_a_name_that_would_not_do_in_a_link_is_refused(name: object) -> None:
    with pytest.raises(MadeError, match="is no name of a shape: take small letters"):
        shapes().register(name)  # type: ignore[arg-type]


def test_what_is_forgotten_can_be_defined_anew_and_what_was_there_first_stays() -> None:
    registry = shapes()
    define(registry)
    registry.forget("square")
    registry.forget("circle")
    registry.register("square")(4)
    assert registry == {"circle": 1, "square": 4}

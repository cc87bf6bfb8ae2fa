"""Whatever people type is shown letter by letter, on every page: names, notes, files, links."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest
from hostile import OTHERS, SIGNS, Hostile, filled, obeyed, open_page, visits
from streamlit.testing.v1 import AppTest

from made.setups.config import FIELDS

# What is set up once for all of them is set up on one worker.
pytestmark = pytest.mark.xdist_group("hostile")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    with filled(tmp_path_factory.mktemp("runs")) as found:
        yield found


@pytest.mark.parametrize("name", ["train", "explore", "compare", "learn", "data"])
def test_every_name_is_shown_letter_by_letter(hostile: Hostile, name: str) -> None:
    found = {place for link in visits(hostile)[name] for place in obeyed(open_page(name, link))}
    assert not found


@pytest.mark.parametrize("name", ["train", "explore", "compare", "learn", "data"])
@pytest.mark.parametrize("first", [0, 3, 7])
def test_what_a_link_says_is_shown_letter_by_letter(
    hostile: Hostile, name: str, first: int
) -> None:
    signs = cycle([*SIGNS[first:], *SIGNS[:first]])
    assert not obeyed(open_page(name, dict(zip([*FIELDS, *OTHERS], signs, strict=False))))


def test_what_a_chosen_file_is_called_is_shown_letter_by_letter(hostile: Hostile) -> None:
    page = open_page("data", {})
    for sign in SIGNS:
        name = f"{sign.replace('/', '-')}.npy"
        page.file_uploader[0].set_value((name, b"no array", "application/octet-stream")).run()
        assert page.error
        assert not obeyed(page)


def test_what_is_obeyed_is_found() -> None:
    """The other tests of this file would pass as well if nothing were looked at."""

    def shown() -> None:
        import streamlit as st
        from hostile import SIGNS

        for sign in SIGNS:
            st.markdown(sign)
            with st.expander(sign), st.popover(sign):
                st.button(sign, key=sign, help=sign)
            st.radio("One", [sign], key=f"radio-{sign}")
            st.tabs([sign])
            st.progress(0.5, sign)
            st.metric(sign, sign, sign)

    page = AppTest.from_function(shown).run()
    assert not page.exception
    places = [place.partition(":")[0] for place in obeyed(page)]
    for place in ("Markdown.body", "Expandable.label", "Popover.label", "Button.label"):
        assert places.count(place) == len(SIGNS)
    assert {"Button.help", "Radio.options", "Tab.label", "Progress.text", "Metric.label"} <= {
        *places
    }

"""The Train page without a browser: open it by a link, find its controls, press its buttons."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from streamlit.testing.v1 import AppTest

ROUTER = Path(__file__).parents[1] / "pages" / "router.py"


def open_page(seconds: int = 60, **link: str) -> AppTest:
    """seconds: so long a run of the page may take."""
    page = AppTest.from_file(str(ROUTER), default_timeout=seconds)
    for name, value in link.items():
        page.query_params[name] = value
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def component(page: AppTest, name: str) -> dict[str, Any] | None:
    """What a component of ours was given, or None where it is not there."""
    found = [one.proto for one in page.get("bidi_component") if one.proto.component_name == name]
    return json.loads(found[0].json) if found else None


def control(page: AppTest, name: str):
    """The control of a field, of whatever kind; the tiles of the orderings are one, too."""
    if name == "ordering" and (tiles := component(page, "made_orderings")):
        return SimpleNamespace(
            label=tiles["title"], value=tiles["chosen"], disabled=tiles["off"], help=tiles["help"]
        )
    kinds = (page.selectbox, page.number_input, page.text_input, page.toggle, page.button_group)
    return next(widget for kind in kinds for widget in kind if widget.key == f"set_{name}")


def shown(page: AppTest, name: str):
    """The control of a field, or None where it is hidden."""
    with suppress(StopIteration):
        return control(page, name)
    return None


def press(page: AppTest, label: str) -> AppTest:
    return checked(next(button for button in page.button if button.label == label).click().run())


def train_button(page: AppTest):
    return page.button(key="train")


def sentences(page: AppTest) -> str:
    return " ".join(
        element.value for element in (*page.error, *page.warning, *page.info, *page.caption)
    )

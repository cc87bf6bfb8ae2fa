"""The Train page without a browser: open it by a link, find its controls, press its buttons."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROUTER = Path(__file__).parents[1] / "pages" / "router.py"


def open_page(**link: str) -> AppTest:
    page = AppTest.from_file(str(ROUTER), default_timeout=60)
    for name, value in link.items():
        page.query_params[name] = value
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def control(page: AppTest, name: str):
    """The control of a field, of whatever kind."""
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
    return " ".join(element.value for element in (*page.error, *page.warning, *page.caption))

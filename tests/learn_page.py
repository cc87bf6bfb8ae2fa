"""A chapter of Learn without a browser: opened by its name, and what of it is done."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from train_page import checked, open_page


def chapter(name: str, seconds: int = 60) -> AppTest:
    page = open_page(seconds=seconds)
    page.query_params["lesson"] = name
    return checked(page.switch_page("learn/page.py").run())


def ticks(page: AppTest) -> int:
    """How many of its steps are done."""
    return sum("check_circle" in element.value for element in page.markdown)

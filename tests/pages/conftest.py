"""What the journeys in a browser share: the browser itself, in which each begins without a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import chromium
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def running_browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def browser(running_browser: Browser) -> Iterator[Browser]:
    """Its pages are closed after each journey: what moves on them would take time of others."""
    yield running_browser
    for context in running_browser.contexts:
        context.close()

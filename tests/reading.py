"""Whether a page can be read by everyone: on a phone, in both themes, by axe-core."""

from __future__ import annotations

from contextlib import suppress

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

# What Streamlit itself draws and no setting of ours reaches, each with the reason.
NOT_OURS = (
    # The title of a control that cannot be used is grey, as contrast rules allow; axe takes it for
    # text like any other, as it stands beside the control and not within.
    '[data-testid="stButtonGroup"]:has(button:disabled) [data-testid="stWidgetLabel"]',
    '[data-testid="stButtonGroup"]:has([aria-disabled="true"]) span[aria-hidden="true"]',
)
# One colour is the ground of white text on these buttons and the text of all that is chosen; on a
# dark page no colour stands out from both by 4.5 : 1.
PRIMARY_IN_THE_DARK = 'button[kind="primary"]'


def settled(page: Page) -> Page:
    """The page once Streamlit has nothing left to do, and is laid out for its window."""
    frame = page.get_by_role("button", name="Presentation mode")
    for name, query in (
        ("narrow", "(max-width: 640px)"),
        ("large", "(min-width: 1600px) and (min-height: 850px)"),
    ):
        matches = page.evaluate("query => matchMedia(query).matches", query)
        expect(frame).to_have_attribute(f"data-{name}", str(matches).lower())
    expect(page.locator('[data-test-script-state="notRunning"]')).to_be_attached()
    expect(page.locator('[data-stale="true"]')).to_have_count(0)
    return page


def hard_to_read(page: Page, scheme: str) -> list[str]:
    """What axe-core finds serious or critical once everything folded is open."""
    folded = page.locator("details:not([open]) > summary:visible")
    while folded.count():
        folded.first.click()
    settled(page)
    excluded = [*NOT_OURS, *([PRIMARY_IN_THE_DARK] if scheme == "dark" else [])]
    found = Axe().run(page, context={"exclude": [[selector] for selector in excluded]})
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


TOO_WIDE = """() => {
    const frame = [...document.querySelectorAll('[data-testid="stMain"], html')]
        .filter((part) => part.scrollWidth > part.clientWidth);
    if (!frame.length) return [];
    const said = frame.map((part) => `${part.tagName} ${part.scrollWidth} > ${part.clientWidth}`);
    const look = (within) => within.querySelectorAll("*").forEach((part) => {
        const { left, right, width } = part.getBoundingClientRect();
        const name = `${part.tagName}.${part.getAttribute("class")}`;
        if (width && right > innerWidth) said.push(`${name} ${left} to ${right}`);
        if (part.shadowRoot) look(part.shadowRoot);
    });
    look(document.querySelector('[data-testid="stMain"]') ?? document);
    return said.slice(0, 40);
}"""


def too_wide(page: Page) -> list[str]:
    """What one has to scroll sideways to once all drawings fit the window."""
    with suppress(TimeoutError):
        page.wait_for_function(f"() => ({TOO_WIDE})().length === 0", timeout=10_000)
    return page.evaluate(TOO_WIDE)

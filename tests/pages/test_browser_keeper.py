"""A drawing lives as long as its place, however Streamlit's calls of its component overtake."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-reading")]
SHARED = Path(__file__).parents[2] / "pages" / "shared"

KIND = """
class Kind {
  constructor(root, data) {
    this.first = data;
    this.events = [];
    window.made = [...(window.made ?? []), this];
  }
  update(data) { this.events.push(data); }
  draw() {}
  stop() { this.events.push("stopped"); }
}
"""
# A second call comes before the first one has ended, which the browser hears of afterwards.
OVERTAKEN = """(isShadow) => {
  const host = document.body.appendChild(document.createElement("div"));
  const root = isShadow ? host.attachShadow({ mode: "open" }) : host;
  const call = (data) => window.component({ data, parentElement: root });
  const end = call("one");
  const endOfSecond = call("two");
  end();
  call("three");
  const living = window.made.map(({ events }) => [...events]);
  host.remove();
  endOfSecond();
  return [living, window.made.at(-1).events];
}"""


@pytest.mark.parametrize("maker", ["keep", "keeper"])
@pytest.mark.parametrize("is_shadow", [False, True])
def test_a_call_that_is_overtaken_ends_no_drawing(browser, maker: str, is_shadow: bool) -> None:
    page = browser.new_page()
    sources = [(SHARED / name).read_text("utf-8") for name in ("keeper.js", "drawing.js")]
    code = "\n".join([*sources, KIND, f"window.component = {maker}(Kind);"])
    page.add_script_tag(content=code)
    living, ended = page.evaluate(OVERTAKEN, is_shadow)
    assert living == [["one", "two", "three"]]
    assert ended == ["one", "two", "three", "stopped"]

"""The tools of Explore show something of every kind of run, and say why where they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from made import library, runs
from made.setups.config import ExperimentConfig
from pages.explore.tools import TOOLS

ROOT = Path(__file__).parents[2]
TINY = {"hidden_sizes": (8,), "epochs": 1, "progress": False}
KINDS = {
    "digits": {"dataset": "digits8"},
    "orderings": {"dataset": "digits8", "ordering": "random", "num_orderings": 3},
    "grey": {"dataset": "digits8-grey"},
    "plain": {"dataset": "digits8", "autoregressive": False},
    "rings": {"dataset": "rings", "grid_size": 8, "num_samples": 1000},
    "marginals": {"dataset": "digits8", "model": "marginals"},
}


def open_tool(tool: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60).run()
    page.query_params["tool"] = tool
    page.switch_page("explore/page.py").run()
    page.query_params["tool"] = tool
    page.run()
    assert not page.exception
    assert not page.error
    return page


@pytest.mark.parametrize("kind", KINDS)
def test_every_tool_opens_on_every_kind_of_run(folder, kind: str) -> None:
    library.train(**KINDS[kind], **TINY, label=kind)
    for tool in TOOLS:
        page = open_tool(tool)
        assert page.session_state["tool"] == tool
        shown = [*page.markdown, *page.info, *page.caption]
        assert shown, tool


def test_without_a_checkpoint_they_say_so(folder) -> None:
    runs.create(ExperimentConfig.from_flat({"dataset": "digits8"}), "waiting")
    for tool in ("xray", "surprise", "two"):
        assert "no checkpoint yet" in open_tool(tool).info[0].value
    assert not open_tool("masks").info

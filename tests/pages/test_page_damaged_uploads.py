"""A dataset whose description makes no sense takes no page away, and can be deleted on Data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from made import datasets
from made.commands import main
from made.views.data_views import OWN

pytestmark = pytest.mark.usefixtures("no_worker")
ROUTER = str(Path(__file__).parents[2] / "pages" / "router.py")
NAME = "upload-000000000000000a"
JOINT = {
    "kind": "joint",
    "label": "k",
    "num_categories": 10,
    "file": "f",
    "num_variables": 2,
    "image_shape": None,
    "hash": "0" * 16,
}
ROWS = JOINT | {"kind": "rows", "num_variables": 4, "sizes": [3, 1, 1]}
DESCRIPTIONS: dict[str, bytes] = {
    "torn": b"{",
    "a list": b"[]",
    "deep": b"[" * 200_000,
    "no text": b"\xff\xfe\x00",
    "large": b'{"a": "' + b"b" * 100_000 + b'"}',
} | {
    said: json.dumps(content).encode()
    for said, content in {
        "no numbers": {"kind": "rows", "label": "x"},
        "a number for a label": JOINT | {"label": 5},
        "half a letter": JOINT | {"label": "\ud800"},
        "too many categories": JOINT | {"num_categories": 10**9},
        "words for categories": JOINT | {"num_categories": "ten"},
        "half a category": JOINT | {"num_categories": 2.5},
        "three variables of a joint": JOINT | {"num_variables": 3},
        "one split": ROWS | {"sizes": [1]},
        "no splits": {**ROWS, "sizes": None},
        "half a shape": ROWS | {"image_shape": [0]},
        "another shape": ROWS | {"image_shape": [5, 5]},
        "another kind": JOINT | {"kind": ["joint"]},
    }.items()
}


@pytest.fixture(params=DESCRIPTIONS)
def damaged(request: pytest.FixtureRequest) -> str:
    folder = datasets.uploads_folder()
    folder.mkdir(parents=True)
    path = folder / f"{NAME.removeprefix('upload-')}.json"
    path.write_bytes(DESCRIPTIONS[request.param])
    path.with_suffix(".npz").write_bytes(b"x")
    return NAME


def test_every_page_stands_and_it_can_be_deleted(damaged: str) -> None:
    page = AppTest.from_file(ROUTER, default_timeout=60).run()
    assert not [*page.exception, *page.error]
    (train,) = [button for button in page.button if button.label == "Train"]
    assert not train.disabled
    page.switch_page("data/page.py").run()
    page.button_group(key="data_group").set_value(OWN).run()
    assert not page.exception
    assert "damaged description" in page.error[0].value
    page.button(key=f"delete_{damaged}").click().run()
    assert not [*page.exception, *page.error]
    assert datasets.upload_names() == []


def test_the_command_line_says_so_and_lists_the_others(damaged: str, capsys) -> None:
    assert main(["datasets"]) == 0
    said = capsys.readouterr()
    assert "turing-joint" in said.out
    assert "damaged description" in said.err

"""One layer as a number, forty layers, and far too many: in Python, in a link, as a command."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import made
from made import datasets, plots
from made.commands import main
from made.model.settings import MaskConfig, ModelConfig
from made.setups.config import ExperimentConfig
from made.setups.estimate import estimate
from made.views.mask_views import mask_view

ROUTER = Path(__file__).parents[2] / "pages" / "router.py"
DEEP = (16,) * 40
SMALL = {"epochs": 1, "device": "cpu"}
pytestmark = pytest.mark.usefixtures("folder")


def as_link(sizes: tuple[int, ...]) -> str:
    return ",".join(map(str, sizes))


@pytest.mark.parametrize("sizes", [(32,), DEEP], ids=["one", "forty"])
def test_any_number_of_layers_is_said_alike_everywhere(sizes: tuple[int, ...]) -> None:
    text = as_link(sizes)
    config, corrections = ExperimentConfig.from_query({"hidden_sizes": text, "dataset": "digits8"})
    assert (config.model.hidden_sizes, corrections) == (sizes, [])
    assert config == ExperimentConfig.from_flat({"hidden_sizes": [*sizes], "dataset": "digits8"})
    assert ExperimentConfig.from_query(config.to_query()) == (config, [])
    if len(sizes) == 1:
        assert config == config.replace(hidden_sizes=sizes[0])
    assert estimate(config, datasets.info(config.data)).fits


def test_forty_layers_are_trained_from_python_and_the_command_line(capsys) -> None:
    settings = {"encoding": "raw", "residual_connections": True}
    loaded = made.train("digits8", hidden_sizes=DEEP, progress=False, **SMALL, **settings)
    assert made.load_run(loaded.run).config.model.hidden_sizes == DEEP
    line = f"train --dataset digits8 --encoding raw --hidden-sizes {as_link(DEEP)} --epochs 1"
    assert main([*line.split(), "--residual-connections", "--device", "cpu"]) == 0
    nll = f"{loaded.run.result['nll_nats']:#.4g}"
    assert nll in capsys.readouterr().out


def test_a_single_number_is_a_layer() -> None:
    loaded = made.train("digits8", hidden_sizes=32, progress=False, **SMALL)
    assert loaded.config.model.hidden_sizes == (32,)


def test_the_masks_of_forty_layers_can_be_seen() -> None:
    view = mask_view(ModelConfig(hidden_sizes=DEEP), MaskConfig(), 64)
    assert len(view.layers) == 41
    assert "of 640 hidden units, in " in view.text
    assert len(view.text) < 250
    figure = plots.mask_picture(view.layers)
    titles = [note.text for note in figure.layout.annotations]
    assert titles[0].startswith("Hidden layer 1<br>64 → 16")
    assert titles[-1].startswith("Output layer<br>16 → 64")
    assert len(figure.data) == len(titles) <= 8
    assert plots.mask_alt(view.layers).count("Hidden") == len(titles) - 1


def test_the_page_copes_with_forty_layers_and_their_masks() -> None:
    page = AppTest.from_file(str(ROUTER), default_timeout=60)
    page.query_params["dataset"] = "digits8"
    page.query_params["hidden_sizes"] = as_link(DEEP)
    page.session_state["show-masks"] = True
    page.run()
    assert not page.exception
    assert not page.error
    assert any("Masks of the set-up" in element.value for element in page.markdown)


TOO_LARGE = (65_536,) * 1024


def test_what_would_never_fit_is_refused_in_one_sentence_before_it_is_built(capsys) -> None:
    sentence = "choose smaller hidden layers"
    tracemalloc.start()
    config, corrections = ExperimentConfig.from_query(
        {"hidden_sizes": as_link(TOO_LARGE), "dataset": "digits8"}
    )
    cost = estimate(config, datasets.info(config.data))
    assert (corrections, cost.fits) == ([], False)
    assert sentence in cost.reason
    assert mask_view(config.model, config.masks, 64) is None
    with pytest.raises(made.MadeError, match=sentence):
        made.train(config=config)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6
    assert main(["train", "--dataset", "digits8", "--hidden-sizes", as_link(TOO_LARGE)]) == 1
    assert sentence in capsys.readouterr().err
    assert not made.list_runs()
    page = AppTest.from_file(str(ROUTER), default_timeout=60)
    page.query_params["dataset"] = "digits8"
    page.query_params["hidden_sizes"] = as_link(TOO_LARGE)
    page.run()
    assert not page.exception
    assert [error.value for error in page.error if sentence in error.value]
    assert page.button(key="train").disabled


def test_more_layers_than_there_may_be_are_counted_back() -> None:
    with pytest.raises(made.MadeError, match="at most 1024 hidden layers, not 1025"):
        ExperimentConfig.from_flat({"hidden_sizes": np.full(1025, 2).tolist()})

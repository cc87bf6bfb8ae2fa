"""What a configuration needs is known before it is built, and compared with what was stored."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from made.base.errors import MadeError
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS
from made.model.shapes import weight_shapes
from made.runs import loading
from made.runs.fitting import require_fit
from made.runs.folder import Run
from made.setups.build import build_network
from made.setups.config import ExperimentConfig

OLDER = Path(__file__).parents[1] / "data" / "older_run"


@given(
    model=st.sampled_from(["made", "marginals", "naive"]),
    encoding=st.sampled_from(list(ENCODINGS)),
    head=st.sampled_from(list(HEADS)),
    hidden_sizes=st.lists(st.integers(1, 5), max_size=3),
    direct_connections=st.booleans(),
    num_connectivities=st.integers(0, 2),
    num_variables=st.integers(1, 4),
    num_categories=st.integers(2, 5),
)
def test_the_shapes_are_those_of_the_network_that_is_built(
    tiny_info, num_variables: int, num_categories: int, **values
) -> None:
    if values["head"] == "bernoulli":
        num_categories = 2
    if values["model"] == "naive":
        num_variables, values["hidden_sizes"] = 2, values["hidden_sizes"] or [3]
    config = ExperimentConfig.from_flat(values)
    info = tiny_info(num_variables, num_categories)
    built: nn.Module = build_network(config, info)
    found = {name: tuple(value.shape) for name, value in built.state_dict().items()}
    assert weight_shapes(config.model, info.num_variables, info.num_categories) == found


@pytest.mark.parametrize("checkpoint", ["best", "last"])
def test_stored_weights_fit_their_own_configuration_only(checkpoint: str) -> None:
    run = Run(OLDER.name, OLDER)
    info, path = loading.dataset_info(run), run.checkpoint_path(checkpoint)
    require_fit(run.config, info, path, checkpoint)
    for values in (
        {"hidden_sizes": (4,)},
        {"hidden_sizes": (3, 3)},
        {"direct_connections": False},
        {"encoding": "embedding"},
        {"grid_size": 5},
        {"model": "marginals"},
    ):
        other = run.config.replace(**values)
        with pytest.raises(MadeError, match=r"do not fit its config\.json"):
            require_fit(
                other,
                loading.dataset_info(run)
                if "grid_size" not in values
                else loading.datasets.info(other.data),
                path,
                checkpoint,
            )


def test_a_configuration_beyond_all_memory_is_refused_before_anything_is_built(
    folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.open(shutil.copytree(OLDER, folder / "20250101-000000-000000").name)
    values = json.loads((run.path / "config.json").read_text())
    values["model"]["hidden_sizes"] = [65_536] * 16
    (run.path / "config.json").write_text(json.dumps(values))

    def build(*arguments: object) -> None:
        raise AssertionError("a network was built")

    monkeypatch.setattr("made.setups.build.build_network", build)
    with pytest.raises(MadeError, match=r"output_weight is 8 × 3, .* wants 8 × 65536"):
        loading.load_run(run)


def test_a_header_of_any_size_is_not_read(folder) -> None:
    run = Run.open(shutil.copytree(OLDER, folder / "20250101-000000-000000").name)
    path = run.path / "best.safetensors"
    with path.open("wb") as file:
        file.write((2**40).to_bytes(8, "little"))
    with pytest.raises(MadeError, match=r"best\.safetensors is broken, its header is too long"):
        loading.load_run(run)
    save_file({}, path)
    with pytest.raises(MadeError, match="output_bias is absent"):
        loading.load_run(run)

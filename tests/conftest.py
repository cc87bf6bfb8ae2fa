"""What the tests share: one thread, fixed examples, and small models of every kind."""

from __future__ import annotations

import logging
import os

# Idle threads that spin would starve the worker processes beside this one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

import fake_training
import numpy as np
import pytest
import torch
from browser import Dashboard, dashboard
from combinations import covering
from hypothesis import HealthCheck, settings
from worker_process import end_all

from made import runs
from made.base import places
from made.base.errors import MadeError
from made.base.places import PROJECT
from made.bench import cases
from made.bench.textbook import ReferenceMADE
from made.datasets.base import Dataset, DatasetInfo
from made.density.density import Density
from made.model.conditionals import Conditionals
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS
from made.runs.jobs import LocalLauncher
from made.setups import cores
from made.setups.build import build_network
from made.setups.config import ExperimentConfig

# They register things when they are imported, which a search for doctests must not do.
collect_ignore = ["fake_on_nodes.py", "outside_things.py"]

# Sums over several threads depend on how many there are; one thread gives the same bits anywhere.
torch.set_num_threads(1)

settings.register_profile(
    "made",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("made")

ORDERINGS: dict[str, dict] = {
    "natural": {"ordering": "natural"},
    "reversed": {"ordering": "reversed"},
    "random": {"ordering": "random"},
    "three random": {"ordering": "random", "num_orderings": 3},
    "fresh": {"ordering": "random", "num_orderings": 0},
}
CONNECTIVITIES = {"one": 1, "two": 2, "fresh": 0}
DEGREES: dict[str, dict] = {
    "uniform": {"degrees": "uniform"},
    "even": {"degrees": "even"},
    "range": {"degrees": "range", "degree_low": 2, "degree_high": 3},
}
HIDDEN_SIZES = {"none": (), "one": (7,), "two": (7, 6), "three": (6, 7, 5)}
SMALL = {"activation": "tanh", "ensemble_size": 3, "encoding_width": 4}


def randomise(model: Conditionals, seed: int = 0) -> Conditionals:
    """Fill every weight with normal numbers, through the door by which stored weights come in."""
    generator = torch.Generator().manual_seed(seed)
    weights = {
        name: torch.randn(value.shape, generator=generator)
        for name, value in model.state_dict().items()
    }
    model.load_state_dict(weights)
    return model.eval()


def make_info(num_variables: int, num_categories: int, **fields) -> DatasetInfo:
    described = {"name": "tiny", "title": "Tiny", "description": "Made for a test."} | fields
    return DatasetInfo(num_variables=num_variables, num_categories=num_categories, **described)


def make_model(
    num_variables: int = 4, num_categories: int = 3, seed: int = 0, **values
) -> Conditionals:
    """A small model with random weights everywhere; values are fields of the configuration."""
    config = ExperimentConfig.from_flat(SMALL | values)
    return randomise(build_network(config, make_info(num_variables, num_categories)), seed)


def make_textbook(model: Conditionals, **values) -> ReferenceMADE:
    """The textbook with the weights of a network, from the same values as the network."""
    return cases.textbook(ExperimentConfig.from_flat(SMALL | values).model, model)


def make_dataset(
    num_variables: int = 3,
    num_categories: int = 3,
    sizes: tuple[int, int, int] = (50, 20, 30),
    seed: int = 0,
    joint: np.ndarray | None = None,
) -> Dataset:
    """Rows whose variables repeat the one before with probability 0.7, so that there is structure.

    With a joint (K, K) the rows are drawn from it instead.
    """
    generator = np.random.default_rng(seed)
    if joint is None:
        rows = generator.integers(num_categories, size=(sum(sizes), num_variables))
        for d in range(1, num_variables):
            same = generator.random(len(rows)) < 0.7
            rows[same, d] = rows[same, d - 1]
    else:
        cells = generator.choice(joint.size, size=sum(sizes), p=joint.ravel())
        rows = np.stack(np.divmod(cells, num_categories), axis=1)
    train, validation, test = np.split(rows.astype(np.uint8), np.cumsum(sizes)[:2])
    is_joint = joint is not None
    info = make_info(num_variables, num_categories, is_joint=is_joint, has_truth=is_joint)
    return Dataset(
        info=info, train=train.copy(), validation=validation.copy(), test=test.copy(), joint=joint
    )


def make_joint(num_categories: int, seed: int = 0) -> np.ndarray:
    """A joint (K, K) with many small and few large probabilities."""
    joint = np.random.default_rng(seed).gamma(0.5, size=(num_categories, num_categories))
    return joint / joint.sum()


def all_states(num_variables: int, num_categories: int) -> torch.Tensor:
    """Every x, int64 (K^D, D), the last variable changing fastest."""
    return torch.tensor(list(product(range(num_categories), repeat=num_variables)))


def different_mask_sets(model: Conditionals) -> range:
    """Two mask sets, or the only one."""
    return range(1 if model.bank.cycle == 1 else 2)


def categories_for(head: str) -> int:
    """Three categories where the head allows them, else two."""
    try:
        return HEADS[head](3).num_categories
    except MadeError:
        return 2


@pytest.fixture(autouse=True)
def unforeseen() -> Iterator[list[str]]:
    """What pages of this process met that nobody foresaw; a test that expects some clears it."""
    met: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: met.append(str(record.exc_info))
    log = logging.getLogger("pages.shared.boundary")
    log.addHandler(handler)
    yield met
    log.removeHandler(handler)
    assert met == []


@pytest.fixture(scope="session")
def build() -> Callable[..., Conditionals]:
    return make_model


@pytest.fixture(scope="session")
def textbook() -> Callable[..., ReferenceMADE]:
    return make_textbook


@pytest.fixture(scope="session")
def density() -> Callable[..., Density]:
    """A density of a small network with random weights; values are fields of the configuration."""
    return lambda *sizes, **values: Density(make_model(*sizes, **values))


@pytest.fixture(scope="session")
def tiny_info() -> Callable[..., DatasetInfo]:
    return make_info


@pytest.fixture(scope="session")
def tiny_dataset() -> Callable[..., Dataset]:
    return make_dataset


@pytest.fixture(scope="session")
def random_joint() -> Callable[..., np.ndarray]:
    return make_joint


@pytest.fixture(scope="session")
def states() -> Callable[[int, int], torch.Tensor]:
    return all_states


@pytest.fixture(scope="session")
def mask_sets() -> Callable[[Conditionals], range]:
    return different_mask_sets


@pytest.fixture
def no_worker(tmp_path: Path, nothing_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runs folder of the test's own, in which a launch starts no process."""
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    monkeypatch.setattr(LocalLauncher, "launch", lambda launcher, run: os.getpid())


@pytest.fixture(params=ENCODINGS)
def encoding(request) -> str:
    return request.param


@pytest.fixture(params=HEADS)
def head(request) -> str:
    return request.param


@pytest.fixture(params=ORDERINGS)
def ordering(request) -> dict:
    return ORDERINGS[request.param]


@cache
def every_combination() -> list[dict[str, str]]:
    """Of all that a MADE can be made of, any four choices meet in one of these."""
    choices = {
        "encoding": list(ENCODINGS),
        "head": list(HEADS),
        "ordering": list(ORDERINGS),
        "depth": list(HIDDEN_SIZES),
        "connectivity": list(CONNECTIVITIES),
        "degrees": list(DEGREES),
        "direct": ["direct", "plain"],
    }
    return list(covering(choices, strength=4))


@pytest.fixture
def every_made(encoding: str, head: str) -> Callable[..., Iterator[tuple[str, Conditionals]]]:
    """MADEs of one encoding and head, with what they are in words.

    Orderings x depths x connectivities x draws of the degrees x with and without direct
    connections, thinned out to `every_combination`.
    """

    def models(num_variables: int, **values) -> Iterator[tuple[str, Conditionals]]:
        for chosen in every_combination():
            if (chosen["encoding"], chosen["head"]) != (encoding, head):
                continue
            model = make_model(
                num_variables,
                categories_for(head),
                encoding=encoding,
                head=head,
                hidden_sizes=HIDDEN_SIZES[chosen["depth"]],
                num_connectivities=CONNECTIVITIES[chosen["connectivity"]],
                direct_connections=chosen["direct"] == "direct",
                **ORDERINGS[chosen["ordering"]],
                **DEGREES[chosen["degrees"]],
                **values,
            )
            yield str(chosen), model

    return models


@pytest.fixture
def nothing_shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The runs that come with the project are not there in this process, but an empty folder."""
    empty = tmp_path_factory.mktemp("shipped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "shipped_folder", lambda: empty)
        yield empty


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_shipped: Path
) -> Iterator[Path]:
    """A runs folder of the test's own, whose workers are gone at its end."""
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    yield tmp_path / "runs"
    end_all(runs.list_runs())


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    """A dashboard on a runs folder that is this process's own, too."""
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    with dashboard(tmp_path) as running:
        yield running


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of this process train with a trainer of a few lines."""
    for module, name, value in fake_training.patches():
        monkeypatch.setattr(module, name, value)


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are planned as on two cores, whatever this machine has."""
    monkeypatch.setattr(cores, "num_cores", lambda: 2)


@pytest.fixture
def same_threads() -> Iterator[None]:
    """The bench takes all cores; the tests after it want one thread again."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)

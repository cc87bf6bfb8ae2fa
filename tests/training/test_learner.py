"""What a worker drives is one thing, however it learns."""

from __future__ import annotations

import inspect

import fake_training
import pytest

from made.setups.config import ExperimentConfig
from made.training.learner import Learner
from made.training.parallel import Group
from made.training.path import EnginePath
from made.training.trainer import Trainer

METHODS = ("events", "step_by_step", "state", "best_weights", "close")
PATH = EnginePath(device="cpu", precision="float32", num_mask_sets=1, is_sorted=True)


class LearnsNothing:
    """A learner but for one thing: nobody can let go of it."""

    path = PATH

    def events(self):
        yield

    def state(self):
        return None

    def best_weights(self):
        return None


@pytest.mark.parametrize(
    "kind", [Trainer, Group, fake_training.Trainer], ids=["alone", "several", "fake"]
)
def test_every_learner_has_what_a_worker_asks_for(kind: type) -> None:
    for name in METHODS:
        wanted = inspect.signature(getattr(Learner, name))
        assert inspect.signature(getattr(kind, name)) == wanted, name


def test_a_trainer_and_the_fake_are_learners(tiny_dataset) -> None:
    config = ExperimentConfig.from_flat({"hidden_sizes": (3,)})
    for learner in (
        Trainer(config, tiny_dataset()),
        fake_training.Trainer(config, tiny_dataset(), "cpu"),
    ):
        assert isinstance(learner, Learner)
        assert isinstance(learner.path, EnginePath)
    assert not isinstance(LearnsNothing(), Learner)

"""One network of twelve pixels, trained under one mask set, or under many in turn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from made import datasets
from made.base.errors import MadeError
from made.base.threads import tiny_as_zero
from made.datasets import DataConfig
from made.model.masks import MaskBank
from made.model.settings import MaskConfig, ModelConfig
from made.runs.kept_models import threads_for

if TYPE_CHECKING:
    from torch import Tensor

    from made.model.conditionals import Conditionals

SHAPE = (4, 3)  # the pixels in the middle of an 8 × 8 digit, from row 2 and column 2
NUM_VARIABLES = SHAPE[0] * SHAPE[1]
NUM_SETS = 32  # mask sets under which every network is asked
TRAINED_ON = (1, 8, 32)
NUM_UNITS, NUM_STEPS, BATCH_SIZE, LEARNING_RATE, SEED = 256, 1500, 128, 0.012, 0
# All 4,096 states in the order of binary counting: int64 (4096, 12).
STATES = np.array(list(product((0, 1), repeat=NUM_VARIABLES)), np.int64)


@dataclass(frozen=True)
class Agnostic:
    """What a reader may choose. It alone decides the weights.

    trained_on: how many mask sets the minibatches cycle through, each with an ordering of its own.
    is_fixed: one connectivity for all of them; else each has its own, too.
    """

    trained_on: int = 1
    is_fixed: bool = True

    def __post_init__(self) -> None:
        if type(self.trained_on) is not int or self.trained_on not in TRAINED_ON:
            known = ", ".join(map(str, TRAINED_ON))
            raise MadeError(
                f"There is no network trained on '{self.trained_on}' orderings here: choose one "
                f"of {known}."
            )
        if not isinstance(self.is_fixed, bool):
            raise MadeError("One connectivity serves all or not: is_fixed is true or false.")

    @property
    def masks(self) -> MaskConfig:
        """The mask sets under which the network is asked, of which training sees the first ones."""
        return MaskConfig(
            ordering="random",
            num_orderings=NUM_SETS,
            num_connectivities=1 if self.is_fixed else NUM_SETS,
            mask_seed=SEED,
            ensemble_size=NUM_SETS,
        )

    def bank(self) -> MaskBank:
        return MaskBank(self.masks, NUM_VARIABLES, (NUM_UNITS,))


@dataclass(frozen=True, eq=False)
class Answers:
    """What a trained network gives under each of S mask sets.

    log_prob: log p_s(x) of the N test rows, nats, float64 (S, N). log_joint: of all 4,096 states,
    (S, 4096). logits, logits_of_states: of every conditional, (S, N, 12) and (S, 4096, 12).
    """

    setting: Agnostic
    rows: np.ndarray
    log_prob: np.ndarray
    log_joint: np.ndarray
    logits: np.ndarray
    logits_of_states: np.ndarray


@lru_cache(maxsize=1)
def pixel_rows() -> tuple[np.ndarray, np.ndarray]:
    """The twelve pixels of the training and of the test digits, int64 (N, 12)."""
    digits = datasets.load(DataConfig(dataset="digits8"))
    cut = np.s_[:, 2 : 2 + SHAPE[0], 2 : 2 + SHAPE[1]]
    train, test = (
        rows.reshape(-1, 8, 8)[cut].reshape(len(rows), -1).astype(np.int64)
        for rows in (digits.train, digits.test)
    )
    return train, test


@lru_cache(maxsize=len(TRAINED_ON) * 2)
def answers(setting: Agnostic) -> Answers:
    """Train the network of a setting, and ask it under all mask sets; the same every time."""
    import torch

    _, test = pixel_rows()
    with threads_for(1), tiny_as_zero():
        network = trained(setting).double()
        logits, log_prob = _asked(network, torch.from_numpy(test))
        of_states, log_joint = _asked(network, torch.from_numpy(STATES))
    return Answers(setting, test, log_prob, log_joint, logits, of_states)


def trained(setting: Agnostic) -> Conditionals:
    """The network after all minibatches of Adam, each under the next mask set of training.

    The pace falls in a line to zero over the second half.
    """
    import torch

    from made.model.build import build_model

    train, _ = pixel_rows()
    model = ModelConfig(encoding="raw", hidden_sizes=(NUM_UNITS,))
    network = build_model(model, setting.masks, NUM_VARIABLES, 2, seed=SEED)
    ones = torch.from_numpy(train.sum(axis=0))
    network.start_at_marginals(torch.stack([len(train) - ones, ones], dim=1))
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    generator = torch.Generator().manual_seed(SEED)
    rows = torch.from_numpy(train)
    for step in range(NUM_STEPS):
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * min(1.0, 2 * (1 - step / NUM_STEPS))
        batch = rows[torch.randint(len(rows), (BATCH_SIZE,), generator=generator)]
        loss = -network.conditional_log_prob(batch, step % setting.trained_on).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval()


def _asked(network: Conditionals, rows: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Logits (S, N, 12) and log p_s(x) in nats (S, N) of all mask sets."""
    import torch

    with torch.no_grad():
        each = [network(rows, index) for index in range(NUM_SETS)]
        log_prob = [network.head.log_prob(parameters, rows).sum(dim=1) for parameters in each]
    return torch.stack(each).squeeze(-1).numpy(), torch.stack(log_prob).numpy()

"""Training of the small network: the same starts for every setting, so that only masks differ."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from made.lessons.small_network import NUM_HIDDEN, Setting, SmallNetwork
from made.lessons.three_bits import NUM_VARIABLES, STATES, probabilities

NUM_STARTS, NUM_STEPS, LEARNING_RATE, SEED = 8, 700, 0.02, 0
_MOMENTUM, _SCALE, _TINY = 0.9, 0.99, 1e-8
_PROBABILITIES = probabilities()[:, None]
_SIZES = (NUM_HIDDEN * NUM_VARIABLES, NUM_HIDDEN, NUM_VARIABLES * NUM_HIDDEN, NUM_VARIABLES)


@lru_cache(maxsize=256)
def trained(setting: Setting) -> SmallNetwork:
    """The best of eight starts after 700 steps of Adam, a function of the setting alone.

    Each step takes the exact gradient of the loss over the eight states, weighted by their true
    probabilities; all starts go together. The pace falls in a line from twice the learning rate,
    after half of the steps, to almost nothing.
    """
    first, second = setting.mask_set().layer_masks()
    kept = np.concatenate(
        [first.ravel(), np.ones(NUM_HIDDEN), second.ravel(), np.ones(NUM_VARIABLES)]
    )
    generator = np.random.default_rng(SEED)
    weights = generator.normal(size=(NUM_STARTS, sum(_SIZES))) * kept
    gradient = np.empty_like(weights)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, NUM_STEPS + 1):
        _fill_gradient(weights, gradient)
        gradient *= kept
        mean += (1 - _MOMENTUM) * (gradient - mean)
        square += (1 - _SCALE) * (gradient**2 - square)
        pace = LEARNING_RATE * min(1.0, 2 * (1 - step / NUM_STEPS) + 0.02)
        scale = np.sqrt(square / (1 - _SCALE**step)) + _TINY
        weights -= pace * (mean / (1 - _MOMENTUM**step)) / scale
    networks = [_network(setting, start) for start in weights]
    return min(networks, key=lambda network: network.loss)


def _fill_gradient(weights: np.ndarray, gradient: np.ndarray) -> None:
    """Write the gradient of the loss of every start, by the chain rule."""
    first, first_bias, second, second_bias = _parts(weights)
    hidden = np.tanh(STATES @ first.swapaxes(1, 2) + first_bias[:, None])
    logits = hidden @ second.swapaxes(1, 2) + second_bias[:, None]
    by_logit = _PROBABILITIES * (1 / (1 + np.exp(-logits)) - STATES)
    by_hidden = (by_logit @ second) * (1 - hidden**2)
    into = _parts(gradient)
    into[0][:] = by_hidden.swapaxes(1, 2) @ STATES
    into[1][:] = by_hidden.sum(axis=1)
    into[2][:] = by_logit.swapaxes(1, 2) @ hidden
    into[3][:] = by_logit.sum(axis=1)


def _parts(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """W, b, V and c of every start, as views into flat (starts, all weights)."""
    starts = len(flat)
    ends = np.cumsum(_SIZES)
    return (
        flat[:, : ends[0]].reshape(starts, NUM_HIDDEN, NUM_VARIABLES),
        flat[:, ends[0] : ends[1]],
        flat[:, ends[1] : ends[2]].reshape(starts, NUM_VARIABLES, NUM_HIDDEN),
        flat[:, ends[2] :],
    )


def _network(setting: Setting, flat: np.ndarray) -> SmallNetwork:
    first, first_bias, second, second_bias = (part[0] for part in _parts(flat[None] + 0.0))
    return SmallNetwork(setting, first, first_bias, second, second_bias)

"""A row as bits and back: arithmetic coding with the conditionals of a network, all in integers.

Along the ordering each value narrows an interval of [0, 1) to its share: in the end its width is
the product of all conditionals, which is p(x). The code is the shortest binary fraction that lies
in the interval with all its continuations, at most 2 bits longer than -log2 of the width (Rissanen,
1976; Witten, Neal and Cleary, 1987). Low end and width are whole numbers of any size, so nothing is
rounded but the conditionals themselves, to counts out of `TOTAL`, each at least one.

The decoder walks the same way, and finds each value by where the code lies in the interval. It asks
the same network the same questions, so it gets the same counts, on the same machine to the bit.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.density.incremental import Walk
from made.density.modes import evaluating, full_precision
from made.model.conditionals import Conditionals

TOTAL_BITS = 32
TOTAL = 2**TOTAL_BITS
BLOCK = 16  # places that are decoded together, until nothing in them changes

Edges = list[list[int]]  # of each place the counts below each category, and TOTAL at the end
Choose = Callable[[int, Edges], Sequence[int]]


def encode(network: Conditionals, row: np.ndarray, mask_set: int = 0) -> str:
    """The bits of a row, integers (D,), under one mask set: "0110…". Raises MadeError.

    Their number is at most -log2 p(x) + 2 + `quantisation`. No code is the beginning of another
    row's, so that whatever follows it does not matter.
    """
    _require(network)
    sequence = network.bank.mask_set(mask_set).ordering.sequence
    values = np.asarray(row, np.int64)[sequence].tolist()
    low, width, shift = 0, 1, 0
    for edges, block in _blocks(network, mask_set, lambda at, each: values[at : at + len(each)]):
        for counts, value in zip(edges, block, strict=True):
            low = (low << TOTAL_BITS) + width * counts[value]
            width *= counts[value + 1] - counts[value]
            shift += TOTAL_BITS
    return _shortest(low, width, shift)


def decode(network: Conditionals, bits: str, mask_set: int = 0) -> np.ndarray:
    """The row that a code stands for, int64 (D,). Raises MadeError."""
    _require(network)
    if not set(bits) <= {"0", "1"}:
        raise MadeError("A code is made of the characters 0 and 1 only.")
    # Where the code lies within the interval: a share above / below, before a block and behind it.
    before = behind = (int(bits or "0", 2), 1 << len(bits))
    found: list[int] = []

    def choose(_: int, edges: Edges) -> list[int]:
        nonlocal behind
        above, below = before
        values = []
        for counts in edges:
            place = (above << TOTAL_BITS) // below
            value = bisect_right(counts, place) - 1
            above = (above << TOTAL_BITS) - counts[value] * below
            below *= counts[value + 1] - counts[value]
            values.append(value)
        behind = above, below
        return values

    for _, block in _blocks(network, mask_set, choose):
        found += block
        before = behind
    sequence = network.bank.mask_set(mask_set).ordering.sequence
    row = np.empty(len(found), np.int64)
    row[sequence] = found
    return row


def quantisation(network: Conditionals) -> float:
    """How many bits whole counts may add to the code of a row: -D log2(1 - K / TOTAL)."""
    return -network.num_variables * math.log2(1 - network.num_categories / TOTAL)


def _require(network: Conditionals) -> None:
    if not network.has_density:
        raise MadeError("A plain autoencoder has no density: there is nothing to code with.")


def _shortest(low: int, width: int, shift: int) -> str:
    """The shortest bits whose continuations all lie in [low, low + width) / 2^shift."""
    length = max(shift - width.bit_length(), 0)
    while True:
        step = 1 << (shift - length)
        number = -(-low // step)
        if (number + 1) * step <= low + width:
            return f"{number:0{length}b}" if length else ""
        length += 1


@torch.no_grad()
def _blocks(
    network: Conditionals, mask_set: int, choose: Choose
) -> Iterator[tuple[Edges, Sequence[int]]]:
    """Go along the ordering: the edges of places and the values there, block by block.

    choose: from the first place of a block and the edges of its places, given what it chose before,
    to the values; asked again until they stay the same.
    """
    size = (1, network.num_variables)
    x = torch.zeros(size, dtype=torch.int64, device=network.device)
    with evaluating(network), full_precision(network.device):
        along = network.sorted(mask_set)
        if along is None:
            for at, d in enumerate(network.bank.mask_set(mask_set).ordering.sequence.tolist()):
                edges = _edges(network, network(x, mask_set)[:, d])
                values = choose(at, edges)
                x[0, d] = values[0]
                yield edges, values
            return
        asked: list[tuple[Edges, Sequence[int]]] = []

        def answer(parameters: Tensor, _: Tensor) -> Tensor:
            edges = _edges(network, parameters[:, 0])
            asked[:] = [(edges, choose(first, edges))]
            return torch.tensor(asked[0][1], device=x.device).unsqueeze(1)

        walk = Walk(network, along, x, torch.zeros(size, device=x.device), answer)
        for first in range(0, network.num_variables, BLOCK):
            walk.draw(first, min(first + BLOCK, network.num_variables), 0)
            yield asked[0]


def _edges(network: Conditionals, parameters: Tensor) -> Edges:
    """Counts below each category, (T, K + 1), of parameters (T, P); every category has one."""
    shares = network.head.log_probs(parameters).double().exp().cumsum(dim=-1).cpu().numpy()
    num_categories = shares.shape[-1]
    counts = np.zeros((len(shares), num_categories + 1))
    counts[:, 1:] = np.floor(shares / shares[:, -1:] * (TOTAL - num_categories))
    return (counts.astype(np.int64) + np.arange(num_categories + 1)).tolist()

"""How torch's threads wait for each other, and what they take for zero."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

# Threads that spin for long slow training down many times over as soon as anything else runs on the
# machine; threads that sleep at once take as long to wake up as a small product takes. So much
# spinning, some 100 microseconds, bridges the gaps between the operations of one training step.
SPINS = "5000"


def prepare_waiting() -> None:
    """Let idle threads spin briefly, then sleep, unless the user's environment says otherwise.

    To be called before torch is loaded.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch share an operation between so many threads of this process meanwhile."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def tiny_as_zero() -> Iterator[None]:
    """Let this thread, and threads that it starts, take numbers below 1e-38 for zero meanwhile.

    The moving averages of an optimiser fade to such numbers wherever a gradient has become zero,
    and processors compute with them many times more slowly: a third of a long training's time.
    """
    import torch

    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)

"""How torch's threads wait for each other; to be set before torch is loaded."""

import os

# Threads that spin for long slow training down many times over as soon as anything else runs on the
# machine; threads that sleep at once take as long to wake up as a small product takes. So much
# spinning, some 100 microseconds, bridges the gaps between the operations of one training step.
SPINS = "5000"


def prepare_waiting() -> None:
    """Let idle threads spin briefly, then sleep, unless the user's environment says otherwise."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)

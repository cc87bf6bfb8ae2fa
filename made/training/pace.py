"""How fast minibatches are done, and how long the rest will take."""

from __future__ import annotations

import time
from collections import deque

REPORTS = 3
TOLERANCE = 1.15


class Pace:
    """How fast minibatches are done, from the first one of an epoch, or of what is left of it."""

    def __init__(self, step: int):
        self.first_step = step
        self.began = self.reported = time.perf_counter()

    def since_report(self) -> float:
        """Seconds since the last report, or since the beginning."""
        return time.perf_counter() - self.reported

    def rate(self, step: int) -> float:
        """Minibatches a second up to `step`."""
        return (step - self.first_step) / (time.perf_counter() - self.began)

    def report(self) -> None:
        """Count the seconds of the next report from here."""
        self.reported = time.perf_counter()


class Remaining:
    """How long a training will still take, once its pace is known.

    The first minibatches wait for memory, threads and graphs: a pace measured on them has told of
    hours where two minutes were left. It counts as known as soon as the last few reports agree,
    and stays so.
    """

    def __init__(self) -> None:
        self.rates: deque[float] = deque(maxlen=REPORTS)
        self.is_steady = False

    def seconds(self, num_steps: int, rate: float) -> float | None:
        """Seconds for so many minibatches at the reported rate, 1 / s; None until it is steady."""
        self.rates.append(rate)
        agree = max(self.rates) <= TOLERANCE * min(self.rates)
        self.is_steady |= agree and len(self.rates) == REPORTS
        return num_steps / rate if self.is_steady else None

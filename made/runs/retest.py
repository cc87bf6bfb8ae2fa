"""The test of a finished run, taken again to keep what older versions did not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from filelock import Timeout

from made.base.errors import MadeError
from made.runs.folder import Run
from made.runs.records import Result
from made.runs.writer import RunWriter

if TYPE_CHECKING:
    from made.density.evaluation import Evaluation

SAME = 1e-4  # relative; the same weights give an NLL that differs by rounding alone


def record(run: Run, measured: Evaluation) -> Result:
    """Write log p of each test example, and the figures that the run lacks; returns them all.

    measured: its best checkpoint on the test split. What is recorded already stays as it is.
    Raises MadeError for a run that ships with the project, that has no test figures or has others,
    and for one that a process trains.
    """
    if run.is_shipped:
        raise MadeError(f"{run.label!r} ships with the project and cannot be changed: copy it.")
    try:
        hold = run.lock().acquire(timeout=2)
    except Timeout:
        raise MadeError(f"{run.label!r} is still running: it records its test itself.") from None
    with hold:
        recorded, nll = run.result, measured.figures.get("nll_nats")
        known = (recorded or {}).get("nll_nats")
        if recorded is None or known is None or nll is None:
            raise MadeError(f"Run {run.label!r} has no test NLL to add to: let it finish first.")
        if not math.isclose(nll, known, rel_tol=SAME):
            raise MadeError(
                f"Run {run.label!r} recorded a test NLL of {known:.6g} nats and has {nll:.6g} now: "
                "its weights or its data were changed, so train it again."
            )
        RunWriter(run).write_result({**measured.figures, **recorded}, measured.log_probs)
    result = run.result
    assert result is not None  # it was just written
    return result

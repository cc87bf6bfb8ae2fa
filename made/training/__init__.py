"""One process learns: loop, step, schedules, CUDA graphs, data parallelism, what an epoch leaves
behind.
"""

from typing import TYPE_CHECKING

from made.base.face import hand_out

if TYPE_CHECKING:
    from made.training.events import EpochEnd, Finished, Progress
    from made.training.failures import TrainingFailure
    from made.training.learner import Learner
    from made.training.trainer import Trainer

__all__ = ["EpochEnd", "Finished", "Learner", "Progress", "Trainer", "TrainingFailure"]
__getattr__ = hand_out(
    __name__,
    {
        "EpochEnd": "events",
        "Finished": "events",
        "Learner": "learner",
        "Progress": "events",
        "Trainer": "trainer",
        "TrainingFailure": "failures",
    },
)

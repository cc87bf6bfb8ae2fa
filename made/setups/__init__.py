"""A whole configuration, judged before it is built: what fits, what has no effect, what it costs,
presets.
"""

from typing import TYPE_CHECKING

from made.base.face import hand_out

if TYPE_CHECKING:
    from made.setups.config import ExperimentConfig, TrainingConfig
    from made.setups.presets import Preset

__all__ = ["ExperimentConfig", "Preset", "TrainingConfig"]
__getattr__ = hand_out(
    __name__, {"ExperimentConfig": "config", "Preset": "presets", "TrainingConfig": "config"}
)

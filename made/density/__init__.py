"""What follows from conditionals: mixtures, likelihood, the exact joint, sampling, conditioning."""

from typing import TYPE_CHECKING

from made.base.face import hand_out

if TYPE_CHECKING:
    from made.density.density import Density, PlainAutoencoder, model_of
    from made.density.evaluation import evaluate

__all__ = ["Density", "PlainAutoencoder", "evaluate", "model_of"]
__getattr__ = hand_out(
    __name__,
    {
        "Density": "density",
        "PlainAutoencoder": "density",
        "evaluate": "evaluation",
        "model_of": "density",
    },
)

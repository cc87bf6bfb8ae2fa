"""What is drawn from a model to be looked at: sample grids, exact densities, histograms."""

from __future__ import annotations

import numpy as np
import torch

from made.datasets import Dataset
from made.datasets.base import histogram
from made.density.density import Model
from made.density.evaluation import reconstructions

NUM_IMAGES = 64
NUM_POINTS = 100_000


def epoch_samples(model: Model, dataset: Dataset, seed: int) -> dict[str, np.ndarray]:
    """The pictures of one epoch, from the same random numbers every time so that they compare.

    2-D: "density" float32 (K, K), the exact joint, and "histogram" uint32 (K, K) of as many samples
    as the training split has, at most 100,000. Other data: "samples" (64, D). A plain autoencoder:
    "originals" (64, D) of the validation split and "reconstructions" (64, D), the likeliest values
    given these very rows.
    """
    generator = torch.Generator().manual_seed(seed)
    if not model.has_density:
        rows = dataset.validation[:NUM_IMAGES]
        return {"originals": rows, "reconstructions": reconstructions(model, rows)}
    if dataset.info.is_joint:
        count = min(NUM_POINTS, len(dataset.train))
        points = model.sample(count, generator)
        return {
            "density": np.exp(model.log_joint()).astype(np.float32),
            "histogram": histogram(points.numpy(), dataset.num_categories),
        }
    samples = model.sample(NUM_IMAGES, generator).numpy()
    return {"samples": samples.astype(dataset.train.dtype)}

"""Whether a configuration fits a dataset, and which settings do nothing or hardly meant things."""

from __future__ import annotations

import math

from made.base import devices
from made.base.errors import MadeError
from made.base.text import counted
from made.datasets import DatasetInfo
from made.model import fit
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS, head_name
from made.model.masks import mask_bank
from made.model.orderings import GIVEN, ORDERINGS
from made.setups.config import ExperimentConfig
from made.setups.orderings import ordering_misfit

DATA_SETTINGS = {
    "num_samples": "Only a joint is sampled; this dataset has its own rows.",
    "grid_size": "Only the generated 2-D joints have a grid to choose.",
    "data_seed": "This dataset has a fixed split.",
}


def misfit(config: ExperimentConfig, info: DatasetInfo) -> str | None:
    """One sentence on why this model cannot be built for this dataset, or None."""
    problem = fit.misfit(config.model, info.num_variables, info.num_categories, f"'{info.name}'")
    masks = config.masks
    if problem is None and config.model.model == "made" and masks.autoregressive:
        return ordering_misfit(masks.ordering, info, masks.permutation)
    return problem


# Beyond which an optimiser's steps usually run away; those that are not here scale by the gradient.
LARGEST_STEPS = dict.fromkeys(("Adam", "AdamW", "NAdam", "RAdam", "Adamax", "RMSprop"), 0.1)
LARGEST_STEPS |= {"Adagrad": 1.0, "SGD": 10.0}


def cautions(config: ExperimentConfig, info: DatasetInfo) -> dict[str, str]:
    """The settings that are allowed and yet hardly meant, each with what they will do."""
    model, masks, training = config.model, config.masks, config.training
    said: dict[str, str] = {}
    if model.model == "made" and not masks.autoregressive:
        said["autoregressive"] = (
            "Without masks every output sees the very input that it predicts: the loss falls "
            "towards 0 and measures nothing, and there is no density to sample from."
        )
    largest = LARGEST_STEPS.get(training.optimizer, math.inf)
    if training.learning_rate > largest:
        said["learning_rate"] = (
            f"With {training.optimizer}, training usually runs away above {largest:g}: "
            "0.001 is a good beginning."
        )
    num_cores = devices.num_cores()
    if training.num_devices > num_cores and _is_cpu(training.device):
        said["num_devices"] = (
            f"{training.num_devices} processes will share {counted(num_cores, 'core')}: that is "
            f"slower than {num_cores} or fewer."
        )
    if info.num_train is not None and training.batch_size > info.num_train:
        said["batch_size"] = (
            f"There are {info.num_train:,} training examples: one minibatch, and so one step, "
            "an epoch."
        )
    return said


def _is_cpu(device: str) -> bool:
    try:
        return devices.resolve(device) == "cpu"
    except MadeError:
        return False


def no_effect(config: ExperimentConfig, info: DatasetInfo) -> dict[str, str]:
    """The settings that change nothing here, each with the reason in one sentence."""
    reasons: dict[str, str] = {}

    def silence(reason: str, *names: str) -> None:
        for name in names:
            reasons.setdefault(name, reason)

    model, masks = config.model, config.masks
    for name in DATA_SETTINGS:
        if name not in info.settings:
            silence(DATA_SETTINGS[name], name)
    if model.model == "marginals":
        reason = "The product of the marginals has no network and no input."
        silence(reason, "encoding", "encoding_width", "hidden_sizes", "activation")
        silence(reason, "direct_connections", "residual_connections", "dropout")
    if model.model == "naive":
        silence("The naive model is fed with the raw integer.", "encoding", "encoding_width")
        reason = "The naive model is a plain network."
        silence(reason, "direct_connections", "residual_connections", "dropout")
    encoding = ENCODINGS[model.encoding]
    if not encoding.has_open_width:
        silence(f"The {encoding.title} encoding has no width to choose.", "encoding_width")
    if not HEADS[head_name(model.head, info.num_categories)].has_components:
        silence("Only a mixture has components.", "num_components")
    if not model.hidden_sizes:
        silence("There is no hidden layer.", "activation", "dropout")
    if len(model.hidden_sizes) < 2:
        silence("There is no second hidden layer to add the first one to.", "residual_connections")
    if model.model != "made":
        reason = "Only MADE has masks."
        silence(reason, "autoregressive", "ordering", "permutation")
        silence(reason, "num_orderings", "num_connectivities")
        silence(reason, "mask_interval", "degrees", "mask_seed", "ensemble_size")
        silence("Only MADE can compute in other numbers than float32.", "precision")
    if not masks.autoregressive:
        reason = "A plain autoencoder has no masks."
        silence(reason, "ordering", "permutation", "num_orderings", "num_connectivities")
        silence(reason, "mask_interval", "degrees", "mask_seed", "ensemble_size")
    if info.num_variables <= 2:
        silence(
            "With 2 variables every hidden degree is 1, so all mask sets of one ordering are the "
            "same.",
            "num_connectivities",
            "degrees",
        )
    if not model.hidden_sizes:
        reason = "Without hidden layers there are no degrees."
        silence(reason, "num_connectivities", "degrees")
    if masks.ordering != GIVEN:
        silence("Only the given ordering has a list of its own.", "permutation")
    if not ORDERINGS[masks.ordering].is_random:
        silence(f"There is only one {masks.ordering} ordering.", "num_orderings")
    if masks.degrees != "range" or "degrees" in reasons:
        reason = "Only degrees drawn from a range have bounds."
        silence(reasons.get("degrees", reason), "degree_low", "degree_high")
    if mask_bank(model, masks, info.num_variables).cycle == 1:
        silence("There is only one mask set.", "mask_interval", "ensemble_size")
        if not ORDERINGS[masks.ordering].is_random and "degrees" in reasons:
            silence("Nothing here is drawn at random.", "mask_seed")
    if config.training.schedule != "one-cycle":
        silence("Only one cycle goes up before it goes down.", "warm_up")
    return reasons

"""A set-up in words: the parts of a sentence about it, and the lines that are made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from made.base.text import counted, exact, whole
from made.datasets import DatasetInfo
from made.model.orderings import GIVEN, ORDERINGS
from made.model.settings import ModelConfig
from made.setups.checks import no_effect
from made.setups.config import SECTIONS, ExperimentConfig, field_zero

BASELINES = {"marginals": "product of the marginals", "naive": "naive p(x1) p(x2 | x1)"}
# Said in words of their own by `_network`; the mask sets evaluated are named with their figure.
SAID = frozenset({"dataset", "model", "encoding", "hidden_sizes", "ordering", "num_orderings"})
SAID |= {"ensemble_size", "permutation"}
MOST_PLACES = 4


def set_up_line(config: ExperimentConfig) -> str:
    """The set-up of a run in one line: "rings · 512-512 · one-hot · natural ordering"."""
    model, masks = config.model, config.masks
    parts = [config.data.dataset, *_network(model)]
    if model.model == "made" and not masks.autoregressive:
        parts.append("plain autoencoder")
    elif model.model == "made":
        parts.append(_ordering(config))
        if masks.num_connectivities != 1:
            parts.append(setting_words("num_connectivities", masks.num_connectivities))
    return " · ".join(parts)


def model_text(config: ExperimentConfig, info: DatasetInfo | None = None) -> str:
    """A model in a few words: layers and encoding, then all that is not the default.

    info: leaves out what has no effect on these data.
    """
    parts = _network(config.model)
    if config.model.model == "made" and config.masks.ordering != "natural":
        parts.append(_ordering(config))
    changed = config.differences(ExperimentConfig())
    silent = no_effect(config, info) if info else {}
    told = [
        name
        for section in ("model", "masks", "data")
        for name in SECTIONS[section].model_fields
        if name in changed and name not in SAID and name not in silent
    ]
    return ", ".join([*parts, *(setting_words(name, changed[name][0]) for name in told)])


def setting_words(name: str, value: Any) -> str:
    """One setting within a sentence.

    >>> setting_words("degrees", "even"), setting_words("dropout", 0.4)
    ('even degrees', 'dropout 0.4')
    >>> setting_words("num_samples", 20000), setting_words("num_connectivities", 0)
    ('20,000 samples', 'fresh connectivities')
    >>> setting_words("epochs", 1), setting_words("num_connectivities", 1)
    ('1 epoch', '1 connectivity')
    >>> setting_words("hidden_sizes", (64, 32)), setting_words("epochs", 40)
    ('64-32 units', '40 epochs')
    >>> setting_words("direct_connections", True), setting_words("residual_connections", False)
    ('direct connections', 'no residual connections')
    >>> setting_words("permutation", (27, 28)), setting_words("permutation", ())
    ('the order 27, 28', 'no order of its own')
    """
    words = name.removeprefix("num_").replace("_", " ")
    if name == "permutation":
        return f"the order {permutation_text(value)}" if value else "no order of its own"
    if isinstance(value, tuple):
        return f"{'-'.join(map(str, value))} units" if value else "no hidden layer"
    if isinstance(value, bool):
        return words if value else f"no {words}"
    if name == "epochs" or name.startswith("num_"):
        one = f"{words[:-3]}y" if words.endswith("ies") else words.removesuffix("s")
        return counted(value, one, words) if value else f"{field_zero(name)} {words}"
    return f"{value} {words}" if isinstance(value, str) else f"{words} {exact(value)}"


def setting_text(name: str, value: Any) -> str:
    """The value of a setting where its title stands beside it; None: it has no effect.

    >>> setting_text("num_samples", 100_000), setting_text("seed", 123456)
    ('100,000', '123456')
    """
    if name == "permutation" and value:
        return permutation_text(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return whole(value) if is_number and not name.endswith("seed") else exact(value)


def permutation_text(permutation: Sequence[int]) -> str:
    """The first places of a permutation.

    >>> permutation_text((2, 0, 1)), permutation_text(range(64))
    ('2, 0, 1', '0, 1, 2, 3, …')
    """
    first = ", ".join(map(str, permutation[:MOST_PLACES]))
    return f"{first}, …" if len(permutation) > MOST_PLACES else first


def _network(model: ModelConfig) -> list[str]:
    """Layers and encoding, or which baseline it is."""
    if model.model == "made":
        return [_layers(model), model.encoding]
    layers = [] if model.model == "marginals" else [_layers(model)]
    return [BASELINES[model.model], *layers]


def _layers(model: ModelConfig) -> str:
    return "-".join(map(str, model.hidden_sizes)) or "no hidden layer"


def _ordering(config: ExperimentConfig) -> str:
    masks = config.masks
    if masks.ordering == GIVEN and masks.permutation:
        return f"given ordering {permutation_text(masks.permutation)}"
    if not ORDERINGS[masks.ordering].is_random:
        return f"{masks.ordering} ordering"
    if masks.num_orderings == 1:
        return "random ordering"
    return f"{masks.num_orderings or field_zero('num_orderings')} random orderings"

"""The figures by which a model is judged: their names in files, what they are called, their units.

Nothing here needs torch, so that whoever shows a figure can ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from made.base.text import with_error


@dataclass(frozen=True)
class Figure:
    """What a figure is called, in which unit it is, and what must be said beside it.

    is_of_split: it is measured on the rows of a split, which is then named before it.
    """

    title: str
    unit: str = ""
    remark: str = ""
    is_of_split: bool = False

    @property
    def label(self) -> str:
        """The head of a row or a column.

        >>> FIGURES["nll_nats"].label
        'NLL (nats / example)'
        """
        unit = f" ({self.unit})" if self.unit else ""
        return f"{self.title}{unit}" + (f", {self.remark}" if self.remark else "")

    def said(self, value: float, split: str = "", error: float | None = None) -> str:
        """The figure within a line, with its standard error where there is one.

        >>> FIGURES["nll_nats"].said(88.924, "test"), FIGURES["kl_nats"].said(0.02277, "test")
        ('test NLL 88.92 nats / example', 'exact KL 0.02277 nats')
        >>> FIGURES["nll_nats"].said(88.924, "test", 0.2289)
        'test NLL 88.92 ± 0.23 nats / example'
        """
        of = f"{split} " if split and self.is_of_split else ""
        return f"{of}{self.title} {with_error(value, error)} {self.unit}".rstrip()


FIGURES: dict[str, Figure] = {
    "nll_nats": Figure("NLL", "nats / example", is_of_split=True),
    "nll_standard_error": Figure("standard error of the NLL", "nats / example"),
    "bits_per_dim": Figure("NLL", "bits / dimension", is_of_split=True),
    "single_pass_nll_nats": Figure("NLL of single mask sets", "nats / example"),
    "single_pass_standard_error": Figure("standard error of single mask sets", "nats / example"),
    "reconstruction_nats": Figure(
        "reconstruction", "nats / example", "no likelihood", is_of_split=True
    ),
    "cross_entropy_nats": Figure("exact cross-entropy", "nats"),
    "kl_nats": Figure("exact KL", "nats"),
    "entropy_nats": Figure("entropy of the truth", "nats"),
    "validation_nll": Figure("best validation NLL", "nats / example"),
    "training_seconds": Figure("training", "s"),
    "num_examples": Figure("examples"),
    "num_seen_test_rows": Figure("test rows that equal a training row"),
    "num_mask_sets": Figure("mask sets"),
    "num_samples": Figure("samples"),
    "num_parameters": Figure("parameters"),
}

# Of each mean over the examples of a split the figure that is its standard error.
ERRORS = {
    "nll_nats": "nll_standard_error",
    "single_pass_nll_nats": "single_pass_standard_error",
}


def error_of(figures: Mapping[str, Any], name: str) -> float | None:
    """The standard error of a figure in its own unit, or None where none is known.

    Bits per dimension are the NLL in another unit, and so is their error.

    >>> error_of({"nll_nats": 88.0, "nll_standard_error": 0.2}, "nll_nats")
    0.2
    >>> known = {"nll_nats": 80.0, "nll_standard_error": 0.5, "bits_per_dim": 0.25}
    >>> error_of(known, "bits_per_dim"), error_of(known, "kl_nats")
    (0.0015625, None)
    """
    if name == "bits_per_dim" and name in figures and figures.get("nll_nats"):
        error = error_of(figures, "nll_nats")
        return None if error is None else error * figures[name] / figures["nll_nats"]
    return figures.get(ERRORS.get(name, ""))

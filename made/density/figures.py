"""The figures by which a model is judged: their names in files, what they are called, their units.

Nothing here needs torch, so that whoever shows a figure can ask.
"""

from __future__ import annotations

from dataclasses import dataclass

from made.base.text import significant


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

    def said(self, value: float, split: str = "") -> str:
        """The figure within a line.

        >>> FIGURES["nll_nats"].said(88.924, "test"), FIGURES["kl_nats"].said(0.02277, "test")
        ('test NLL 88.92 nats / example', 'exact KL 0.02277 nats')
        """
        of = f"{split} " if split and self.is_of_split else ""
        return f"{of}{self.title} {significant(value)} {self.unit}".rstrip()


FIGURES: dict[str, Figure] = {
    "nll_nats": Figure("NLL", "nats / example", is_of_split=True),
    "bits_per_dim": Figure("NLL", "bits / dimension", is_of_split=True),
    "single_pass_nll_nats": Figure("NLL of single mask sets", "nats / example"),
    "reconstruction_nats": Figure(
        "reconstruction", "nats / example", "no likelihood", is_of_split=True
    ),
    "cross_entropy_nats": Figure("exact cross-entropy", "nats"),
    "kl_nats": Figure("exact KL", "nats"),
    "entropy_nats": Figure("entropy of the truth", "nats"),
    "validation_nll": Figure("best validation NLL", "nats / example"),
    "training_seconds": Figure("training", "s"),
    "num_examples": Figure("examples"),
    "num_mask_sets": Figure("mask sets"),
    "num_samples": Figure("samples"),
    "num_parameters": Figure("parameters"),
}

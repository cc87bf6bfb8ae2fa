"""Figures that others report for the same data and splits, and what bounds any figure at all."""

from __future__ import annotations

from dataclasses import dataclass

PAPER = "Germain et al. 2015"
MEASURED = "measured here"


@dataclass(frozen=True, kw_only=True)
class Published:
    """A figure in nats: test NLL, or exact KL where the truth is known.

    single: of one pass. mixture: of several mask sets or orderings together.
    """

    dataset: str
    model: str
    single: float | None = None
    mixture: float | None = None
    source: str = PAPER


def _uci(dataset: str, one: float, sampled: float) -> tuple[Published, Published]:
    return (
        Published(dataset=dataset, model="MADE", single=one),
        Published(dataset=dataset, model="MADE, masks sampled", mixture=sampled),
    )


PUBLISHED = (
    Published(dataset="binarized-mnist", model="MADE, 1 layer, 1 mask", single=88.40),
    Published(dataset="binarized-mnist", model="MADE, 2 layers, 32 masks", mixture=86.64),
    Published(dataset="binarized-mnist", model="NADE, fixed order", single=88.33),
    Published(dataset="binarized-mnist", model="EoNADE, 2 layers, 128 orderings", mixture=85.10),
    Published(dataset="binarized-mnist", model="DARN", single=84.13),
    Published(
        dataset="turing-joint",
        model="histogram of 80,000 samples, smoothed",
        single=0.0053,
        source=MEASURED,
    ),
    *_uci("adult", 13.12, 13.13),
    *_uci("connect4", 11.90, 11.90),
    *_uci("dna", 83.63, 79.66),
    *_uci("mushrooms", 9.68, 9.69),
    *_uci("nips", 280.25, 277.28),
    *_uci("ocr_letters", 28.34, 30.04),
    *_uci("web", 28.53, 28.25),
)

NOTES = {
    "turing-joint": "The entropy of the joint is 10.5198 nats: no honest NLL can lie below it."
}

"""Studies that are ready to be started from any set-up: one function and one registry line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from made.base.errors import MadeError
from made.base.registry import Registry
from made.model.encodings import ENCODINGS
from made.model.orderings import GIVEN, ORDERINGS
from made.setups.config import ExperimentConfig, field_options
from made.studies.study import SeedOf, Study, Vary

NUMBERS_OF_SAMPLES = (10_000, 100_000, 1_000_000)
NUMBERS_OF_MASK_SETS = (1, 2, 4, 8, 16, 32)

# From a set-up to the one that is varied, and what is varied in it.
Maker = Callable[[ExperimentConfig], tuple[ExperimentConfig, Vary]]


@dataclass(frozen=True)
class Ready:
    """title: "All encodings"; question: what such a study answers, in one line."""

    title: str
    question: str
    make: Maker

    def __call__(
        self, base: ExperimentConfig, seeds: Sequence[int] = (0,), seed_of: SeedOf = "both"
    ) -> Study:
        """The study of a set-up. Raises MadeError where it is none."""
        config, vary = self.make(base)
        room = 60 - len(self.title)
        title = f"{base.data.dataset[:room]} · {self.title[:1].lower()}{self.title[1:]}"
        return Study.make(title, config, vary, seeds, seed_of)


def encodings(base: ExperimentConfig) -> tuple[ExperimentConfig, Vary]:
    """Every encoding there is."""
    return base, {"encoding": tuple(ENCODINGS)}


def encodings_and_samples(base: ExperimentConfig) -> tuple[ExperimentConfig, Vary]:
    """Every encoding, with ten times as many samples again and again."""
    return base, {"encoding": tuple(ENCODINGS), "num_samples": NUMBERS_OF_SAMPLES}


def orderings(base: ExperimentConfig) -> tuple[ExperimentConfig, Vary]:
    """Every ordering that fits the data, and the given one where a permutation is given."""
    names = tuple(name for name in ORDERINGS if name != GIVEN or base.masks.permutation)
    return base, {"ordering": names}


def mask_sets(base: ExperimentConfig) -> tuple[ExperimentConfig, Vary]:
    """More and more mask sets, and all of them in the mixture that is evaluated.

    Random orderings where the set-up has those, else connectivities.
    """
    is_random = ORDERINGS[base.masks.ordering].is_random
    field = "num_orderings" if is_random else "num_connectivities"
    most = max(base.masks.ensemble_size, *NUMBERS_OF_MASK_SETS)
    return base.replace(ensemble_size=most), {field: NUMBERS_OF_MASK_SETS}


def degrees(base: ExperimentConfig) -> tuple[ExperimentConfig, Vary]:
    """Every way to draw hidden degrees; a range only where the set-up has bounds of its own."""
    default, bounds = ExperimentConfig().masks, base.masks
    has_bounds = (bounds.degree_low, bounds.degree_high) != (
        default.degree_low,
        default.degree_high,
    )
    ways = field_options("degrees") or ()
    return base, {"degrees": tuple(way for way in ways if way != "range" or has_bounds)}


READY: Registry[Ready] = Registry(
    "ready-made study",
    {
        "encodings": Ready(
            "All encodings", "Which input encoding learns these data best?", encodings
        ),
        "encodings-samples": Ready(
            "Encodings × number of samples",
            "Which encoding needs how many samples, and which one memorises them?",
            encodings_and_samples,
        ),
        "orderings": Ready(
            "All orderings", "Does another order of the variables predict better?", orderings
        ),
        "mask-sets": Ready(
            "1 … 32 mask sets", "What do more orderings or connectivities bring?", mask_sets
        ),
        "degrees": Ready("Hidden degrees", "Does it matter how hidden degrees are drawn?", degrees),
    },
)


def find(name: str) -> Ready:
    """A ready-made study. Raises MadeError for an unknown name."""
    if name not in READY:
        known = ", ".join(READY)
        raise MadeError(f"There is no ready-made study '{name[:60]}': choose one of {known}.")
    return READY[name]
